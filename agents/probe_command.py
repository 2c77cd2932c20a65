"""The command that runs one probe once and prints what it found."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from agents import probes
from agents.answer import Answer
from agents.check import SourceError
from agents.exit_codes import BAD, FINE
from agents.notes import Notes
from agents.probe import Probe, ask, typed
from agents.probe_checks import new_means
from agents.settings import SettingsError
from agents.words import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from types import SimpleNamespace

    from agents.check import Observation
    from agents.settings import Settings

# In a call is no fault.
GOOD = frozenset({Answer.RIGHT, Answer.BUSY})
TARGET = "it"


def run(
    settings: Settings,
    given: argparse.Namespace | SimpleNamespace,
    now: Callable[[], float],
    monotonic: Callable[[], float],
) -> int:
    """Ask once, as a plan would, within the networks that the settings allow.

    Raises:
        SettingsError: No such probe, a parameter that is not allowed, or an address that is not.
    """
    probe = find(given.probe)
    try:
        values = {"target": TARGET, "address": given.address}
        params = typed(probe.params, values | read_parameters(probe, given.parameters))
    except ValueError as error:
        raise SettingsError(f"probe {probe.name}: {error}") from None
    try:
        means = new_means(settings, Notes(None), now, monotonic)
        found = ask(probe, params, settings.probe_networks, means)
    except SourceError as error:
        print(f"wanwatch-agent: {error}", file=sys.stderr)
        return BAD
    codes = [Answer(int(one.value)) for one in found if one.name == "wanwatch_probe_answer_code"]
    if not codes:
        raise SettingsError(
            f"{given.address} lies outside of what this agent may ask. Add its network to "
            "'probe_networks' in agent.toml"
        )
    _show(codes[0], found, as_json=given.json)
    return FINE if codes[0] in GOOD else BAD


def find(name: str) -> Probe[Any]:
    """Return the probe of this name.

    Raises:
        SettingsError: There is none.
    """
    files = [info.name for info in pkgutil.iter_modules(probes.__path__)]
    modules = (importlib.import_module(f"agents.probes.{file}") for file in files)
    known = {module.PROBE.name: module.PROBE for module in modules if hasattr(module, "PROBE")}
    if name not in known:
        raise SettingsError(f"there is no probe {name!r}. Known are: {', '.join(known)}")
    found: Probe[Any] = known[name]
    return found


def read_parameters(probe: Probe[Any], texts: Sequence[str]) -> dict[str, Any]:
    """Return parameters given as NAME=VALUE, each of the type of its default.

    Raises:
        ValueError: One has no value, or not one of its type.
    """
    likes = {one.name: one.default for one in fields(probe.params)}
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"{text!r} is no parameter; write NAME=VALUE")
        like = likes.get(name, MISSING)
        if isinstance(like, bool):
            values[name] = {"true": True, "false": False}.get(value.lower(), value)
        elif isinstance(like, int | float):
            values[name] = _number(name, value, type(like))
        else:
            values[name] = value
    return values


def _number(name: str, text: str, kind: type[int | float]) -> int | float:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"parameter {name!r} is {text!r}; allowed is a number") from None


def _show(answer: Answer, found: Sequence[Observation], *, as_json: bool) -> None:
    if as_json:
        values = [one._asdict() for one in found]
        print(json.dumps({"answer": answer.name.lower(), "values": values}, ensure_ascii=False))
        return
    print(say(answer.name.lower().replace("_", " ")))
    for one in found:
        more = ",".join(f"{k}={v}" for k, v in one.labels.items() if k not in ("probe", "target"))
        print(f"  {one.name}{'{' + more + '}' if more else ''} {one.value:.12g}")
