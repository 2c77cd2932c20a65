"""Rulesets as people look at them: found by a name, with their numbers, compared, confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from collector.storage import procedure_store
from collector.storage.confirmations import confirm, load_confirmations
from incidents.commands.permission import missing_role
from incidents.conditions import Refused
from incidents.people import People
from incidents.procedure import Procedure, kept_procedure
from incidents.procedure_items import Item, items
from incidents.procedures import SHIPPED, shipped
from incidents.rulesets import Rulesets
from incidents.yaml_problems import InvalidDocument


@dataclass(frozen=True, slots=True)
class KeptRuleset:
    """A ruleset that was ever in force here."""

    digest: str
    id: str
    valid_from: str
    valid_to: str
    kept_at: datetime


def find_ruleset(connection: Connection, rulesets: Rulesets, reference: str) -> Procedure | None:
    """Return a ruleset by id or digest: of the directory, ever in force here, or shipped."""
    found = rulesets.find(reference)
    if found is not None:
        return found
    content = procedure_store.find_content(connection, reference)
    if content is not None:
        try:
            return kept_procedure(content)
        except (InvalidDocument, ValueError):
            return None
    return shipped(reference) if reference in SHIPPED else None


def kept_rulesets(connection: Connection) -> list[KeptRuleset]:
    """Return every ruleset that was ever in force here, the latest first."""
    return [
        KeptRuleset(row.digest, row.name, row.valid_from, row.valid_to, row.kept_at)
        for row in procedure_store.kept_rulesets(connection)
    ]


def items_of(connection: Connection, procedure: Procedure) -> list[Item]:
    """Return the numbers of a ruleset with what people confirmed of them."""
    return items(procedure, load_confirmations(connection))


def confirm_item(
    connection: Connection,
    procedure: Procedure,
    code: str,
    *,
    actor: str,
    people: People,
    note: str,
    now: datetime,
) -> Item:
    """Record that a person confirmed a number of the ruleset in force; return it as it is then.

    Raises:
        Refused: There is no such item, it is confirmed, or the person lacks the role.
    """
    role = procedure.file.confirmed_by
    who = people.actor(actor, now)
    if refused := missing_role(who, [role], procedure, held=who.held(procedure)):
        raise refused
    found = {item.code: item for item in items_of(connection, procedure)}
    item = found.get(code)
    if item is None:
        listed = ", ".join(found)
        raise Refused(
            f"Quy trình {procedure.id} không có mục {code}; có: {listed}.",
            f"The ruleset {procedure.id} has no item {code}; it has: {listed}.",
            ["item"],
        )
    if item.confirmed:
        raise Refused(f"Mục {code} đã được xác nhận.", f"{code} is confirmed.", ["item"])
    confirm(connection, procedure, item, actor=actor, role=role, note=note.strip(), at=now)
    return {item.code: item for item in items_of(connection, procedure)}[code]


def unconfirmed_count(found: Sequence[Item]) -> int:
    """Return how many items nobody has confirmed."""
    return sum(1 for item in found if not item.confirmed)
