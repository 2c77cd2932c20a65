"""What stands around every report, as a province writes it down: `reports.yaml`, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from incidents.conditions import Refused
from incidents.policy_parts import Line
from incidents.reports.document import Layout
from incidents.reports.document import Signer as PrintedSigner
from incidents.reports.kind import Letterhead
from incidents.yaml_lines import load, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "reports.yaml"
MOST_LETTERS = 400
# How somebody signs for another: `T/L` in documents of the Party, `TL.` in those of the State.
_OF_THE_OTHER = {"party": ("TL.", "TM.", "KT."), "state": ("T/L", "T/M", "K/T")}
Text = Annotated[Line, Field(max_length=MOST_LETTERS)]
Given = Annotated[Line, Field(min_length=1, max_length=MOST_LETTERS)]


class Signer(BaseModel):
    """Who signs, as it is printed; a name only where one person always does."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: Given
    authority: Text = ""
    name: Text = ""


class Signers(BaseModel):
    """Who signs what stays inside, and what leaves."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    inside: Signer
    outside: Signer


class Head(BaseModel):
    """The head and foot of one layout."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    superior: Given
    issuer: Given
    place: Given
    symbols: dict[str, Given] = {}
    recipients: tuple[Given, ...] = ()
    signers: Signers


class LetterheadsFile(BaseModel):
    """A whole `reports.yaml`.

    Attributes:
        usual: The layout that a report gets unless somebody chooses the other.
        standing: What a field says in every report, by its code: the organisation, the system.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    usual: Layout = "party"
    party: Head | None = None
    state: Head | None = None
    standing: dict[str, Given] = {}

    @model_validator(mode="after")
    def _usual_is_given(self) -> LetterheadsFile:
        if (self.party or self.state) and getattr(self, self.usual) is None:
            raise ValueError(f"usual: {self.usual} is not described in this file")
        return self

    @model_validator(mode="after")
    def _layouts_are_not_mixed(self) -> LetterheadsFile:
        for layout, others in _OF_THE_OTHER.items():
            head: Head | None = getattr(self, layout)
            for signer in () if head is None else (head.signers.inside, head.signers.outside):
                if signer.authority.startswith(others):
                    written = " / ".join(others)
                    raise ValueError(
                        f"{layout}: {signer.authority!r} is written as in the other layout "
                        f"({written})"
                    )
        return self


class Letterheads:
    """The letterheads of an organisation; without a file every line of them is dots."""

    def __init__(self, file: LetterheadsFile | None = None) -> None:
        self.file = file or LetterheadsFile()

    @property
    def usual(self) -> Layout:
        """The layout that is used unless somebody chooses."""
        return self.file.usual

    @property
    def standing(self) -> Mapping[str, str]:
        """What a field says in every report, by its code."""
        return self.file.standing

    def of(self, layout: Layout) -> Letterhead:
        """Return the letterhead of a layout."""
        head = getattr(self.file, layout)
        if head is None:
            return Letterhead(layout, superior="…", issuer="…", place="…")
        return Letterhead(
            layout,
            superior=head.superior,
            issuer=head.issuer,
            place=head.place,
            symbols=head.symbols,
            recipients=head.recipients,
            signers={
                "inside": PrintedSigner(**head.signers.inside.model_dump()),
                "outside": PrintedSigner(**head.signers.outside.model_dump()),
            },
        )

    def need(self, layout: Layout) -> None:
        """Refuse to put up for signature what has no letterhead.

        Raises:
            Refused: Naming the file that describes it.
        """
        if getattr(self.file, layout) is None:
            raise Refused(
                f"Chưa khai báo cơ quan ban hành cho thể thức này: mục {layout} của {FILE}.",
                f"{FILE} does not describe the letterhead {layout} yet.",
                ["letterhead"],
            )


NO_LETTERHEADS = Letterheads()


def load_letterheads(text: str, *, file: str) -> Letterheads:
    """Read and check `reports.yaml`.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    return Letterheads(validate(load(text, file=file), LetterheadsFile))
