"""Spooled reports as bytes: compressed once, put together when they are sent, of two versions."""

from __future__ import annotations

import gzip
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import records
from agents.report import Event, Report, Sample, pack

REPORT = Report(
    agent="a-1",
    boot="boot-1",
    seq=7,
    oldest=0,
    state="",
    sent_at=0.0,
    samples=[Sample("node_load1", {"é": "ấ"}, 0.25, 1_700_000_000.125)],
    events=[Event("login_failed", 1.0, {"user": "x"}, "detail")],
)
MADE = {"made_at": 1_700_000_000.0, "made_uptime": 500.0}


def former(report: Report) -> bytes:
    """Return the record as agents before wrote it: gzip of the whole."""
    head = struct.pack("<B?QddI", 1, True, report.seq, *MADE.values(), records.boot_crc("boot-1"))
    return head + pack(report)


@pytest.mark.parametrize("record", [records.encode(REPORT, **MADE), former(REPORT)])
def test_record_becomes_a_body_with_what_is_known_only_then(record: bytes) -> None:
    """One gzip member that any reader takes; also out of a spool of the version before."""
    body = records.body(record, oldest=3, state="s1", sent_at=1_700_000_060.5)

    assert json.loads(gzip.decompress(body)) == {
        "oldest": 3,
        "state": "s1",
        "sent_at": 1_700_000_060.5,
        "v": 1,
        "agent": "a-1",
        "boot": "boot-1",
        "seq": 7,
        "samples": [["node_load1", {"é": "ấ"}, 0.25, 1_700_000_000.125]],
        "events": [
            {"kind": "login_failed", "at": 1.0, "labels": {"user": "x"}, "detail": "detail"}
        ],
        "sections": {},
    }
    assert records.read_report(record) == REPORT
    assert records.read_head(record).seq == 7
    assert records.read_head(record).has_events


@given(st.binary(max_size=200))
def test_record_of_nonsense_is_an_error_and_nothing_else(content: bytes) -> None:
    """Whatever a disk gives back, the spool can go on."""
    head = records.encode(REPORT, **MADE)[: struct.calcsize("<B?QddI")]
    with pytest.raises(ValueError, match=r"."):
        records.body(head + content, oldest=1, state="", sent_at=0.0)
    with pytest.raises(ValueError, match=r"."):
        records.read_head(b"\x09" + content)
