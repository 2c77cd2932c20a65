"""What devices write, as XML or JSON, made into plain values; whatever it is, reading it ends.

No document type is read, so nothing in one can name another document or stand for more text.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, cast

from agents.report import label_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

MOST_ELEMENTS, MOST_DEPTH = 20_000, 32
_PIECE_CHARACTERS = 64 << 10
_SPACES = re.compile(r"\s+")
_HEIGHTS = (re.compile(r"\d{2,5}\s*[x×*]\s*(\d{2,5})", re.IGNORECASE), re.compile(r"(\d{3,5})\s*p"))
# Formats that are known by a name alone.
_NAMED_HEIGHTS = {"QCIF": 144.0, "CIF": 288.0, "4CIF": 576.0, "SIF": 240.0, "4SIF": 480.0}


class NotReadable(ValueError):
    """It is not what it should be, or too much of it."""


def read_xml(body: bytes) -> Element:
    """Return the root of a document.

    Raises:
        NotReadable: It is no XML in UTF-8, has a document type, or is too large or too deep.
    """
    from xml.etree.ElementTree import ParseError, XMLPullParser  # only where a device speaks it

    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotReadable("no UTF-8") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotReadable("has a document type")
    parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
    root: Element | None = None
    count = depth = 0
    try:
        for start in range(0, len(text), _PIECE_CHARACTERS):
            parser.feed(text[start : start + _PIECE_CHARACTERS])
            for came in parser.read_events():
                event, element = cast("tuple[str, Element]", came)
                root = element if root is None else root
                count, depth = count + 1, depth + (1 if event == "start" else -1)
                if count > 2 * MOST_ELEMENTS or depth > MOST_DEPTH:
                    raise NotReadable("too large or too deep")
        parser.close()
    except (ParseError, ValueError) as error:
        raise NotReadable("no XML") from error
    if root is None:
        raise NotReadable("no XML")
    return root


def read_json(body: bytes) -> Any:
    """Return what a text of JSON says.

    Raises:
        NotReadable: It is none, or nests too deep.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotReadable("no JSON") from None


def unwrapped(value: Any) -> Any:
    """Return what a value says that may be JSON packed into a text once more; else itself."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return read_json(value.encode("utf-8", "replace"))
    except NotReadable:
        return value


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of an object; none where it is no object."""
    found = unwrapped(value)
    return found if isinstance(found, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, or the one object that stands for a list of one."""
    found = unwrapped(value)
    if isinstance(found, dict):
        return [found]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def number_of(value: Any) -> float | None:
    """Return a finite number, also one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < 1e15 else None


def amount_of(value: Any) -> float | None:
    """Return a number that is not below 0; None for anything else."""
    found = number_of(value)
    return found if found is not None and found >= 0 else None


def text_of(value: Any) -> str:
    """Return a text or number as a label may hold it; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ""
    return label_value(_SPACES.sub(" ", str(value)).strip())


def word_of(value: Any) -> str:
    """Return a text in small letters, to compare with."""
    return text_of(value).lower()


def switch_of(value: Any) -> bool | None:
    """Return what a switch says: true or false, on or off, 1 or 0; None for anything else."""
    word = str(value).lower() if isinstance(value, bool) else word_of(value)
    return {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}.get(word)


def ratio_of_percent(value: Any) -> float | None:
    """Return percent as a share from 0 to 1; None for what is neither."""
    found = number_of(value)
    return round(found / 100, 6) if found is not None and 0 <= found <= 100 else None


def seconds_of_ms(value: Any) -> float | None:
    """Return milliseconds as seconds."""
    found = amount_of(value)
    return None if found is None else round(found / 1_000, 6)


def height_of(value: Any) -> float | None:
    """Return how high a picture is that is written as 1280x720, 720p or CIF."""
    text = text_of(value)
    for form in _HEIGHTS:
        if (found := form.search(text)) is not None:
            return float(found[1])
    return _NAMED_HEIGHTS.get(text.upper())


class Node:
    """An element of XML and what is below it; what is not there is empty, however deep.

    Devices write one of a thing as an element and several as elements of the same name.
    """

    __slots__ = ("_element",)

    def __init__(self, element: Element | None) -> None:
        self._element = element

    def at(self, path: str) -> Node:
        """Return the first element of a path such as `Software/Version`."""
        found = self._element
        for name in path.split("/"):
            below = found if found is not None else ()
            found = next((one for one in below if one.tag == name), None)
        return Node(found)

    def each(self, path: str) -> Iterator[Node]:
        """Yield all elements of the last name of a path."""
        parents, _, name = path.rpartition("/")
        element = (self.at(parents) if parents else self)._element
        yield from (
            Node(one) for one in (element if element is not None else ()) if one.tag == name
        )

    @property
    def name(self) -> str:
        """What the element is called; empty where there is none."""
        return self._element.tag if self._element is not None else ""

    @property
    def is_there(self) -> bool:
        """Whether the device wrote it."""
        return self._element is not None

    @property
    def raw(self) -> str:
        """What it says."""
        return ((self._element.text if self._element is not None else None) or "").strip()

    def text(self, path: str) -> str:
        """Return what stands at a path, as a label may hold it."""
        return text_of(self.at(path).raw)

    def number(self, path: str) -> float | None:
        """Return the amount at a path."""
        return amount_of(self.at(path).raw)

    def key(self, name: str = "item") -> str:
        """Return an attribute."""
        return text_of(self._element.get(name, "")) if self._element is not None else ""
