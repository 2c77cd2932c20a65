"""The oracle: a running Alertmanager and `amtool` are told the same and must see the same."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.alerts_in import views, wire
from collector.alerts_in.matchers import OPERATORS, LabelMatcher
from collector.alerts_in.routes_file import OutsidePolicy
from collector.alerts_in.routing import Route, Words, alertmanager_config, taken
from collector.alerts_in.sources import Source
from tests.conftest import missing
from tests.integration.collector.world import World
from tests.outside_site import LiveClock, free_port, program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("alertname", "a", "b", "c")
VALUES = ("", "x", "y", "xy", "Đứt cáp", 'q"uote', "back\\slash", "1")
PATTERNS = ("x.*", "x|y", "", ".+", "[xy]", "(?i)X", "x?y*", "[0-9]+", "Đ.*")
# Never near now, nor near the end of a lease: the two are told one after the other.
OFFSETS = tuple(range(-630, 640, 140))
numbers = itertools.count(1)
begun = [0.0]


def now() -> datetime:
    return datetime.fromtimestamp(time.time_ns() / 1e9, UTC)


class Oracle:
    """A running Alertmanager, and our book beside it."""

    def __init__(self, folder: Path, address: str, world: World) -> None:
        self.file, self.world = folder / "alertmanager.yml", world
        self.client = httpx.Client(base_url=address, timeout=20)

    def route(self, root: Route) -> None:
        """Let both go by these routes."""
        self.file.write_text(alertmanager_config(root, "5m"))
        assert self.client.post("/-/reload").status_code == 200, self.file.read_text()
        self.world.book.policy = OutsidePolicy(root=root)

    def say(self, alerts: list[dict[str, Any]]) -> tuple[int, int]:
        """Tell both; return their answers' statuses."""
        answer = self.client.post("/api/v2/alerts", json=alerts)
        at = now()
        read = wire.read(wire.Form.API, json.dumps(alerts).encode(), at, lease=timedelta(minutes=5))
        self.world.book.tick(at)
        self.world.book.take(Source("prom"), read.alerts, at)
        return answer.status_code, 400 if read.errors else 200

    def theirs(self, path: str, example: str) -> list[dict[str, Any]]:
        answer = self.client.get(path, params={"filter": f'example="{example}"'})
        return [_plain(one) for one in answer.json()]

    def ours(self, example: str, *, grouped: bool) -> list[dict[str, Any]]:
        book, wanted = self.world.book, views.Wanted((LabelMatcher("example", "=", example),))
        shown = [
            views.Shown(
                one.alert.labels, one.alert.annotations, one.alert.starts_at, one.alert.ends_at,
                one.alert.updated_at,
            )
            for one in book if one.told is not None
        ]  # fmt: skip
        show = views.grouped if grouped else views.listed
        return [_plain(one) for one in show(shown, wanted, book.policy.root)]


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """Leave out what each says of its own, and the part of an instant that is the way there."""
    kept = {name: value for name, value in said.items() if name not in ("status", "updatedAt")}
    for name in ("startsAt", "endsAt"):
        if name in kept:
            seconds = datetime.fromisoformat(kept[name]).timestamp() - begun[0]
            kept[name] = (seconds + 5) // 20  # no instant here is near the edge of such a part
    if "alerts" in kept:
        kept["alerts"] = sorted(map(_plain, kept["alerts"]), key=lambda one: one["fingerprint"])
    if "receivers" in kept:
        kept["receivers"] = sorted({one["name"] for one in kept["receivers"]})
    return kept


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    command = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if command is None or shutil.which("amtool") is None:
        missing("alertmanager is not installed")
    folder = tmp_path_factory.mktemp("oracle")
    (folder / "alertmanager.yml").write_text(alertmanager_config(Route("root"), "5m"))
    address = f"127.0.0.1:{free_port()}"
    world = World(folder, LiveClock())
    with program(
        command, f"--config.file={folder}/alertmanager.yml", f"--web.listen-address={address}",
        f"--storage.path={folder}/am", "--cluster.listen-address=", "--log.level=error",
        ready=f"http://{address}/-/ready",
    ):  # fmt: skip
        yield Oracle(folder, f"http://{address}", world)
    world.database.close()


@st.composite
def matchers(draw: st.DrawFn) -> LabelMatcher:
    operator = draw(st.sampled_from(OPERATORS))
    value = draw(st.sampled_from(PATTERNS if operator.endswith("~") else VALUES))
    return LabelMatcher(draw(st.sampled_from(NAMES)), operator, value)


