"""The text of a runbook → a runbook, or every mistake with its file, line and field."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from runbooks.front_matter import InvalidRunbook, Mistake, Split, split
from runbooks.model import (
    HEADINGS,
    LANGUAGE_HEADINGS,
    LANGUAGES,
    SECTIONS,
    FrontMatter,
    Language,
    Runbook,
    Section,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 65_536
_CODE_FENCE = re.compile(r"^\s*(```|~~~)")
_LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|^\s*\[[^\]]+\]:\s*(\S+)|<([a-z][a-z0-9+.-]*:[^>\s]+)>")
_ABSOLUTE = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*:|/)")
_HTML = re.compile(r"</?[a-zA-Z][^>]*>")

Sections = dict["Language", dict["Section", str]]


def read_runbook(text: str, *, file: str, name: str) -> Runbook:
    """Return the runbook in `text`.

    Args:
        file: How mistakes name the file.
        name: What the file is called without its ending; the front matter must say the same.

    Raises:
        InvalidRunbook: With every mistake of the file.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidRunbook([Mistake(file, 1, "", f"longer than {MAX_BYTES} bytes")])
    parts = split(unicodedata.normalize("NFC", text), file=file)
    head, mistakes = _head(parts)
    if head is not None and head.name != name:
        mistakes.append(parts.mistake(("name",), f"must be {name!r}, as the file; {head.name!r}"))
    sections, wrong = _sections(parts)
    if head is None or mistakes or wrong:
        raise InvalidRunbook([*mistakes, *wrong])
    return Runbook(
        name=head.name,
        title={"vi": head.title.vi, "en": head.title.en},
        rules=tuple(head.rules),
        class_code=head.class_,
        tlp=head.tlp,
        checks=tuple(head.checks),
        tell=tuple(head.tell),
        reviewed=head.reviewed,
        sections=sections,
        lines={str(path[0]): line for path, line in parts.lines.items() if len(path) == 1},
    )


def _head(parts: Split) -> tuple[FrontMatter | None, list[Mistake]]:
    try:
        return FrontMatter.model_validate(parts.value or {}), []
    except ValidationError as error:
        return None, [_mistake_of(parts, detail) for detail in error.errors(include_url=False)]


def _mistake_of(parts: Split, detail: Any) -> Mistake:
    """Put one pydantic error into words, at the field that people wrote."""
    path: tuple[str | int, ...] = ()
    for part in detail["loc"]:
        missing = detail["type"] == "missing" and part == detail["loc"][-1]
        if missing or (*path, part) in parts.lines:
            path = (*path, part)
    if detail["type"] == "missing":
        return parts.mistake(path, "is missing; it is required")
    if detail["type"] == "extra_forbidden":
        return parts.mistake(path, "is not a known field")
    message = detail["msg"][:1].lower() + detail["msg"][1:]
    return parts.mistake(path, f"{str(detail['input'])[:80]!r} given; {message}")


def _sections(parts: Split) -> tuple[Sections, list[Mistake]]:
    """Cut the body at its headings; say what is missing, empty, unknown or not allowed."""
    found: Sections = {"vi": {}, "en": {}}
    mistakes: list[Mistake] = []
    language: Language | None = None
    section: Section | None = None
    last = parts.body_line
    for line, text, is_code in _lines(parts):
        last = line
        if not is_code and text.startswith("# "):
            language, section = _key(LANGUAGE_HEADINGS, text[2:]), None
            if language is None:
                allowed = " and ".join(f"'# {word}'" for word in LANGUAGE_HEADINGS.values())
                mistakes.append(Mistake(parts.file, line, text, f"only {allowed} are allowed"))
        elif not is_code and text.startswith("## "):
            section = None if language is None else _key(HEADINGS[language], text[3:])
            if language is None or section is None or section in found[language]:
                message = "is not one of the sections, or is there twice"
                mistakes.append(Mistake(parts.file, line, text, message))
            else:
                found[language][section] = ""
        elif language is not None and section is not None:
            found[language][section] += text + "\n"
            if not is_code:
                mistakes += _forbidden(parts.file, line, text)
        elif text.strip():
            mistakes.append(Mistake(parts.file, line, "", "text outside of a section"))
    return found, mistakes + list(_missing(parts.file, last, found))


def _missing(file: str, line: int, found: Sections) -> Iterator[Mistake]:
    for language in LANGUAGES:
        for section in SECTIONS:
            if not found[language].get(section, "").strip():
                heading = f"{LANGUAGE_HEADINGS[language]} / {HEADINGS[language][section]}"
                yield Mistake(file, line, heading, "the section is missing or empty")


def _lines(parts: Split) -> Iterator[tuple[int, str, bool]]:
    """Yield line number, text, and whether the line belongs to a block of code."""
    in_code = False
    for line, text in enumerate(parts.body.splitlines(), parts.body_line):
        is_fence = _CODE_FENCE.match(text) is not None
        yield line, text, in_code or is_fence
        in_code = in_code != is_fence


def _forbidden(file: str, line: int, text: str) -> Iterator[Mistake]:
    plain = re.sub(r"`[^`]*`", "", text)
    for found in _LINK.finditer(plain):
        link = found[1] or found[2] or found[3]
        if _ABSOLUTE.match(link):
            yield Mistake(file, line, link, "a link must be relative: there is no internet here")
    if _HTML.search(re.sub(_LINK, "", plain)):
        yield Mistake(file, line, "", "HTML is not allowed; write Markdown")


def _key(headings: Any, text: str) -> Any:
    return next((key for key, heading in headings.items() if heading == text.strip()), None)
