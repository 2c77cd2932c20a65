"""The part of a procedure file that says which evidence a severity requires, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from incidents.procedure_parts import Code, Marked, Names, Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from incidents.procedure_file import ProcedureFile
    from incidents.yaml_lines import Problem

    Path = tuple[str | int, ...]

# What a file can be by its bytes. `raw` is everything that is none of the others.
FileType = Literal["archive", "capture", "document", "events", "image", "pdf", "raw", "text"]


class EvidenceKind(Names):
    """A kind of evidence.

    Attributes:
        types: What its files may be by their bytes; empty: anything but raw.
        attached: The service itself attaches it; no person hands it in.
    """

    types: tuple[FileType, ...] = ()
    attached: bool = False


class RequiredEvidence(Names, Marked):
    """What must be in the file before an incident ends: one piece of any of `kinds`.

    Attributes:
        severities: For which; `natures` and `groups`: only of these, empty for all.
    """

    code: Code
    kinds: tuple[str, ...] = Field(min_length=1)
    severities: tuple[str, ...] = Field(min_length=1)
    natures: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Retention(Marked):
    """How long the content of an ended incident is kept, in years; its hashes stay for ever."""

    file_years: int = Field(ge=1, le=100)


class EvidenceRules(Part):
    """Kinds of evidence, what is required, and from which severities custody is."""

    kinds: dict[Code, EvidenceKind] = Field(default_factory=dict)
    custody: tuple[str, ...] = ()
    required: tuple[RequiredEvidence, ...] = ()


NO_EVIDENCE = EvidenceRules()
# What the law of a file's retention leaves open is five years: the proposal of the source.
DEFAULT_RETENTION = Retention(mark="proposed", file_years=5)


def check_evidence(
    known: Callable[[Path, str | None, Iterable[str]], Iterator[Problem]], file: ProcedureFile
) -> Iterator[Problem]:
    """Yield every name that is not defined; `known` compares one with what is allowed."""
    rules = file.evidence
    for j, severity in enumerate(rules.custody):
        yield from known(("evidence", "custody", j), severity, file.severities)
    for i, required in enumerate(rules.required):
        here: Path = ("evidence", "required", i)
        for field, given, allowed in (
            ("kinds", required.kinds, rules.kinds),
            ("severities", required.severities, file.severities),
            ("natures", required.natures, file.natures),
            ("groups", required.groups, file.groups),
        ):
            for j, code in enumerate(given):
                yield from known((*here, field, j), code, allowed)
