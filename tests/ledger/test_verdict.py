"""How a run ended: complete only when nothing is missing."""

import pytest

from tvspiders.close_reasons import CLOSE_REASONS, EXIT_CODES
from tvspiders.ledger.verdict import judge, unopened, unwritten
from tvspiders.storage.catalogue.unaccounted_rows import UnaccountedList, UnaccountedRows
from tvspiders.storage.queries.missing_subjects import MissingSubject
from tvspiders.storage.queries.round_notes import RoundNotes
from tvspiders.storage.queue.leases import STATES
from tvspiders.storage.queue.request_budget import Bill


def weigh(close_reason="finished", problem=None, spent=False, others=False, **counts):
    return judge(dict.fromkeys(STATES, 0) | counts, close_reason, problem, spent, others)


@pytest.mark.parametrize(
    ("said", "verdict", "code"),
    [
        ({"done": 5}, "complete", 0),
        ({"done": 5, "gone": 2}, "complete", 0),
        ({"done": 5, "parked": 1}, "partial", 3),
        ({"done": 5, "quarantined": 1}, "partial", 3),
        ({"done": 5, "queued": 1}, "interrupted", 4),
        ({"done": 5, "leased": 1}, "interrupted", 4),
        ({"done": 5, "queued": 1, "close_reason": "shutdown"}, "interrupted", 4),
        ({"done": 5, "close_reason": "shutdown"}, "interrupted", 4),
        ({"done": 5, "queued": 1, "spent": True, "close_reason": "max_requests"}, "paused", 0),
        ({"done": 5, "spent": True}, "complete", 0),
        ({"done": 5, "parked": 1, "spent": True}, "partial", 3),
        ({"done": 5, "queued": 3, "problem": "the disk is full"}, "failed", 1),
        ({"done": 5, "problem": "the disk is full"}, "failed", 1),
        ({"done": 5, "queued": 3, "spent": True, "problem": "the disk is full"}, "failed", 1),
        ({"done": 5, "close_reason": "closespider_timeout", "queued": 3}, "interrupted", 4),
    ],
)
def test_the_counts_and_the_reason_decide(said, verdict, code):
    ending = weigh(**said)

    assert (ending.verdict, ending.exit_code) == (verdict, code)


@pytest.mark.parametrize("left", [{"queued": 5}, {"leased": 3}, {"queued": 5, "leased": 3}])
def test_a_worker_that_leaves_others_at_work_does_not_call_it_complete(left):
    ending = weigh("closespider_timeout", others=True, done=9, **left)

    assert ending.verdict == "interrupted"
    assert "other workers go on" in ending.line


def test_a_worker_whose_own_requests_are_spent_pauses_while_others_go_on():
    assert weigh(spent=True, others=True, leased=3).verdict == "paused"


@pytest.mark.parametrize("reason", CLOSE_REASONS)
def test_a_close_reason_of_ours_is_a_failure_and_explained(reason):
    ending = weigh(reason, done=5, queued=5)

    assert ending.verdict == "failed"
    assert CLOSE_REASONS[reason] in ending.line


def test_a_crawl_that_does_not_close_never_exits_with_zero():
    for state in ("queued", "leased", "parked", "quarantined"):
        for others in (False, True):
            assert weigh(done=5, others=others, **{state: 1}).exit_code != 0


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"done": 1}, "complete: 1 request answered"),
        ({"done": 1200, "gone": 34}, "complete: 1,234 requests answered (34 gone or hidden)"),
        (
            {"done": 5, "parked": 1, "quarantined": 2},
            "partial: 1 parked, 2 quarantined; 5 requests answered; "
            "the same command tries them again; see: scrapy audit",
        ),
        (
            {"done": 5, "queued": 2000, "spent": True},
            "paused: max_requests is spent; 5 requests answered; "
            "2,000 requests queued; the same command goes on",
        ),
        (
            {"done": 5, "queued": 1, "close_reason": "shutdown"},
            "interrupted: stopped by a signal; 5 requests answered; "
            "1 request queued; the same command goes on",
        ),
    ],
)
def test_the_last_line_says_which_and_why(said, line):
    assert weigh(**said).line == line


def test_every_verdict_has_a_code_of_its_own_but_the_good_ones():
    codes = [code for code in EXIT_CODES.values() if code]

    assert len(codes) == len(set(codes))
    assert 2 not in codes  # a wrong command line


@pytest.mark.parametrize("counts", [{"done": 5, "queued": 3, "spent": True}, {"done": 5, "parked": 1}])
def test_a_crawl_that_chooses_anew_does_not_promise_to_go_on(counts):
    counts = dict(counts)
    spent = counts.pop("spent", False)

    ending = judge(dict.fromkeys(STATES, 0) | counts, "finished", None, spent, False, choosing=True)

    assert "the next run chooses again" in ending.line
    assert "the same command" not in ending.line


