"""What a command's fields may hold: lengths, so that a body too large is refused at the door."""

from typing import Annotated

from pydantic import Field

# What a person types freely; a name or number in one line; a code of the procedure.
Words = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=400)]
Code = Annotated[str, Field(max_length=100)]
Fields = Annotated[dict[str, Words], Field(max_length=20)]
