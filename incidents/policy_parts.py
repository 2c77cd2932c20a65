"""What the parts of the paging policy have in common: lines, durations, severities."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from incidents.terms import parse_duration

Severity = Literal["S1", "S2", "S3", "S4"]


def _duration(value: object) -> timedelta:
    return value if isinstance(value, timedelta) else parse_duration(value)


def _one_line(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("it must be one line without control characters")
    return value


def _time(value: object) -> object:
    if isinstance(value, time):
        return value
    if isinstance(value, str):
        try:
            return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007  # a time of day
        except ValueError:
            pass
    raise ValueError('write a time of day in quotes, such as "06:30"')


TimeOfDay = Annotated[time, BeforeValidator(_time)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Line = Annotated[str, AfterValidator(_one_line)]
