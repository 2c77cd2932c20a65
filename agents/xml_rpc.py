"""XML-RPC: a question as XML, and what an answer says; whatever it is, reading it ends.

Source: the specification by UserLand of 1999, with the types that it has and no more.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from agents.device_text import NotReadable, read_xml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

# What XML 1.0 cannot carry, not even written as a number.
_UNSPEAKABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
# Not all that Python takes for a number, and not more digits than it converts.
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_DOUBLE = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,40})?")

Given = str | bool | list[str]


class Fault(Exception):  # an answer, not an error
    """The other side answers that it does not do what it was asked."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def question(method: str, values: Mapping[str, Given]) -> bytes:
    """Return a call with one struct of these values.

    Raises:
        ValueError: A text has a character that XML cannot carry; which text is not said.
    """
    members = "".join(
        f"<member><name>{_escaped(name)}</name>{_written(value)}</member>"
        for name, value in values.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<methodCall><methodName>{_escaped(method)}</methodName><params><param><value><struct>"
        f"{members}</struct></value></param></params></methodCall>"
    ).encode()


def _written(value: Given) -> str:
    if isinstance(value, bool):
        return f"<value><boolean>{int(value)}</boolean></value>"
    if isinstance(value, str):
        return f"<value><string>{_escaped(value)}</string></value>"
    inner = "".join(_written(one) for one in value)
    return f"<value><array><data>{inner}</data></array></value>"


def _escaped(text: str) -> str:
    if _UNSPEAKABLE.search(text):
        raise ValueError("a text has a character that XML cannot carry")
    return text.translate(_ESCAPED)


def read_answer(body: bytes) -> Any:
    """Return what an answer says; times and base64 stay the text that they are.

    Raises:
        Fault: It says that it does not do it.
        NotReadable: It is no such answer, or too large or too deep.
    """
    root = read_xml(body)
    if root.tag != "methodResponse" or len(root) != 1:
        raise NotReadable("no answer of XML-RPC")
    if root[0].tag == "fault":
        said = _value(_only(root[0], "value"))
        code = said.get("faultCode") if isinstance(said, dict) else None
        if type(code) is not int:
            raise NotReadable("a fault without its code")
        raise Fault(code)
    return _value(_only(_only(_only(root, "params"), "param"), "value"))


def _only(element: Element, name: str) -> Element:
    if len(element) != 1 or element[0].tag != name:
        raise NotReadable(f"not one {name}")
    return element[0]


def _value(element: Element) -> Any:
    if len(element) == 0:
        return element.text or ""
    if len(element) != 1:
        raise NotReadable("a value of several")
    kind = element[0]
    if kind.tag == "struct":
        return _struct(kind)
    if kind.tag == "array":
        return [_value(_named(one, "value")) for one in _only(kind, "data")]
    read = _SIMPLE.get(kind.tag)
    if read is None or len(kind):
        raise NotReadable("a value of no known type")
    return read(kind.text or "")


def _struct(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in element:
        member = _named(one, "member")
        if [part.tag for part in member] != ["name", "value"] or len(member[0]):
            raise NotReadable("a member without its name or value")
        found.setdefault((member[0].text or "").strip(), _value(member[1]))
    return found


def _named(element: Element, name: str) -> Element:
    if element.tag != name:
        raise NotReadable(f"no {name}")
    return element


def _int(text: str) -> int:
    if _INT.fullmatch(text.strip()) is None:
        raise NotReadable("no int")
    return int(text)


def _double(text: str) -> float:
    if _DOUBLE.fullmatch(text.strip()) is None or not math.isfinite(found := float(text)):
        raise NotReadable("no double")
    return found


def _boolean(text: str) -> bool:
    if text.strip() not in ("0", "1"):
        raise NotReadable("no boolean")
    return text.strip() == "1"


_SIMPLE: dict[str, Callable[[str], Any]] = {
    "string": str, "int": _int, "i4": _int, "boolean": _boolean, "double": _double,
    "dateTime.iso8601": str.strip, "base64": str.strip,
}  # fmt: skip
