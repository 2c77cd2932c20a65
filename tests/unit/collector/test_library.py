"""The library of runbooks: what a reload changes, and what a class as a whole has."""

from __future__ import annotations

from collector.library import Library, load_library


def test_library_holds_what_another_held_after_a_reload() -> None:
    """Pages that were given the library once see the new runbooks."""
    shipped = load_library(None)
    running = Library()
    running.adopt(shipped)
    assert running.names == shipped.names
    running.adopt(Library())
    assert list(running) == []


def test_runbooks_of_a_class_are_those_without_a_rule() -> None:
    """An incident that a person opened has one too; a rule's own runbook is not for all."""
    shipped = load_library(None)
    assert [book.name for book in shipped.of_class("ma_doc")] == ["malware-suspected"]
    assert all(not book.rules for book in shipped.of_class("kt_qua_tai"))
