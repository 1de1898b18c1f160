"""Arguments: what is accepted, what is refused in one line, and that the documents say the same."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from tests.support.walking import SPIDERS
from tvspiders.errors import UsageProblem
from tvspiders.params import (
    CategoriesParams,
    RemixesParams,
    ThingsParams,
    UsersParams,
    asked_otherwise,
    explain,
)
from tvspiders.spiders.arguments import MODELS, help_text
from tvspiders.spiders.things import ThingsSpider


def refusal(model: type[BaseModel], **given: str) -> str:
    with pytest.raises(ValidationError) as caught:
        model(**given)
    line = explain(caught.value)
    assert "\n" not in line
    return line


def test_each_spider_has_its_model():
    assert set(MODELS) == set(SPIDERS)
    for name, spider in SPIDERS.items():
        assert spider.argument_model is MODELS[name]
        assert spider.__annotations__["args"] == MODELS[name].__name__


@pytest.mark.parametrize("spider", list(MODELS))
def test_the_help_names_each_argument_with_its_meaning(spider):
    text = help_text(spider, MODELS[spider])

    for name, field in MODELS[spider].model_fields.items():
        assert f"  {name}  (" in text
        assert field.description
        assert field.description in text


@pytest.mark.parametrize("spider", list(MODELS))
def test_the_examples_in_the_help_are_accepted(spider):
    needed = {
        "things": {"query": "x"},
        "users": {"username": "x"},
        "remixes": {"thing": "1"},
        "listings": {"kind": "newest"},
        "collections": {"collection": "1"},
        "tags": {"tag": "x"},
        "pages": {"thing": "1"},
    }.get(spider, {})
    for name, field in MODELS[spider].model_fields.items():
        for example in field.examples or ():
            if name != "file":
                MODELS[spider](**(needed | {name: str(example)}))


@pytest.mark.parametrize(
    ("given", "things"),
    [
        ("763622", [763622]),
        ("763622, thing:2,2", [763622, 2]),
        ("https://www.thingiverse.com/thing:3/files,http://thingiverse.com/thing:4?x=1", [3, 4]),
    ],
)
def test_roots_are_read_from_whatever_people_paste(given, things):
    assert RemixesParams(thing=given).thing == things


def test_roots_are_read_from_a_file_whose_name_does_not_matter(tmp_path):
    one, other = tmp_path / "one.txt", tmp_path / "other.txt"
    one.write_text("# roots\n763622 # the gear\n\nthing:5, 6\r\n")
    other.write_text("763622,5\n6")

    first, second = RemixesParams(file=str(one)), RemixesParams(file=str(other))

    assert first.thing == [763622, 5, 6]
    assert first.model_dump() == second.model_dump() == RemixesParams(thing="763622,5,6").model_dump()


@pytest.mark.parametrize(("content", "words"), [(b"", "names nothing"), (b"\xff\xfe", "not a text in UTF-8")])
def test_a_file_that_names_nothing_is_refused(tmp_path, content, words):
    file = tmp_path / "ids.txt"
    file.write_bytes(content)

    assert words in refusal(RemixesParams, file=str(file))


def test_a_missing_file_is_refused(tmp_path):
    assert "cannot be read: No such file" in refusal(UsersParams, file=str(tmp_path / "none.txt"))


@pytest.mark.parametrize(
    ("given", "direction"),
    [("children", "children"), ("parents", "parents"), ("both", "both"), ("parents,children", "both")],
)
def test_directions(given, direction):
    assert RemixesParams(thing="1", direction=given).direction == direction


@pytest.mark.parametrize(("given", "generations"), [("0", 0), ("2", 2), ("all", None), ("ALL", None)])
def test_depths(given, generations):
    assert RemixesParams(thing="1", depth=given).generations == generations


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (RemixesParams, {}, "give thing=... or file=..."),
        (RemixesParams, {"thing": ""}, "give thing=... or file=..."),
        (RemixesParams, {"thing": "abc"}, "'abc' is no thing"),
        (RemixesParams, {"thing": "1_000"}, "'1_000' is no thing"),
        (RemixesParams, {"thing": "７６３"}, "is no thing"),
        (RemixesParams, {"thing": "1", "depth": "-1"}, "whole number from 0, or all"),
        (RemixesParams, {"thing": "1", "depth": "２"}, "whole number from 0, or all"),
        (RemixesParams, {"thing": "1", "dept": "2"}, "unknown argument 'dept'"),
        (RemixesParams, {"thing": "1", "direction": "up"}, "'children', 'parents' or 'both'"),
        (UsersParams, {}, "give username=... or file=..."),
        (UsersParams, {"username": "a", "include": "things,makers"}, "argument include='makers'"),
        (UsersParams, {"username": "a", "max_requests": "１２"}, "whole number in digits"),
        (CategoriesParams, {"category": ""}, "argument category=''"),
        (CategoriesParams, {"category": "999"}, "no known category has the number 999"),
        (
            CategoriesParams,
            {"category": "art", "details": "false", "files": "true"},
            "files=true needs details",
        ),
        (ThingsParams, {}, "argument 'query' is missing"),
        (ThingsParams, {"query": "x", "beyond_window": "maybe"}, "argument beyond_window='maybe'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(model, given, words):
    assert words in refusal(model, **given)


def test_a_long_list_is_not_repeated_in_the_refusal():
    assert len(refusal(RemixesParams, thing=",".join(map(str, range(1, 5000))) + ",x")) < 300


def test_names_of_users_are_kept_once_whatever_their_case():
    given = "MakerBot, makerbot,@tbuser,https://www.thingiverse.com/Pia/designs"

    assert UsersParams(username=given).username == ["MakerBot", "tbuser", "Pia"]


def test_keys_that_scrapyd_adds_are_left_out():
    assert RemixesParams(thing="1", _job="1", _version="2").thing == [1]


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (ThingsParams, {"query": "x", "pages": "3", "files": "true"}),
        (CategoriesParams, {"category": "96,Math Art,all,slug:zzyzx,slug:kitchen", "subcategories": "true"}),
        (UsersParams, {"username": "MakerBot,tbuser", "include": "likes,things"}),
        (RemixesParams, {"thing": "1,thing:2", "depth": "all", "direction": "children,parents"}),
        (RemixesParams, {"thing": "1", "depth": "0"}),
    ],
)
def test_stored_arguments_are_read_to_the_same(model, given):
    first = model(**given)

    again = model(**first.model_dump(mode="json", exclude_none=True))

    assert again == first


@pytest.mark.parametrize(
    ("spider", "given", "said"),
    [
        ("tags", {"tag": "planter, hot end,c++"}, "tag=hot end is asked as hot_end; tag=c++ is asked as c"),
        (
            "tags",
            {"tag": "https://www.thingiverse.com/tag:hot_end"},
            "tag=https://www.thingiverse.com/tag:hot_end is asked as hot_end",
        ),
        ("categories", {"category": "96,robotics"}, "category=96 is asked as robotics"),
        ("users", {"username": "@anna"}, "username=@anna is asked as anna"),
        ("remixes", {"thing": "thing:7,8"}, "thing=thing:7 is asked as 7"),
        ("remixes", {"thing": "7,8", "depth": "all", "max_requests": "5"}, ""),
        ("categories", {"category": "slug:kitchen"}, ""),
        ("things", {"query": "a,b"}, ""),
    ],
)
def test_what_is_asked_in_place_of_what_was_typed_is_said(spider, given, said):
    assert asked_otherwise(MODELS[spider], given) == said


def test_of_many_differences_five_are_named():
    given = {"tag": ",".join(f"tag {number}" for number in range(9))}

    assert asked_otherwise(MODELS["tags"], given).endswith("tag=tag 4 is asked as tag_4; and 4 more")


def test_a_spider_has_its_arguments_read():
    spider = ThingsSpider(query="planters", pages="3", _job="7")

    assert spider.args == ThingsParams(query="planters", pages=3)


def test_a_spider_refuses_a_wrong_argument_in_one_line():
    with pytest.raises(UsageProblem, match="spider things: unknown argument 'qury'; accepted arguments: "):
        ThingsSpider(qury="planters")
