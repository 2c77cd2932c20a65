"""The fields of a form as the command that they ask for, and a refusal in the page's words."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from collector.api.once import MAX_KEY_LENGTH
from collector.console.render import language_of, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request

    from collector.services import Services
    from incidents.commands import Command, Spec
    from incidents.conditions import Refused


async def form_of(request: Request, lists: frozenset[str] = frozenset()) -> tuple[str, Any]:
    """Return the key against doing it twice, and the fields of a form by name.

    A field of `lists` may come several times, or as words with commas between.
    """
    async with request.form() as form:
        given: dict[str, Any] = {n: v for n, v in form.items() if isinstance(v, str)}
        for name in lists:
            texts = [text for text in form.getlist(name) if isinstance(text, str)]
            given[name] = [word.strip() for text in texts for word in text.split(",")]
            given[name] = [word for word in given[name] if word]
    key = given.pop("key", "")
    if len(key) > MAX_KEY_LENGTH:
        raise HTTPException(422, f"key: longer than {MAX_KEY_LENGTH} characters")
    return key, given


async def read_form(request: Request, spec: Spec) -> tuple[str, Command]:
    """Return the key against doing it twice, and the command; an optional empty field is left out.

    Raises:
        RequestValidationError: Naming the field that cannot be what it holds.
    """
    key, given = await form_of(request, spec.lists)
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


def refusal_words(
    request: Request, services: Services, refused: Refused | None
) -> Mapping[str, str] | None:
    """Return why something was refused and what is needed, in the language of the page."""
    if refused is None:
        return None
    t, names = language_of(request), services.names
    needed = [t.known(f"field.{name}", names.role(name, t.language)) for name in refused.needed]
    return {"reason": words_of(request, refused), "needed": ", ".join(needed)}


def _is_optional(field: object) -> bool:
    defaults = (getattr(field, name, MISSING) for name in ("default", "default_factory"))
    return any(default is not MISSING for default in defaults)
