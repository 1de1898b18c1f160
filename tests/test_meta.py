"""One module owns the keys of request.meta."""

from __future__ import annotations

import re
from pathlib import Path

from scrapy import Request

import tvspiders
from tvspiders import meta

ROOT = Path(tvspiders.__file__).parent
KEYS = sorted(
    value for name, value in vars(meta).items() if isinstance(value, str) and re.fullmatch(r"tv_\w+", value)
)


def test_no_other_module_spells_a_key():
    spelled = re.compile(rf"""["'](?:{"|".join(KEYS)})["']""")

    found = [
        f"{path.relative_to(ROOT)}: {key}"
        for path in ROOT.rglob("*.py")
        if path.name != "meta.py" and "sandbox" not in path.parts
        for key in spelled.findall(path.read_text("utf-8"))
    ]

    assert "tv_answer" in KEYS
    assert found == []


def test_a_request_that_goes_back_says_how_and_carries_nothing_of_its_answer():
    request = Request("https://api/things/1", meta={meta.ID: 7, meta.ANSWER: object(), meta.LABEL: "token-1"})

    again = meta.retry_copy(request, "status-503", 4.0, attempt=True)

    assert again.meta == {meta.ID: 7, meta.RETRY: {"delay": 4.0, "attempt": True, "reason": "status-503"}}
    assert again.dont_filter
    assert meta.retry_note(request) is None


def test_what_a_request_does_not_carry_has_a_meaning_all_the_same():
    request = Request("https://api/things/1")

    assert (meta.request_id(request), meta.attempts(request), meta.depth(request)) == (None, 0, 0)
    assert (meta.answer(request), meta.extra_reason(request), meta.variant(request)) == (None, None, "")