def test_a_second_try_in_vain_announces_a_new_round():
    ending = judge(dict.fromkeys(STATES, 0) | {"parked": 2}, "finished", None, False, False, idle=True)

    assert ending.verdict == "partial"
    assert "the same command begins a new round" in ending.line


@pytest.mark.parametrize(
    ("stopped", "verdict", "line"),
    [
        (False, "failed", "failed: database x.db is gone; look; this run stored 1 answer before that"),
        (
            True,
            "interrupted",
            "interrupted: stopped by a signal, and database x.db is gone; look; "
            "this run stored 1 answer before that",
        ),
    ],
)
def test_an_end_that_was_not_written_down_tells_no_figures_of_the_round(stopped, verdict, line):
    ending = unwritten("database x.db is gone; look", 1, stopped)

    assert (ending.verdict, ending.line, ending.counts) == (verdict, line, {})


def test_a_crawl_that_was_not_opened_has_no_figures():
    ending = unopened("database x.db is full")

    assert (ending.line, ending.counts) == ("failed: database x.db is full; nothing was asked", {})


def test_rows_in_doubt_are_partial_and_the_line_says_what_clears_them():
    counts = dict.fromkeys(STATES, 0) | {"done": 41}
    notes = RoundNotes(
        unaccounted=UnaccountedRows(lists=1, rows=30, looks=1), bill=Bill(asked={"second-look": 1})
    )

    ending = judge(counts, "finished", None, False, False, notes=notes)

    assert (ending.verdict, ending.exit_code, ending.over) == ("partial", 3, True)
    assert ending.line == (
        "partial: 30 rows of 1 list in doubt; 41 requests answered; the same command begins a new round; "
        "see: scrapy audit; 1 page looked at twice; 1 extra request: 1 second-look"
    )


def test_a_number_of_rows_that_is_a_lower_bound_is_called_at_least():
    counts = dict.fromkeys(STATES, 0) | {"done": 41}
    new = UnaccountedRows(lists=2, rows=30, lower_bounds=1)
    standing = UnaccountedRows(standing=1, standing_rows=7, standing_since="2026", standing_lower_bounds=1)

    lines = [
        judge(counts, "finished", None, False, False, notes=RoundNotes(unaccounted=found)).line
        for found in (new, standing)
    ]

    assert lines[0].startswith("partial: at least 30 rows of 2 lists in doubt; ")
    assert lines[1].endswith("; at least 7 rows of 1 list in doubt since 2026")


def test_a_standing_doubt_is_told_with_its_date_and_is_no_failure():
    counts = dict.fromkeys(STATES, 0) | {"done": 41}
    standing = UnaccountedRows(
        standing=1, standing_rows=30, standing_since="2026-11-02T10:00:00+00:00", not_served=4
    )

    ending = judge(counts, "finished", None, False, False, notes=RoundNotes(unaccounted=standing))

    assert ending.exit_code == 0
    assert ending.line == (
        "complete: 41 requests answered; 30 rows of 1 list in doubt since 2026-11-02; 4 places not served"
    )


def test_a_subject_asked_for_by_name_that_is_not_there_is_partial_and_the_line_says_what_is_accepted():
    notes = RoundNotes(missing=(MissingSubject("category", "dronez", False),))

    ending = judge(dict.fromkeys(STATES, 0) | {"gone": 1}, "finished", None, False, False, notes=notes)

    assert (ending.verdict, ending.exit_code, ending.over) == ("partial", 3, True)
    assert ending.reason.startswith(
        "the site shows no category 'dronez' (accepted: a slug of the tree that scrapy crawl"
    )
    assert "the same command begins a new round" in ending.line


def test_a_subject_that_is_known_to_be_missing_is_named_and_is_no_failure():
    notes = RoundNotes(missing=tuple(MissingSubject("thing", str(number), True) for number in range(5)))

    ending = judge(dict.fromkeys(STATES, 0) | {"gone": 5}, "finished", None, False, False, notes=notes)

    assert ending.exit_code == 0
    assert ending.line.endswith(
        "the site shows no thing '0', '1', '2' and 2 more (accepted: the number of a public thing)"
    )


def test_lists_that_cannot_be_read_are_named():
    named = tuple(
        UnaccountedList("user", f"u{number}", "copies", 3, None, False, True) for number in range(5)
    )
    notes = RoundNotes(unaccounted=UnaccountedRows(lists=1, rows=3, unreadable=5, unreadable_named=named))

    ending = judge(dict.fromkeys(STATES, 0) | {"done": 9}, "finished", None, False, False, notes=notes)

    assert ending.verdict == "partial"
    assert (
        "unreadable: copies of user u0, copies of user u1, copies of user u2 and 2 more lists" in ending.line
    )
