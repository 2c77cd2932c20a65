"""`probes:` of a target in `targets.yaml` → what an agent is asked to run, checked by the probe."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.planned import known_probes
from agents.probe import typed
from agents.probe_plan import LEAST_SECONDS, MOST_SECONDS, Ask
from collector.rules.expression import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.probe import Probe


def _every(text: str) -> str:
    seconds = parse_duration(text)
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise ValueError(f"it must be from {LEAST_SECONDS:g}s to {MOST_SECONDS / 3600:g}h")
    return text


class ProbePart(BaseModel):
    """One probe: its name, how often, and its own parameters beside them."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    probe: Annotated[str, Field(min_length=1)]
    every: Annotated[str, AfterValidator(_every)] | None = None

    @property
    def params(self) -> dict[str, Any]:
        """Return what stands beside `probe` and `every`."""
        return dict(self.__pydantic_extra__ or {})


@cache
def probes() -> dict[str, Probe[Any]]:
    """Return the probes that agents have."""
    return known_probes()


def asks_of(parts: Sequence[ProbePart], target: str, address: str) -> tuple[Ask, ...]:
    """Return what an agent is asked; parts with a mistake are left out."""
    return tuple(
        Ask(part.probe, _seconds(part), {"target": target, "address": address, **part.params})
        for part in parts
        if part.probe in probes()
    )


def _seconds(part: ProbePart) -> float:
    if part.every is None:
        return probes()[part.probe].every_seconds
    return float(parse_duration(part.every))


def mistakes(
    parts: Sequence[ProbePart], target: str, address: str
) -> Iterator[tuple[int, str, str]]:
    """Yield number, field and reason of each part that no agent could run."""
    seen: set[str] = set()
    for number, part in enumerate(parts):
        probe = probes().get(part.probe)
        if probe is None:
            yield number, "probe", f"there is no probe {part.probe!r}; known: {_names()}"
            continue
        if part.probe in seen:
            yield (
                number,
                "probe",
                f"{part.probe} is asked twice of one target; give the second a target of its own",
            )
        seen.add(part.probe)
        taken = {"target", "address"} & part.params.keys()
        try:
            if taken:
                raise ValueError(f"{min(taken)!r} is the target's own; leave it out here")
            typed(probe.params, {"target": target, "address": address, **part.params})
        except ValueError as error:
            yield number, "probe", str(error)


def _names() -> str:
    return ", ".join(sorted(probes()))
