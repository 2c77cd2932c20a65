"""What a command's fields may hold: lengths, so that a body too large is refused at the door."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from incidents.vietnamese import ZONE


def _here(at: datetime) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=ZONE)


# What a person types freely; a name or number in one line; a code of the procedure.
Words = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=400)]
Code = Annotated[str, Field(max_length=100)]
Fields = Annotated[dict[str, Words], Field(max_length=20)]
# An instant; one without an offset is read as the time here, as a form gives it.
At = Annotated[datetime, AfterValidator(_here)]
