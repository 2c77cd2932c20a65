"""Who may know of an incident, and what a message about it says: drills, restricted incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.messages import Words, cut, one_line

if TYPE_CHECKING:
    from incidents.paging_policy import PagingPolicy
    from incidents.procedure import Procedure
    from incidents.state import Incident

DRILL_VI, DRILL_EN = "DIỄN TẬP", "DRILL"


def is_drill(incident: Incident, procedure: Procedure) -> bool:
    """Say whether an incident is an exercise: by its class, or because it replays another one."""
    incident_class = procedure.classes.get(incident.class_code)
    return incident.work.replay is not None or (incident_class is not None and incident_class.drill)


def readers_of(incident: Incident, procedure: Procedure) -> tuple[str, ...]:
    """Return who alone may see an incident; empty: everybody.

    A nature that is reserved for a role is stronger than what was restricted by hand.
    """
    only = procedure.only_role(incident.nature)
    return incident.work.readers if only is None else (f"role:{only}",)


def policy_for(incident: Incident, policy: PagingPolicy, procedure: Procedure) -> PagingPolicy:
    """Return whom to tell: of a reserved nature nobody but recipients who hold its role."""
    only = procedure.only_role(incident.nature)
    if only is None:
        return policy
    told = tuple(r for r in policy.recipients if r.role == only)
    return policy.model_copy(update={"recipients": told})


def discreet(words: Words, incident: Incident, procedure: Procedure, console_url: str) -> Words:
    """Return what may be sent: a drill says so, a restricted incident says no more than its code.

    The reason stays the first word of the subject.
    """
    if incident.work.readers and procedure.only_role(incident.nature) is None:
        words = _code_alone(words, incident, procedure, console_url)
    head = f"*** {DRILL_VI} · {DRILL_EN} ***"
    if not is_drill(incident, procedure) or words.body.startswith(head):
        return words
    reason, separator, rest = words.subject.partition(" · ")
    subject = f"{reason} · {DRILL_VI}{separator}{rest}"
    return Words(cut(subject), f"{head}\n{words.body}{head}\n")


def _code_alone(words: Words, incident: Incident, procedure: Procedure, url: str) -> Words:
    reason = words.subject.partition(" · ")[0]
    severity = procedure.severities[incident.severity]
    head = f"{reason} · {incident.code} · {incident.severity} {severity.vi}"
    said = "Sự cố hạn chế người xem: mở bảng theo dõi. A restricted incident: open the console."
    where = f"\n{url}/incidents/{incident.code}" if url else ""
    return Words(cut(one_line(head)), f"{head}\n{said}{where}\n")
