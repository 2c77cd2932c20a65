"""From a report to its document: composed anew while it is a draft, as it was signed afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.conditions import name_of
from incidents.reports.document_json import loaded
from incidents.reports.kind import Filling
from incidents.vietnamese import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from incidents.reports.document import Document
    from incidents.reports.kind import Letterhead, ReportKind
    from incidents.reports.life import Report


def composed(
    report: Report,
    kind: ReportKind,
    letterhead: Letterhead,
    now: datetime,
    *,
    is_draft: bool,
    roles: Mapping[str, str],
) -> Document:
    """Return the document of what a report holds now; `is_draft` shows who wrote what.

    Args:
        roles: The names of roles by code.
    """
    filling = Filling(
        facts=report.facts,
        filled=report.filled,
        letterhead=letterhead,
        audience=report.audience,
        day=report.numbered_on or now.astimezone(ZONE).date(),
        number=report.number,
        is_draft=is_draft,
        note=_version_note(report),
        roles=roles,
    )
    return replace(kind.compose(filling), is_draft=is_draft, note=filling.note)


def issued(report: Report) -> Document:
    """Return the document that was put up for signature, with who signed, and its number."""
    document = loaded(report.document)
    if report.signed_by and not any(one.name for one in document.signers):
        hands = [report.asked_by, report.signed_by][-len(document.signers) :]
        named = [
            replace(one, name=name_of(hand))
            for one, hand in zip(document.signers, hands, strict=True)
        ]
        document = replace(document, signers=tuple(named))
    if report.numbered_on is None:
        return document
    return replace(document, number=report.number, day=report.numbered_on)


def _version_note(report: Report) -> str:
    if report.version == 1:
        return ""
    return f"Bản đính chính lần {report.version - 1}. Nội dung đính chính: {report.changes}"