GROUP_BY = st.sampled_from([None, ("a",), ("a", "b"), ("alertname", "c"), ("...",)])


@st.composite
def routes(draw: st.DrawFn, depth: int = 0) -> Route:
    """A tree; every route has a name of its own."""
    more = st.lists(routes(depth=depth + 1), max_size=3) if depth < 3 else st.just([])
    own = draw(st.lists(matchers(), min_size=1, max_size=2)) if depth else []
    return Route(
        name=f"route {draw(st.uuids())}",
        matchers=tuple(own),
        words=Words(group_by=draw(GROUP_BY)),
        is_continued=draw(st.booleans()) if depth else False,
        routes=tuple(draw(more)),
    )


label_sets = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=4)


@st.composite
def said(draw: st.DrawFn) -> dict[str, Any]:
    """An alert as somebody may say it, times and all; a few are none."""
    at = now()

    def offset() -> str | None:
        seconds = draw(st.none() | st.sampled_from(OFFSETS))
        return None if seconds is None else (at + timedelta(seconds=seconds)).isoformat()

    times = {name: offset() for name in ("startsAt", "endsAt")}
    annotations = draw(st.dictionaries(st.just("summary"), st.sampled_from(VALUES)))
    given = {name: value for name, value in times.items() if value is not None}
    if draw(st.integers(0, 9)) == 0:
        given["endsAt"] = "0001-01-01T00:00:00.000Z"
    return {"labels": draw(label_sets), "annotations": annotations, **given}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(root=routes(), batches=st.lists(st.lists(said(), max_size=6), min_size=1, max_size=4))
def test_same_routes_groups_and_merges(
    oracle: Oracle, root: Route, batches: list[list[dict[str, Any]]]
) -> None:
    """Whatever is said in whatever order, by whatever routes: what is seen is the same."""
    example, begun[0] = str(next(numbers)), now().timestamp()
    oracle.route(root)
    for batch in batches:
        told = [{**one, "labels": {**one["labels"], "example": example}} for one in batch]
        theirs, ours = oracle.say(told)
        assert theirs == ours, told

    assert oracle.ours(example, grouped=False) == sorted(
        oracle.theirs("/api/v2/alerts", example), key=lambda one: one["fingerprint"]
    )
    expected, until = _sorted(oracle.ours(example, grouped=True)), time.monotonic() + 10
    while (seen := _sorted(oracle.theirs("/api/v2/alerts/groups", example))) != expected:
        assert time.monotonic() < until, (seen, expected)  # its dispatcher works by itself


def _sorted(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(groups, key=lambda one: json.dumps(one, sort_keys=True))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(root=routes(), labels=label_sets)
def test_same_routes_as_amtool(oracle: Oracle, root: Route, labels: dict[str, str]) -> None:
    """`amtool config routes test` names the routes that an alert takes here."""
    labels = {name: value for name, value in labels.items() if value.isalnum()}
    file = oracle.file.with_name("routes.yml")
    file.write_text(alertmanager_config(root, "5m"))
    command = ["amtool", "config", "routes", "test", f"--config.file={file}"]
    done = subprocess.run(
        [*command, *(f"{name}={value}" for name, value in labels.items())],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.strip() == ",".join(one.route.name for one in taken(root, labels))


@pytest.mark.parametrize(
    "body",
    [
        [], {}, [{}], [{"labels": {}}], [{"labels": {"a": ""}}], "x", [1], None,
        [{"labels": {"a": "b"}, "startsAt": "yesterday"}],
        [{"labels": {"a": "b"}, "startsAt": "2026-01-02T00:00:00Z",
          "endsAt": "2026-01-01T00:00:00Z"}],
        [{"labels": {"a": "b"}, "startsAt": "0001-01-01T00:00:00Z"}],
        [{"labels": {"a": 1}}],
    ],
)  # fmt: skip
def test_same_answers(oracle: Oracle, body: Any) -> None:
    """What is refused there is refused here."""
    theirs = oracle.client.post("/api/v2/alerts", json=body).status_code
    try:
        read = wire.read(
            wire.Form.API, json.dumps(body).encode(), now(), lease=timedelta(minutes=5)
        )
        ours = 400 if read.errors else 200
    except wire.BadBody:
        ours = 400
    assert ours == (400 if theirs == 422 else theirs)
