"""What a runbook holds: its front matter, its sections in both languages, its read-only checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["vi", "en"]
Section = Literal["meaning", "checks", "actions", "tell", "escalation"]
# Traffic Light Protocol 2.0, FIRST.
Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
SECTIONS: tuple[Section, ...] = get_args(Section)
LANGUAGE_HEADINGS: dict[Language, str] = {"vi": "Tiếng Việt", "en": "English"}
HEADINGS: dict[Language, dict[Section, str]] = {
    "vi": {
        "meaning": "Ý nghĩa",
        "checks": "Cần kiểm tra",
        "actions": "Việc cần làm",
        "tell": "Báo cho ai",
        "escalation": "Khi nào chuyển cấp",
    },
    "en": {
        "meaning": "What it means",
        "checks": "What to check",
        "actions": "What to do",
        "tell": "Who to tell",
        "escalation": "When to escalate",
    },
}

NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
CODE = r"^[a-z][a-z0-9_]*$"
METRIC = r"^[a-zA-Z_:][a-zA-Z0-9_:]*$"
RULE = r"^[A-Z][A-Za-z0-9]{2,79}$"


class Part(BaseModel):
    """A part of the front matter: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class HostValues(Part):
    """Look at the newest values of one metric on the alert's host."""

    kind: Literal["host_values"]
    metric: Annotated[str, Field(pattern=METRIC)]


class HostHour(Part):
    """Look at the last hour of one indicator on the alert's host."""

    kind: Literal["host_hour"]
    indicator: Annotated[str, Field(pattern=CODE)]


class HostAlerts(Part):
    """Look at what else fires on the alert's host."""

    kind: Literal["host_alerts"]


class UnitHosts(Part):
    """Look whether the other hosts of the same unit report."""

    kind: Literal["unit_hosts"]


class UnitIncidents(Part):
    """Look at the unit's earlier incidents."""

    kind: Literal["unit_incidents"]


class Ping(Part):
    """Ask from the collector whether the alert's target answers, and what lies on its way."""

    kind: Literal["ping"]


class Measure(Part):
    """Let the agent that measures the alert's target run one probe of it at once."""

    kind: Literal["measure"]
    probe: Annotated[str, Field(pattern=CODE)]


class Prober(Part):
    """Look whether the agent that measures the alert's target is heard itself."""

    kind: Literal["prober"]


class UnitValues(Part):
    """Look at the newest values of one metric of all that is measured in the alert's unit."""

    kind: Literal["unit_values"]
    metric: Annotated[str, Field(pattern=METRIC)]


# What a runbook may suggest to look at: the collector answers it, nothing is run on a host.
Check = Annotated[
    HostValues
    | HostHour
    | HostAlerts
    | UnitHosts
    | UnitIncidents
    | Ping
    | Measure
    | Prober
    | UnitValues,
    Field(discriminator="kind"),
]


class Title(Part):
    """The name of a runbook in both languages."""

    vi: Annotated[str, Field(min_length=1, max_length=120)]
    en: Annotated[str, Field(min_length=1, max_length=120)]


class FrontMatter(Part):
    """The YAML block at the top of a runbook.

    Attributes:
        rules: The rules that lead here; none for the runbook of a class alone.
        tell: Role codes of the procedure, the first to be told first.
        reviewed: When a person last read it and found it right.
    """

    name: Annotated[str, Field(pattern=NAME)]
    title: Title
    rules: list[Annotated[str, Field(pattern=RULE)]] = []
    class_: Annotated[str, Field(alias="class", pattern=CODE)]
    tlp: Tlp | None = None
    checks: list[Check] = []
    tell: Annotated[list[Annotated[str, Field(pattern=CODE)]], Field(min_length=1)]
    reviewed: date


@dataclass(frozen=True, slots=True)
class Runbook:
    """One runbook.

    Attributes:
        sections: Markdown by language and section.
        lines: Where each field of the front matter stands in the file, from 1.
    """

    name: str
    title: dict[Language, str]
    rules: tuple[str, ...]
    class_code: str
    tlp: Tlp | None
    checks: tuple[Check, ...]
    tell: tuple[str, ...]
    reviewed: date
    sections: dict[Language, dict[Section, str]]
    lines: dict[str, int]

    def line_of(self, name: str) -> int:
        """Return the line of a field of the front matter."""
        return self.lines.get(name, 1)
