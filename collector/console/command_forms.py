"""The fields of a form as the command that they ask for."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from collector.api.once import MAX_KEY_LENGTH

if TYPE_CHECKING:
    from fastapi import Request

    from incidents.commands import Command, Spec


async def read_form(request: Request, spec: Spec) -> tuple[str, Command]:
    """Return the key against doing it twice, and the command; an optional empty field is left out.

    Raises:
        RequestValidationError: Naming the field that cannot be what it holds.
    """
    async with request.form() as form:
        given = {name: value for name, value in form.items() if isinstance(value, str)}
    key = given.pop("key", "")
    if len(key) > MAX_KEY_LENGTH:
        raise HTTPException(422, f"key: longer than {MAX_KEY_LENGTH} characters")
    body = spec.from_form(given)
    known = {field.name: field for field in fields(spec.wish)}
    wanted = {
        name: value
        for name, value in body.items()
        if name in known and not (value == "" and _is_optional(known[name]))
    }
    try:
        return key, TypeAdapter(spec.wish).validate_python(wanted)
    except ValidationError as error:
        problems = [{**one, "loc": ("form", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(problems) from error


def _is_optional(field: object) -> bool:
    defaults = (getattr(field, name, MISSING) for name in ("default", "default_factory"))
    return any(default is not MISSING for default in defaults)
