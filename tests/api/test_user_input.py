"""What people paste: a number or a name is read from it, or it is refused in one line."""

import pytest

from tvspiders.api.user_input import collection_id, tag_slug, thing_id, user_name


@pytest.mark.parametrize(
    "text",
    [
        "763622",
        " 763622\n",
        "thing:763622",
        "Thing:763622",
        "https://www.thingiverse.com/thing:763622",
        "http://www.thingiverse.com/thing:763622/",
        "www.thingiverse.com/thing:763622/files",
        "thingiverse.com/thing:763622#comments",
        "HTTPS://WWW.THINGIVERSE.COM/thing:763622?x=1",
        "https://api.thingiverse.com/things/763622/derivatives?page=2",
    ],
)
def test_a_thing_is_read_from_a_number_or_an_address(text):
    assert thing_id(text) == 763622


def test_the_largest_number_is_a_thing():
    assert thing_id(str(2**63 - 1)) == 2**63 - 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "１２",
        "1_000",
        "1.5",
        "²",
        str(2**63),
        "9" * 10_000,
        "../x",
        "a/b?c#d&e",
        "🐙",
        "thing:",
        "thing:abc",
        "make:763622",
        "https://www.thingiverse.com/make:763622",
        "https://example.org/thing:763622",
        "https://www.thingiverse.com.example.org/thing:763622",
        "ftp://www.thingiverse.com/thing:763622",
        "http://[/thing:763622",
        "https://www.thingiverse.com/thing:763622x",
        "https://www.thingiverse.com/x/thing:763622",
        "763622\n763623",
    ],
)
def test_anything_else_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match="is no thing") as caught:
        thing_id(text)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "given",
    [
        "16696069",
        "collection:16696069",
        "https://www.thingiverse.com/collection:16696069",
        "www.thingiverse.com/pia/collections/16696069/things?x=1",
    ],
)
def test_a_collection_is_read_from_what_people_paste(given):
    assert collection_id(given) == 16696069


@pytest.mark.parametrize(
    "given", ["", "0", "x", "https://example.org/collection:1", "/pia/collections/best-of"]
)
def test_what_is_no_collection_is_refused(given):
    with pytest.raises(ValueError, match="is no collection"):
        collection_id(given)


def test_a_tag_is_written_as_addresses_write_it():
    assert tag_slug(" Hot end! ") == "Hot_end"


@pytest.mark.parametrize(
    "given",
    [
        "hot_end",
        "tag:hot_end",
        "https://www.thingiverse.com/tag:hot_end",
        "thingiverse.com/tag:hot_end/page:2?x=1#top",
        "https://api.thingiverse.com/tags/hot_end/things",
        "https://www.thingiverse.com/tag:hot%20end",
    ],
)
def test_a_tag_is_read_from_what_people_paste(given):
    assert tag_slug(given) == "hot_end"


@pytest.mark.parametrize(
    "given",
    [
        "https://www.thingiverse.com/search?q=planter&type=things",
        "https://www.thingiverse.com/thing:763622",
        "https://www.thingiverse.com/tag:",
        "https://www.thingiverse.com/tag:a%2Fb",
        "https://example.org/tag:hot_end",
        "thing:763622",
        "a/b",
        "?!",
        "",
    ],
)
def test_what_is_no_tag_is_refused_and_not_cleaned(given):
    with pytest.raises(ValueError, match="a tag is accepted, such as planter, or its"):
        tag_slug(given)


@pytest.mark.parametrize(
    "given",
    [
        "MakerBot",
        "@MakerBot",
        "https://www.thingiverse.com/MakerBot/designs?page=2#top",
        "HTTPS://WWW.Thingiverse.com/MakerBot?x=1",
        "thingiverse.com/MakerBot",
        "https://api.thingiverse.com/users/MakerBot/things",
        "https://www.thingiverse.com/%4DakerBot",
    ],
)
def test_a_login_name_is_read_from_what_people_paste(given):
    assert user_name(given) == "MakerBot"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "https://www.thingiverse.com/",
        "https://www.thingiverse.com/thing:763622",
        "https://elsewhere.example/MakerBot",
        "https://api.thingiverse.com/users",
        "http://[/x",
        "a" * 256,
    ],
)
def test_what_is_no_login_name_is_refused(given):
    with pytest.raises(ValueError, match="a login name is accepted") as caught:
        user_name(given)
    assert len(str(caught.value)) < 160
