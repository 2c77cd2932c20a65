"""How history is cut into turns, whose samples they are, and what may be asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.backtest.asking import instant_of, span_of
from collector.backtest.history import Recorded, stood_still, together
from collector.backtest.labels import Named, Owners, own_labels
from collector.rules.rule_text import cut

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
HOSTS = [
    Named("a-1", "U1", "may-1"),
    Named("a-2", "U2", "may-1"),
    Named("a-3", "U2", "may-3"),
]


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_what_comes_within_a_quarter_second_is_one_turn() -> None:
    """Counted from the first of a turn, so that a stream without pauses still has turns."""
    records = (Recorded(at(second), "a", b"") for second in (0, 0.1, 0.24, 0.25, 0.5, 3))
    assert [len(piece) for piece in together(records)] == [3, 1, 1, 1]


@pytest.mark.parametrize(
    ("gap", "signs", "expected"),
    [
        pytest.param(120, [], False, id="two minutes are none"),
        pytest.param(121, [], True, id="nothing came and nobody noticed"),
        pytest.param(600, [90], False, id="an alert says that somebody listened"),
        pytest.param(600, [-5, 700], True, id="alerts before and after say nothing"),
        pytest.param(600, [600], True, id="what was noticed with the next report"),
    ],
)
def test_a_gap_without_a_sign_is_a_standstill(
    gap: float, signs: list[float], *, expected: bool
) -> None:
    """Nobody is silent because the collector was not there."""
    assert stood_still(NOW, at(gap), [at(one) for one in signs]) is expected


@pytest.mark.parametrize(
    ("labels", "agent"),
    [
        pytest.param({"agent": "a-2", "host": "may-3"}, "a-2", id="the agent itself"),
        pytest.param({"agent": "gone", "unit": "U2", "host": "may-1"}, "a-2", id="unit and host"),
        pytest.param({"host": "may-3"}, "a-3", id="a name that one host has"),
        pytest.param({"host": "may-1"}, None, id="a name that two have"),
        pytest.param({"unit": "U1", "instance": "may-1:9100"}, "a-1", id="instance and unit"),
        pytest.param({"instance": "may-3:9100", "job": "node"}, "a-3", id="instance with a port"),
        pytest.param({"instance": "may-3"}, "a-3", id="instance without"),
        pytest.param({"instance": "U2/may-1", "unit": "U9"}, "a-2", id="who measured a target"),
        pytest.param({"instance": "U3/may-3", "host": "may-3"}, None, id="no host of that unit"),
        pytest.param({"job": "prometheus"}, None, id="nobody's"),
    ],
)
def test_a_series_belongs_to_the_host_that_its_labels_name(
    labels: dict[str, str], agent: str | None
) -> None:
    """The most certain label first; what two hosts may be is nobody's."""
    assert Owners(HOSTS).of(labels) == agent


@pytest.mark.parametrize(
    ("stored", "own"),
    [
        pytest.param(
            {"__name__": "up", "job": "x", "instance": "y:1", "exported_job": "b", "device": "a"},
            {"job": "b", "device": "a"},
            id="scraped",
        ),
        pytest.param(
            {"job": "node", "instance": "U1/may-1", "host": "may-1", "unit": "U1", "cpu": "0"},
            {"cpu": "0"},
            id="sent by a collector",
        ),
        pytest.param(
            {"job": "backup", "instance": "U1/may-1", "exported_unit": "nginx", "zone": "tinh"},
            {"job": "backup", "unit": "nginx"},
            id="with labels of its own",
        ),
        pytest.param(
            {"job": "probe", "instance": "U1/may-1", "unit": "U9", "target": "cau-truyen"},
            {"target": "cau-truyen"},
            id="of a target",
        ),
    ],
)
def test_labels_are_again_those_that_the_host_reported(
    stored: dict[str, str], own: dict[str, str]
) -> None:
    """What was added on the way goes, what was renamed has its name again."""
    assert own_labels(stored, ["zone"]) == own


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-11-25 08:00", datetime(2026, 11, 25, 1, 0, tzinfo=UTC)),
        ("2026-11-25T08:00+00:00", datetime(2026, 11, 25, 8, 0, tzinfo=UTC)),
    ],
)
def test_an_instant_is_said_as_people_say_it(text: str, expected: datetime) -> None:
    """How long ago, or a time of Viet Nam."""
    assert instant_of(text, NOW) == expected


@pytest.mark.parametrize(
    "work",
    [
        lambda: instant_of("yesterday", NOW),
        lambda: instant_of("2026-11-25", NOW),
        lambda: instant_of("99999999999d", NOW),
        lambda: span_of(NOW, NOW, NOW),
        lambda: span_of(NOW, at(60), NOW),
        lambda: span_of(NOW - timedelta(days=32), NOW, NOW),
    ],
)
def test_what_cannot_be_asked_for_is_refused(work: Any) -> None:
    """With words, before anything is read."""
    with pytest.raises(ValueError, match=r"is not an instant|the span"):
        work()


def test_a_span_ends_now_at_the_latest() -> None:
    """There is no history of what is to come."""
    assert span_of(at(-60), at(60), NOW).until == NOW


RULES = """\
# Disks.
rules:
  - name: One
    value: last(a)
    summary:
      vi: "x"

  # Why the second one is there.
  - name: Two
    value: last(b)
off: [Three]
"""


def test_one_rule_is_cut_out_of_its_file() -> None:
    """With its own lines alone, as a file that can be tried at once."""
    assert cut(RULES, "One") == (
        'rules:\n  - name: One\n    value: last(a)\n    summary:\n      vi: "x"\n'
    )
    assert cut(RULES, "Two") == "rules:\n  - name: Two\n    value: last(b)\n"
    assert cut(RULES, "Three") is None
