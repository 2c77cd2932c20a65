"""The chain of entries: what it holds together and what it finds."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.timeline import (
    FIRST_PREVIOUS,
    Entry,
    Stored,
    canonical_json,
    instant,
    microseconds,
    new_entry,
    read,
    text_digest,
    verify_chain,
)

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def stored(entry: Entry) -> Stored:
    assert entry.texts is not None
    return Stored(
        seq=entry.seq,
        canonical=entry.canonical(),
        hash=entry.hash(),
        at=entry.at,
        kind=entry.kind,
        actor=entry.actor,
        salt=entry.salt,
        text=canonical_json(entry.texts),
    )


def chain(length: int, code: str = "SC26-0001") -> list[Stored]:
    entries: list[Stored] = []
    previous = FIRST_PREVIOUS
    for seq in range(1, length + 1):
        entry = new_entry(
            code=code,
            seq=seq,
            at=START + timedelta(seconds=seq),
            actor="person:an",
            kind="note",
            data={"n": seq},
            texts={"note": f"ghi chú {seq}"},
            salt=f"{seq:032x}",
            previous=previous,
        )
        previous = entry.hash()
        entries.append(stored(entry))
    return entries


def test_a_chain_as_written_holds() -> None:
    """No entry is reported; neither is an empty chain."""
    assert verify_chain(chain(5), code="SC26-0001") is None
    assert verify_chain([], code="SC26-0001") is None


def test_a_sealed_entry_leaves_a_hole_that_verifies() -> None:
    """Removing the words keeps the chain whole."""
    entries = chain(3)
    entries[1] = replace(entries[1], text=None, salt=None)

    assert verify_chain(entries, code="SC26-0001") is None
    assert read(entries[1]).texts is None


def forged(entry: Stored) -> Stored:
    """An entry rewritten with a right hash of its own."""
    body = replace(read(entry), data={"n": 99}, stored_hash="")
    return replace(entry, canonical=body.canonical(), hash=body.hash())


@pytest.mark.parametrize(
    ("seq", "change", "why"),
    [
        (2, lambda e: replace(e, canonical=e.canonical.replace("note", "nota")), "edited"),
        (2, lambda e: replace(e, hash="0" * 64), "edited"),
        (2, lambda e: replace(e, actor="person:binh"), "columns"),
        (2, lambda e: replace(e, at=e.at + timedelta(seconds=1)), "columns"),
        (2, lambda e: replace(e, text='{"note":"khác"}'), "words"),
        (2, lambda e: replace(e, salt="00"), "words"),
    ],
)
def test_an_edited_entry_is_found(seq: int, change: object, why: str) -> None:
    """Bytes, hash, columns or words: the first wrong entry is named, with what is wrong."""
    entries = chain(4)
    entries[seq - 1] = change(entries[seq - 1])  # type: ignore[operator]

    found = verify_chain(entries, code="SC26-0001")

    assert found is not None
    assert found.seq == seq
    assert why in found.why


def test_an_entry_rewritten_with_its_own_hash_breaks_the_next_link() -> None:
    """Who forges one entry must forge all that follow."""
    entries = chain(4)
    entries[1] = forged(entries[1])

    found = verify_chain(entries, code="SC26-0001")

    assert found is not None
    assert found.seq == 3


@given(st.integers(2, 6), st.data())
def test_removing_inserting_and_reordering_are_found(length: int, data: st.DataObject) -> None:
    """Any chain that is not a beginning of the written one does not hold."""
    entries = chain(length)
    i, j = data.draw(st.integers(0, length - 1)), data.draw(st.integers(0, length - 1))
    swapped = list(entries)
    swapped[i], swapped[j] = swapped[j], swapped[i]
    removed = entries[:i] + entries[i + 1 :]

    assert (verify_chain(swapped, code="SC26-0001") is None) == (i == j)
    assert (verify_chain(removed, code="SC26-0001") is None) == (i == length - 1)
    assert verify_chain([*entries[: i + 1], *entries[i:]], code="SC26-0001") is not None


def test_an_entry_of_another_incident_is_found() -> None:
    """A chain belongs to its incident."""
    assert verify_chain(chain(2, code="SC26-0002"), code="SC26-0001") is not None


def test_equal_texts_have_one_canonical_form() -> None:
    """Order of keys and Unicode form make no difference; a float is refused."""
    one = canonical_json({"b": unicodedata.normalize("NFD", "sự cố"), "a": [1, True, None]})

    assert one == '{"a":[1,true,null],"b":"sự cố"}'
    with pytest.raises(TypeError, match="whole numbers"):
        canonical_json({"a": 1.5})
    with pytest.raises(TypeError, match="not text"):
        canonical_json({1: "a"})


def test_a_salt_has_a_fixed_length() -> None:
    """Otherwise salt and text could be shifted against each other."""
    with pytest.raises(ValueError, match="16 bytes"):
        text_digest("00", "x")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_an_instant_comes_back_to_the_microsecond(naive: datetime) -> None:
    """Whole microseconds, no floats."""
    at = naive.replace(tzinfo=UTC)

    assert instant(microseconds(at)) == at
