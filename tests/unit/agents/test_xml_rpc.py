"""XML-RPC: what is asked is what was meant, and whatever comes back, reading it ends."""

from __future__ import annotations

import contextlib
import math
import xmlrpc.client
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.device_text import NotReadable
from agents.probes import codian_state
from agents.report import MAX_LABEL_CHARACTERS
from agents.xml_rpc import Fault, question, read_answer

OF = {"target": "it"}
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)
SIMPLE = st.integers(-(2**31), 2**31 - 1) | st.booleans() | TEXT
VALUES = st.recursive(
    SIMPLE | st.floats(-1e6, 1e6).map(lambda one: round(one, 3)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT.map(str.strip), inner, max_size=4)
    ),
    max_leaves=20,
)
OF_STRUCTS = """
callState connectTime participantName currentState videoRxLost videoRxReceived audioRxReceived
audioRxLost audioTxReportedLost audioTxSent videoTxReportedLost videoTxSent audioRxMuted
videoRxMuted cpuLoad mediaLoad audioLoad videoLoad fanStatus temperatureStatus voltagesStatus
rtcBatteryStatus model restartTime currentTime totalVideoPorts
"""
SAID = st.sampled_from(
    [
        "ok",
        "outOfSpec",
        "critical",
        "connected",
        "dormant",
        "20261126T08:10:00",
        "20269926T99:10:00",
    ]
)
STRUCTS = st.recursive(
    SAID | SIMPLE | st.floats(allow_nan=False) | st.integers(0, 2**62),
    lambda inner: st.dictionaries(st.sampled_from(OF_STRUCTS.split()), inner, max_size=12),
    max_leaves=30,
).filter(lambda one: isinstance(one, dict))
OF_XML = """
methodResponse params param value struct member name array data fault int i4 string double boolean
base64 dateTime.iso8601 nil
"""
TAGS = st.sampled_from(OF_XML.split())


def answer(value: str) -> bytes:
    """Return an answer around a value."""
    whole = f"<methodResponse><params><param>{value}</param></params></methodResponse>"
    return whole.encode()


@st.composite
def documents(draw: st.DrawFn, depth: int = 5) -> str:
    """Draw XML of the names that XML-RPC has, in any order."""
    tag = draw(TAGS)
    if depth == 0 or draw(st.booleans()):
        return f"<{tag}>{escape(draw(TEXT | st.just('7')))}</{tag}>"
    return f"<{tag}>{''.join(draw(st.lists(documents(depth - 1), max_size=3)))}</{tag}>"


@given(st.dictionaries(TEXT, TEXT | st.booleans() | st.lists(TEXT, max_size=3), max_size=5), TEXT)
def test_a_question_is_read_as_it_was_meant(values: dict[str, Any], method: str) -> None:
    """By the reader of the standard library."""
    (came,), called = xmlrpc.client.loads(question(method, values))
    assert (came, called or "") == (values, method)


@given(VALUES)
def test_an_answer_is_read_as_it_was_meant(value: Any) -> None:
    """As the writer of the standard library writes it."""
    body = xmlrpc.client.dumps((value,), methodresponse=True).encode()
    assert read_answer(body) == value


@given(st.integers(-(2**31), 2**31 - 1), TEXT)
def test_a_fault_has_its_number(code: int, text: str) -> None:
    """What it says beside it is not kept."""
    body = xmlrpc.client.dumps(xmlrpc.client.Fault(code, text)).encode()
    with pytest.raises(Fault) as told:
        read_answer(body)
    assert (told.value.code, str(told.value)) == (code, str(code))


@given(
    st.binary(max_size=300)
    | documents().map(str.encode)
    | documents().map(lambda one: answer(f"<value>{one}</value>"))
    | documents().map(lambda one: f"<methodResponse><fault>{one}</fault></methodResponse>".encode())
)
def test_any_bytes_are_an_answer_a_fault_or_not_readable(data: bytes) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(Fault, NotReadable):
        read_answer(data)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("<value>bare</value>", "bare"),
        ("<value/>", ""),
        ("<value><string/></value>", ""),
        ("<value><i4> 7 </i4></value>", 7),
        ("<value><dateTime.iso8601>20261126T08:10</dateTime.iso8601></value>", "20261126T08:10"),
        ("<value><array><data/></array></value>", []),
        ("<value><struct/></value>", {}),
    ],
)  # fmt: skip
def test_each_type_is_read(written: str, value: Any) -> None:
    """Also a text without its type, and nothing at all."""
    assert read_answer(answer(written)) == value


@pytest.mark.parametrize(
    "written",
    [
        "",
        "<value>1</value><value>2</value>",
        "<value><int>1</int><int>2</int></value>",
        "<value><int></int></value>",
        "<value><int>1_000</int></value>",
        "<value><int>٣</int></value>",
        "<value><int>" + "9" * 5_000 + "</int></value>",
        "<value><int><int>1</int></int></value>",
        "<value><boolean>true</boolean></value>",
        "<value><double>nan</double></value>",
        "<value><double>1e999</double></value>",
        "<value><nil/></value>",
        "<value><array/></value>",
        "<value><array><data><int>1</int></data></array></value>",
        "<value><struct><member><name>a</name></member></struct></value>",
        "<value><struct><name>a</name></struct></value>",
        "<value><array><data>" * 12 + "</data></array></value>" * 12,
        "<value><array><data>" + "<value/>" * 20_000 + "</data></array></value>",
    ],
)
def test_what_is_not_of_it_is_not_readable(written: str) -> None:
    """No types beside those that it has, no numbers without end, no depth, no size."""
    with pytest.raises(NotReadable):
        read_answer(answer(written))


@pytest.mark.parametrize("text", ["\0", "a\x1b", "\ufffe", "\ud800"])
def test_what_xml_cannot_carry_is_not_sent(text: str) -> None:
    """And is not in the reason."""
    with pytest.raises(ValueError, match=r"^a text has a character that XML cannot carry$"):
        question("device.query", {"authenticationPassword": f"secret{text}"})


@given(STRUCTS, STRUCTS, st.lists(STRUCTS, max_size=4), st.lists(STRUCTS, max_size=4))
def test_any_answer_of_a_bridge_is_told(
    device: dict[str, Any], health: dict[str, Any], first: list[Any], then: list[Any]
) -> None:
    """Finite, each once, within its number of series, and a share between 0 and 1."""
    before = {one.key: one.counted for one in codian_state.read_participants(first)}
    found = [
        *codian_state.read_device(OF, device),
        *codian_state.read_health(OF, health),
        *codian_state.told_of(OF, codian_state.read_participants(then), before),
    ]
    series = {(one.name, tuple(sorted(one.labels.items()))) for one in found}
    assert len(series) == len(found) < codian_state.MOST_SERIES
    assert {one.name for one in found} <= set(codian_state.METRICS)
    for one in found:
        assert math.isfinite(one.value)
        assert not one.name.endswith("_ratio") or 0 <= one.value <= 1
        assert all(len(label) <= MAX_LABEL_CHARACTERS for label in one.labels.values())
