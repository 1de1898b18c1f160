import pytest

from tvspiders.sandbox.api import answers
from tvspiders.sandbox.catalogue.lifecycle import State


def of_state(api, *states):
    return next(t for t in range(1, 20_001) if api.catalogue.state(t, 0) in states)


def test_a_deleted_thing_does_not_exist(api):
    thing = of_state(api, State.DELETED)

    answer = api.answer(f"/things/{thing}")

    assert (answer.status, answer.body) == (404, f'{{"error":"Thing {thing} does not exist"}}'.encode())
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("state", [State.UNPUBLISHED, State.PRIVATE, State.MODERATED])
@pytest.mark.parametrize("below", ["", "/derivatives", "/copies", "/files", "/categories"])
def test_a_hidden_thing_says_why(api, state, below):
    answer = api.answer(f"/things/{of_state(api, state)}{below}")

    assert answer.status == 403
    assert answer.body == f'{{"error":"{state.value}"}}'.encode()


def test_the_three_messages_are_the_recorded_ones():
    assert {state.value for state in State if state.hidden} == {
        "Thing has not been published",
        "Thing is private",
        "Thing is under moderation",
    }


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/things/99999999", b'{"error":"Thing 99999999 does not exist"}'),
        ("/things/0", b'{"error":"Thing 0 does not exist"}'),
        ("/things/abc", b'{"error":"Not Found"}'),
        ("/things/%D9%A3", b'{"error":"Not Found"}'),
        ("/users/nobody", b'{"error":""}'),
        ("/users/nobody/things", b'{"error":""}'),
        ("/collections/99999999", b'{"error":"Collection 99999999 does not exist"}'),
        ("/collections/99999999/things", b'{"error":"Collection 99999999 does not exist"}'),
        ("/categories/Tools%20and%20more", b'{"error":"Not Found"}'),
        ("/categories/nope/things", b'{"error":"Not Found"}'),
        ("/things/1/parts", b'{"error":"Not Found"}'),
        ("/things/1/remixes", b'{"error":"Not Found"}'),
        ("/users/MakerBot/makes", b'{"error":"Not Found"}'),
        ("/graphql", b'{"error":"Not Found"}'),
        ("/", b'{"error":"Not Found"}'),
    ],
)
def test_what_is_not_there_is_told_as_recorded(api, target, body):
    answer = api.answer(target)

    assert (answer.status, answer.body) == (404, body)


def test_a_deleted_account_is_the_empty_404(api):
    gone = next(user for user in range(9999) if api.catalogue.people.gone(user))

    answer = api.answer(f"/users/{api.catalogue.people.name(gone)}")

    assert (answer.status, answer.body) == (404, b'{"error":""}')


def test_the_limiter_s_text_has_113_bytes():
    answer = answers.limited(429)

    assert len(answer.body) == 113
    assert answer.body.startswith(b"You can only send 300 requests per 5 minutes. Please check https://")
    assert answer.content_type.startswith("text/plain")


def test_no_token_and_a_bad_token_differ():
    none, bad = answers.no_token(), answers.bad_token()

    assert none.status == bad.status == 401
    assert none.body == (
        b'{"error":"Unauthorized access. No authentication was provided.",'
        b'"code":401,"type":"NO_TOKEN_PROVIDED"}'
    )
    assert bad.body == b'{"error":"Unauthorized"}'
    assert none.headers["WWW-Authenticate"] == "Bearer V1"


def test_things_are_kept_half_an_hour_and_lists_an_hour(api):
    assert api.answer("/things/2").headers["Cache-Control"] == "max-age=1800"
    assert api.answer("/users/MakerBot").headers["Cache-Control"] == "max-age=3600"
    assert api.answer("/collections/17").headers["Cache-Control"] in (
        "max-age=1800",
        answers.NO_STORE["Cache-Control"],
    )
