"""Reports in an export: each version as it was signed, its data, and what was done to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from incidents.reports.composing import issued
from incidents.reports.life import OPEN
from incidents.reports.render import to_docx, to_pdf
from incidents.timeline import canonical_json, microseconds
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.export.archive import Writer
    from incidents.reports.life import Report

_STATES = {
    "waiting": "đang trình ký",
    "later": "người ký để sau",
    "signed": "đã ký",
    "numbered": "đã vào số",
    "sent": "đã gửi",
}
LIST = "reports/muc-luc.txt"
_HEAD = """MỤC LỤC BÁO CÁO

van-ban.json là nội dung đã trình ký, đúng từng byte: giá trị SHA-256 của nó là giá trị đã ký.
"""


def put_papers(writer: Writer, reports: Iterable[Report]) -> int:
    """Put every report that has been put up for signature into a zip, with a list of them.

    Takes tens of milliseconds of processor time for each. Returns how many there were; what is
    still being written, and what was emptied, is not among them.
    """
    lines, count = [_HEAD], 0
    for report in reports:
        if report.state in OPEN or not report.document:
            continue
        folder = f"reports/{report.family}-{report.kind}-ban-{report.version}"
        document = issued(report)
        writer.content(f"{folder}/van-ban.pdf", to_pdf(document))
        writer.content(f"{folder}/van-ban.docx", to_docx(document))
        writer.text(f"{folder}/van-ban.json", report.document)
        writer.text(f"{folder}/so-lieu.json", canonical_json(report.facts))
        writer.text(f"{folder}/viec-da-lam.json", deeds_of(report))
        lines.append(listed(report, folder))
        count += 1
    if count:
        writer.text(LIST, "\n".join(lines))
    return count


def deeds_of(report: Report) -> str:
    """Return what was done to a report as JSON, in order."""
    done = [
        {
            "at": microseconds(one.at),
            "who": one.actor,
            "what": one.deed.value,
            "text": one.text,
            "data": dict(one.data),
        }
        for one in report.done
    ]
    return json.dumps(done, ensure_ascii=False, indent=1)


def listed(report: Report, folder: str) -> str:
    """Return the lines of a report in the list."""
    document = issued(report)
    lines = [
        f"{document.kind} {document.about}, bản {report.version}: {_STATES[report.state.value]}",
        f"   {document.numbered or 'không lấy số'}, {document.dated}",
        f"   thư mục {folder}",
        f"   SHA-256 {report.digest}",
    ]
    if report.signed_by:
        lines.append(f"   người ký: {report.signed_by.partition(':')[2]}")
    if report.changes:
        lines.append(f"   đính chính: {report.changes}")
    lines += [f"   đã gửi {one.text}, ghi lúc {local_time(one.at)}" for one in report.sent]
    return "\n".join(lines) + "\n"
