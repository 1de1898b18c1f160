"""Spider arguments: what people type is taken, what they mistype is named in one line."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tvspiders.params import (
    CategoriesParams,
    CrawlParams,
    RefreshParams,
    RemixesParams,
    ThingsParams,
    UsersParams,
    explain,
)

MODELS = (ThingsParams, CategoriesParams, UsersParams, RemixesParams, RefreshParams)
NEEDED = {
    ThingsParams: {"query": "gear"},
    CategoriesParams: {},
    UsersParams: {"username": "amber"},
    RemixesParams: {"thing": "7"},
    RefreshParams: {},
}


def refused(model: type[CrawlParams], **given: str) -> str:
    """The one line that says what is wrong."""
    with pytest.raises(ValidationError) as raised:
        model(**NEEDED[model] | given)
    line = explain(raised.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("model", MODELS)
def test_the_least_that_is_needed_is_enough(model):
    params = model(**NEEDED[model])

    assert params.max_requests is None
    assert params.crawl is None


@pytest.mark.parametrize("model", MODELS)
def test_a_misspelt_argument_is_named(model):
    assert "unknown argument 'qeury'" in refused(model, qeury="gear")


@pytest.mark.parametrize("model", MODELS)
def test_what_scrapyd_adds_is_ignored(model):
    assert model(**NEEDED[model], _job="77", _version="r1") == model(**NEEDED[model])


@pytest.mark.parametrize("model", MODELS)
def test_every_argument_is_described(model):
    assert [name for name, field in model.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "given", ["0", "-1", "1_000", "７", "²", "1.5", "1e3", "", "x", " 5 ", "0x10", "True"]
)
def test_a_number_of_requests_is_plain_and_positive(model, given):
    assert "max_requests" in refused(model, max_requests=given)


@pytest.mark.parametrize(("given", "number"), [("1", 1), ("0250", 250), ("10000000", 10_000_000)])
def test_plain_numbers_are_taken(given, number):
    assert ThingsParams(query="gear", max_requests=given).max_requests == number


@pytest.mark.parametrize(
    ("given", "meant"),
    [("true", True), ("1", True), ("yes", True), ("false", False), ("0", False), ("no", False)],
)
def test_flags_are_taken_as_people_type_them(given, meant):
    assert ThingsParams(query="gear", details=given).details is meant


@pytest.mark.parametrize("given", ["", "maybe", "2", "ja"])
def test_what_is_no_flag_is_refused(given):
    assert "details" in refused(ThingsParams, details=given)


@pytest.mark.parametrize(
    "query", ["gothic architecture", "a/b?c#d&e", "чаша", "\U0001f600", "x" * 500, "../x"]
)
def test_any_words_are_a_query(query):
    assert ThingsParams(query=query).query == query


@pytest.mark.parametrize("query", ["", "x" * 501])
def test_no_words_and_too_many_are_no_query(query):
    assert "query" in refused(ThingsParams, query=query)


def test_a_query_is_needed():
    with pytest.raises(ValidationError) as raised:
        ThingsParams()

    assert explain(raised.value) == "argument 'query' is missing; only category_id=... works without it"


def test_a_category_needs_no_query():
    found = ThingsParams(category_id="0", sort="popular")

    assert (found.query, found.category_id, found.sort) == (None, 0, "popular")


@pytest.mark.parametrize("given", ["derivatives", "remixes"])
def test_the_guides_order_by_remixes_is_refused_with_what_there_is_instead(given):
    assert "scrapy report influence --order direct" in refused(ThingsParams, query="gear", sort=given)


def test_an_order_of_a_list_that_has_none_is_refused_with_what_there_is_instead():
    said = refused(CategoriesParams, category="robotics", sort="popular")

    assert "scrapy crawl things -a category_id=96 -a sort=popular" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sort": "newst"}, "sort='newst'"),
        ({"license": "gpl3"}, "license='gpl3'"),
        ({"pages": "0"}, "pages='0'"),
        ({"category_id": "-1"}, "category_id='-1'"),
        ({"crawl": ""}, "crawl=''"),
        ({"crawl": "x" * 101}, "crawl="),
    ],
)
def test_a_wrong_value_is_named_with_its_argument(given, said):
    assert said in refused(ThingsParams, **given)


def test_category_zero_is_a_category():
    assert ThingsParams(query="gear", category_id="0").category_id == 0


def test_several_mistakes_are_told_at_once():
    line = refused(ThingsParams, sort="x", pages="y", colour="z")

    assert all(name in line for name in ("sort", "pages", "colour"))


def test_what_hangs_off_a_thing_needs_its_own_page():
    assert "files=true needs details=true" in refused(ThingsParams, files="true", details="false")


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("763622", [763622]),
        ("thing:763622", [763622]),
        ("https://www.thingiverse.com/thing:763622", [763622]),
        ("763622, 2,thing:2", [763622, 2]),
    ],
)
def test_things_are_read_from_whatever_people_paste(given, numbers):
    assert RemixesParams(thing=given).thing == numbers


@pytest.mark.parametrize("given", ["", "0", "-5", "７", "1_000", "gear", "763622,x"])
def test_what_is_no_thing_is_refused(given):
    assert "thing" in refused(RemixesParams, thing=given)


@pytest.mark.parametrize(("given", "depth", "generations"), [("2", 2, 2), ("0", 0, 0), ("all", "all", None)])
def test_a_depth_is_a_number_or_all(given, depth, generations):
    params = RemixesParams(thing="7", depth=given)

    assert (params.depth, params.generations) == (depth, generations)


@pytest.mark.parametrize("given", ["-1", "some", "1.5", ""])
def test_another_depth_is_refused(given):
    assert "depth" in refused(RemixesParams, depth=given)


@pytest.mark.parametrize("given", ["both", "children,parents", "parents, children"])
def test_both_directions_are_both(given):
    assert RemixesParams(thing="7", direction=given).direction == "both"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("MakerBot", ["MakerBot"]),
        ("@MakerBot, amber", ["MakerBot", "amber"]),
        ("https://www.thingiverse.com/MakerBot/designs", ["MakerBot"]),
        ("Amber,amber", ["Amber"]),
    ],
)
def test_users_are_read_from_whatever_people_paste(given, names):
    assert UsersParams(username=given).username == names


def test_what_is_included_is_sorted_and_unique():
    params = UsersParams(username="amber", include="things,likes,things")

    assert params.include == ["likes", "things"]
    assert "include" in refused(UsersParams, include="things,friends")


def test_a_file_of_names_is_part_of_what_is_crawled_and_its_name_is_not(tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    for path in (first, second):
        path.write_text("# people\namber\nMakerBot, bear\n")

    one, two = (UsersParams(file=str(path)) for path in (first, second))

    assert one.username == ["amber", "MakerBot", "bear"]
    assert one.model_dump() == two.model_dump()


@pytest.mark.parametrize("content", [b"", b"# nobody\n"])
def test_a_file_that_names_nothing_is_refused(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content)

    assert "names nothing" in refused(UsersParams, file=str(path))


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "none.txt" in refused(RemixesParams, file=str(tmp_path / "none.txt"))


@pytest.mark.parametrize("given", ["2,thing:57", "2, https://www.thingiverse.com/thing:57 ,2"])
def test_a_watch_list_is_numbers_or_addresses(given):
    assert RefreshParams(watch=given).watch == [2, 57]


def test_a_watch_list_may_be_a_file(tmp_path):
    path = tmp_path / "watch.txt"
    path.write_text("2\n# a comment\nthing:57 # mine\n")

    params = RefreshParams(watch=str(path))

    assert params.watch == [2, 57]
    assert RefreshParams(**params.model_dump(exclude_none=True)) == params


@pytest.mark.parametrize(
    ("given", "said"),
    [("no-such-file.txt", "watch='no-such-file.txt' cannot be read"), ("", "watch='' names nothing")],
)
def test_a_watch_list_that_is_neither_is_refused(given, said):
    assert said in refused(RefreshParams, watch=given)


@pytest.mark.parametrize(
    ("given", "seconds"), [("90m", 5400), ("12h", 43_200), (" 7D ", 604_800), ("2w", 1_209_600)]
)
def test_an_age_is_a_number_with_a_unit(given, seconds):
    assert RefreshParams(older_than=given).older_than_seconds == seconds


@pytest.mark.parametrize("given", ["7", "d", "0d", "-1d", "1.5d", "7 d", "７d", "1y", "", "999999999d"])
def test_another_age_is_refused(given):
    assert "a number with m, h, d or w is accepted" in refused(RefreshParams, older_than=given)


@pytest.mark.parametrize("details", ["changed", "false"])
def test_remixes_without_an_end_have_no_last_generation_to_spare(details):
    assert "need a depth" in refused(RemixesParams, depth="all", details=details)
    assert RemixesParams(thing="7", depth="3", details=details).generations == 3
