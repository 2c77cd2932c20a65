"""The catalogue of shared systems: what its file may say, and how each of them is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import Answer
from collector.catalogue.catalogue import Catalogue, Entry
from collector.catalogue.file import read_catalogue
from collector.service_state import (
    Check,
    Reading,
    ServiceState,
    Standing,
    check_target,
    standings,
)
from incidents.yaml_problems import InvalidDocument

GOOD, DEGRADED, DOWN = ServiceState.GOOD, ServiceState.DEGRADED, ServiceState.DOWN
NO_DATA = ServiceState.NO_DATA
TARGETS = {"vb-https", "vb-tcp", "csdl", "core-1"}
FILE = """
services:
  - name: csdl
    vi: Cơ sở dữ liệu dùng chung
    checked_by: [csdl]
  - name: van-ban
    vi: Văn bản điều hành
    en: Documents
    owner: Văn phòng Tỉnh ủy
    hours: T2-T6 07:00-17:00
    needs: [csdl, "target:core-1"]
    checked_by: [vb-https, vb-tcp]
    enough: 1
  - name: so-tay
    vi: Sổ tay đảng viên
    not_measured: {vi: chạy trên điện thoại của đảng viên, en: runs on members' phones}
"""


def test_a_whole_file_is_read() -> None:
    """In its order, with English falling back to Vietnamese and all checks needed by default."""
    found = read_catalogue(FILE, targets=TARGETS)
    assert list(found.by_name) == ["csdl", "van-ban", "so-tay"]
    documents, handbook = found.by_name["van-ban"], found.by_name["so-tay"]
    assert documents.needs == ("csdl", "target:core-1")
    assert (documents.enough, found.by_name["csdl"].enough) == (1, 1)
    assert len(documents.hours.ranges) == 5
    assert not handbook.is_measured
    assert handbook.en == "Sổ tay đảng viên"
    assert found.targets() == TARGETS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services:\n- {name: a}", "services.yaml:2: services[0].vi"),
        (
            "services:\n- {name: a, vi: A, checked_by: [x]}",
            "there is no target 'x' in targets.yaml",
        ),
        (
            "services:\n- {name: a, vi: A, needs: [b]}",
            "services.yaml:2: services[0].needs[0]: there is",
        ),
        ("services:\n- {name: a, vi: A, needs: ['target:b']}", "there is no service 'target:b'"),
        ("services:\n- {name: a, vi: A}", "needs `checked_by`, `needs`, or `not_measured`"),
        ("services:\n- {name: a, vi: A, checked_by: [csdl], hours: T9}", "services[0].hours"),
        ("services:\n- {name: a, vi: A, checked_by: [csdl], enough: 2}", "only 1 are listed"),
        ("services:\n- {name: a, vi: A, checked_by: [csdl], enough: 0}", "services[0].enough"),
        (
            "services:\n- {name: a, vi: A, checked_by: [csdl], not_measured: {vi: x}}",
            "what is measured has no reason not to be",
        ),
        (
            "services:\n- {name: a, vi: A, needs: [b]}\n- {name: b, vi: B, needs: [a]}",
            "goes in a circle: a → b → a",
        ),
        (
            "services:\n- {name: a, vi: A, checked_by: [csdl]}\n- {name: a, vi: B, needs: [a]}",
            "services.yaml:3: services[1].name: the same name is already in line 2",
        ),
        ("services: 5", "services"),
    ],
)
def test_mistakes_are_named_by_line_and_field(text: str, message: str) -> None:
    """And all of them are told at once."""
    with pytest.raises(InvalidDocument) as caught:
        read_catalogue(text, targets=TARGETS)
    assert message in "\n".join(str(problem) for problem in caught.value.problems)


def reading(
    answer: Answer, at: float = 1_000.0, probe: str = "http", spacing: float = 60
) -> Reading:
    return Reading(probe, answer, at, spacing)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer.RIGHT, GOOD),
        (Answer.BUSY, GOOD),
        (Answer.WRONG_CONTENT, DEGRADED),
        (Answer.DENIED, DEGRADED),
        (Answer.UNREGISTERED, DEGRADED),
        (Answer.OUT_OF_SERVICE, DOWN),
        (Answer.SILENT, DOWN),
        (Answer.REFUSED, DOWN),
        (Answer.GARBAGE, DOWN),
        (Answer.NO_HANDSHAKE, DOWN),
        (Answer.UNKNOWN, NO_DATA),
    ],
)
def test_an_answer_says_how_a_target_is(answer: Answer, state: ServiceState) -> None:
    """Every answer of the closed list means something here."""
    found = check_target("t", [reading(answer)], 1_030, is_down=False, is_critical=False)
    assert found.state is state


def test_the_worst_answer_of_now_counts() -> None:
    """The port is open, the page is not served."""
    known = [reading(Answer.RIGHT, probe="tcp"), reading(Answer.OUT_OF_SERVICE)]
    found = check_target("t", known, 1_010, is_down=False, is_critical=False)
    assert (found.state, found.probe, found.answer) == (DOWN, "http", "out_of_service")


@pytest.mark.parametrize(
    ("age", "spacing", "state"),
    [(180, 60, GOOD), (181, 60, NO_DATA), (60, 5, GOOD), (61, 5, NO_DATA), (300, 0, GOOD),
     (301, 0, NO_DATA)],
)  # fmt: skip
def test_an_old_answer_says_nothing(age: float, spacing: float, state: ServiceState) -> None:
    """It is never shown as green; when it came is."""
    known = [reading(Answer.RIGHT, 1_000, spacing=spacing)]
    found = check_target("t", known, 1_000 + age, is_down=False, is_critical=False)
    assert (found.state, found.at) == (state, 1_000)


def test_alerts_and_silence_of_the_target_count() -> None:
    """A critical alert: not good. Nobody there: down. Neither makes something out of no data."""
    known = [reading(Answer.RIGHT)]
    assert check_target("t", known, 1_000, is_down=False, is_critical=True).state is DEGRADED
    assert check_target("t", known, 1_000, is_down=True, is_critical=False).state is DOWN
    assert check_target("t", (), 1_000, is_down=False, is_critical=True).state is NO_DATA


def catalogue(*entries: Entry) -> Catalogue:
    return Catalogue({entry.name: entry for entry in entries})


def entry(name: str, *checked_by: str, needs: tuple[str, ...] = (), enough: int = 0) -> Entry:
    return Entry(
        name, name, name, needs=needs, checked_by=checked_by, enough=enough or len(checked_by)
    )


def found(
    given_: Catalogue, states: dict[str, ServiceState], *, is_open: bool = True
) -> dict[str, Standing]:
    checks = {name: Check(name, states.get(name, NO_DATA)) for name in given_.targets()}
    return {one.entry.name: one for one in standings(given_, checks, lambda _: is_open)}


@pytest.mark.parametrize(
    ("states", "enough", "expected"),
    [
        ([GOOD, GOOD], 2, GOOD),
        ([GOOD, DOWN], 2, DOWN),
        ([GOOD, DOWN], 1, DEGRADED),
        ([DOWN, DOWN], 1, DOWN),
        ([GOOD, DEGRADED], 2, DEGRADED),
        ([GOOD, NO_DATA], 2, NO_DATA),
        ([GOOD, NO_DATA], 1, DEGRADED),
        ([DOWN, NO_DATA], 1, NO_DATA),
        ([DOWN, NO_DATA], 2, DOWN),
        ([NO_DATA, NO_DATA], 1, NO_DATA),
    ],
)
def test_several_checks_say_one_thing(
    states: list[ServiceState], enough: int, expected: ServiceState
) -> None:
    """Down when too few can still work; good only when all of them are, and are known to be."""
    given_ = catalogue(entry("x", "a", "b", enough=enough))
    assert found(given_, dict(zip("ab", states, strict=True)))["x"].state is expected


def test_a_dependency_that_is_down_explains_it() -> None:
    """The deepest one: what itself is explained by another is no reason."""
    given_ = catalogue(
        entry("mail", "m", needs=("csdl", "target:core")),
        entry("csdl", "c", needs=("target:disk",)),
        entry("other", "o", needs=("csdl",)),
    )
    states = {"m": DOWN, "c": DOWN, "disk": DOWN, "core": GOOD, "o": GOOD}
    lines = found(given_, states)
    assert lines["mail"].because == ("target:disk",)
    assert lines["csdl"].because == ("target:disk",)
    assert (lines["other"].state, lines["other"].because) == (GOOD, ())
    assert found(given_, states | {"disk": GOOD})["mail"].because == ("csdl",)


def test_an_entry_without_checks_is_what_it_needs() -> None:
    """What cannot be measured says nothing of it."""
    unmeasured = Entry("phone", "p", "p", unmeasured_vi="x")
    given_ = catalogue(entry("kpi", needs=("phone", "csdl")), unmeasured, entry("csdl", "c"))
    for state in (GOOD, DEGRADED, DOWN, NO_DATA):
        assert found(given_, {"c": state})["kpi"].measured is state
    alone = catalogue(entry("kpi", needs=("phone",)), unmeasured)
    assert found(alone, {})["kpi"].state is NO_DATA


def test_hours_and_what_is_not_measured_are_neither_red_nor_green() -> None:
    """Outside its hours nobody misses it; what was found is kept beside."""
    given_ = catalogue(entry("x", "a"), Entry("phone", "p", "p", unmeasured_vi="x"))
    lines = found(given_, {"a": DOWN}, is_open=False)
    assert (lines["x"].state, lines["x"].measured) == (ServiceState.OUTSIDE_HOURS, DOWN)
    assert lines["phone"].state is ServiceState.NOT_MEASURED


STATES = st.sampled_from([GOOD, DEGRADED, DOWN, NO_DATA])


@given(st.lists(STATES, min_size=1, max_size=6), st.data())
def test_what_gets_worse_is_never_shown_better(
    states: list[ServiceState], data: st.DataObject
) -> None:
    """And without data nothing is good."""
    names = [f"t{number}" for number in range(len(states))]
    enough = data.draw(st.integers(1, len(states)))
    given_ = catalogue(entry("x", *names, enough=enough))
    before = found(given_, dict(zip(names, states, strict=True)))["x"].state
    worse = [DOWN if data.draw(st.booleans()) else state for state in states]
    after = found(given_, dict(zip(names, worse, strict=True)))["x"].state
    order = [GOOD, DEGRADED, NO_DATA, DOWN]
    assert order.index(after) >= order.index(before)
    if NO_DATA in states:
        assert before is not GOOD
