"""An incident's timeline as plain text, for whoever opens an export without any program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from collector.console.texts import Texts
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collector.export.gather import Gathered
    from incidents.timeline import Stored

_SAID = ("summary_vi", "note", "reason", "name", "holder", "place")


def as_text(found: Gathered) -> str:
    """Return the timeline in Vietnamese, one paragraph an entry."""
    t = Texts("vi")
    lines = [f"HỒ SƠ SỰ CỐ {found.code}", ""]
    for entry in found.entries:
        lines += _entry(entry, t)
    if found.evidence:
        lines += ["CHỨNG CỨ"]
        lines += [f"{exhibit.sha256}  {exhibit.name}" for exhibit in found.evidence]
    return "\n".join(lines) + "\n"


def _entry(entry: Stored, t: Texts) -> list[str]:
    body = json.loads(entry.canonical)
    what = t.known(f"entry.{entry.kind}", entry.kind)
    who = t.known(f"actor.{entry.actor.partition(':')[2]}", entry.actor)
    lines = [f"{entry.seq}. {local_time(entry.at)} · {what} · {who}"]
    clock = body.get("clock")
    if clock is not None and not clock["synchronised"]:
        lines.append(f"   {t('entry.clock_unsynchronised')}")
    if entry.text is None:
        lines.append(f"   {t('incident.sealed')}")
    else:
        words = json.loads(entry.text)
        shown = [words[name] for name in _SAID if words.get(name)]
        lines += [f"   {line}" for text in shown for line in str(text).splitlines()]
    facts = {name: value for name, value in body["data"].items() if value not in (None, "", [])}
    lines += [f"   {json.dumps(facts, ensure_ascii=False, sort_keys=True)}", ""]
    return lines
