"""What is known of an API origin: the newest answer wins, and origins are kept apart."""

from __future__ import annotations

from tvspiders.storage.catalogue.answer_fields import note_api_names, read_api_names

HERE, THERE = "https://api.thingiverse.com", "http://127.0.0.1:8000"


def test_the_newest_answer_of_an_origin_wins(connection):
    note_api_names(connection, HERE, {"thing/copies": "copies", "user/copies": "copies"}, "2026-01-01T00:00")
    note_api_names(connection, HERE, {"thing/copies": "makes"}, "2026-01-02T00:00")
    note_api_names(connection, HERE, {"thing/copies": "copies"}, "2025-01-02T00:00")

    assert read_api_names(connection, HERE) == {"thing/copies": "makes", "user/copies": "copies"}


def test_origins_are_kept_apart(connection):
    note_api_names(connection, HERE, {"thing/copies": "copies"}, "2026-01-01T00:00")

    assert read_api_names(connection, THERE) == {}
