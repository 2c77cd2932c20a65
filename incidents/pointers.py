"""Pointers in place of text: a suspected state secret is never written into the file.

Source: Luật 117/2025/QH15 and NĐ 63/2026: secrets are not drafted, stored or sent on equipment
that is connected to a network. The file holds a document's number and its custodian.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from incidents.conditions import Refused
from incidents.state import PERSON, Draft, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from incidents.procedure import Procedure
    from incidents.state import Incident

# A name as people log in or are called, and a stricter one for a locked file: words of letters, no
# figures, no sentence.
LOGIN = re.compile(r"\w+(?:[ .'’@+-]{1,2}\w+){0,9}\.?")
NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+){0,9}\.?")
# As offices number documents: 15-BC/TU, 123/QĐ-UBND, 1234/BC-CAT-PA05.
DOCUMENT = re.compile(r"[0-9]{1,6}[A-Za-z]?(?:[-/][A-Za-zĐđ0-9.&]{1,12}){1,5}")
MAX_NAME_WORDS = 6
_NAMES = frozenset({"who", "custodian", "partner", "told", "approver", "how"})


def document_refused() -> Refused:
    """Return the refusal of what is no number of a document."""
    return Refused(
        "Số văn bản phải có dạng như 15-BC/TU hoặc 123/QĐ-UBND.",
        "A document's number looks like 15-BC/TU or 123/QĐ-UBND.",
        ["document"],
    )


def is_locked(incident: Incident, drafts: Iterable[Draft], procedure: Procedure) -> bool:
    """Say whether free text is locked: by the class, now or after the drafts, or for good."""
    codes = {incident.class_code, *(draft.data.get("class", "") for draft in drafts)}
    classes = (procedure.classes.get(code) for code in codes)
    return incident.work.is_pointer_only or any(c is not None and c.pointer_only for c in classes)


def check_texts(drafts: Iterable[Draft]) -> None:
    """Refuse whatever a person typed that is no pointer: a number, or `number; custodian`.

    Raises:
        Refused: Saying what may be written, and why nothing else.
    """
    for draft in drafts:
        owner = draft.data.get("owner", "")
        typed = {**draft.texts, **({"who": owner.removeprefix(PERSON)} if owner else {})}
        for name, text in typed.items():
            if not _is_pointer(name, text):
                raise Refused(
                    "Nghi lộ, mất bí mật nhà nước: không ghi nội dung, chỉ ghi số văn bản và người "
                    "giữ, ví dụ “15-BC/TU; Nguyễn Văn An”. Bí mật nhà nước không được soạn thảo, "
                    "lưu giữ trên thiết bị nối mạng.",
                    "Suspected state secret: write no content, only a document's number and its "
                    "custodian, such as “15-BC/TU; Nguyễn Văn An”. Secrets must not be drafted or "
                    "stored on equipment that is connected to a network.",
                    ["document", "custodian"],
                )


def check_report(texts: Iterable[str], *, or_name: bool) -> None:
    """Refuse what a person writes into a report that is no pointer.

    Args:
        or_name: In one line, a name will do.

    Raises:
        Refused: Saying what may be written, and why nothing else.
    """
    for text in texts:
        name = "who" if or_name and _is_name(text) else "text"
        check_texts([Draft(Kind.REPORT, {}, {name: text})])


def _is_pointer(name: str, text: str) -> bool:
    if name in _NAMES:
        return _is_name(text)
    number, _, custodian = text.partition(";")
    if DOCUMENT.fullmatch(number.strip()) is None:
        return False
    return not custodian.strip() or _is_name(custodian.strip())


def _is_name(text: str) -> bool:
    return NAME.fullmatch(text) is not None and len(text.split()) <= MAX_NAME_WORDS
