"""What a command's fields may hold: lengths, so that a body too large is refused at the door."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from incidents.pointers import LOGIN
from incidents.vietnamese import ZONE

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _local(at: datetime) -> datetime:
    """Read an instant without a zone as a time of here."""
    aware = at.replace(tzinfo=ZONE) if at.tzinfo is None else at
    if not EARLIEST <= aware < LATEST:
        raise ValueError("allowed is an instant between the years 2000 and 2100")
    return aware.astimezone(UTC)


def _name(given: str) -> str:
    if LOGIN.fullmatch(given.strip()) is None:
        raise ValueError("allowed is a name: at most ten words of letters and figures")
    return " ".join(given.split())


# What a person types freely; a name or number in one line; a code of the procedure.
Words = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=400)]
Code = Annotated[str, Field(max_length=100)]
Fields = Annotated[dict[str, Words], Field(max_length=20)]
Name = Annotated[str, Field(max_length=80), AfterValidator(_name)]
Names = Annotated[tuple[Name, ...], Field(max_length=50)]
Codes = Annotated[tuple[Code, ...], Field(max_length=50)]
Number = Annotated[int, Field(ge=1, le=100_000)]
# An instant; one without an offset is read as the time here, as a form gives it.
At = Annotated[datetime, AfterValidator(_local)]
