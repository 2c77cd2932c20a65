"""Who is called, when and in which order: `oncall.yaml`, read and checked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from incidents.contacts import Contact, Contacts, contact_problems
from incidents.paging_policy import Duration
from incidents.procedure_parts import Part
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Collection

    from incidents.paging_policy import PagingPolicy

FILE = "oncall.yaml"
MAX_CONTACTS = 2_000


class OncallFile(Part):
    """The whole of `oncall.yaml`, as written.

    Attributes:
        re_verify: How long a verified contact is trusted.
    """

    contacts: tuple[Contact, ...] = Field(default=(), max_length=MAX_CONTACTS)
    re_verify: Duration = timedelta(days=92)


class Oncall:
    """`oncall.yaml`, checked, with what is looked up in it."""

    def __init__(self, file: OncallFile) -> None:
        self.file = file
        self.contacts = Contacts(file.contacts)


NO_ONCALL = Oncall(OncallFile())


def load_oncall(
    text: str,
    *,
    file: str,
    names: Collection[str] | None = None,
    roles: Collection[str] | None = None,
    policy: PagingPolicy | None = None,
) -> Oncall:
    """Read and check `oncall.yaml`.

    Args:
        names: The persons of `people.yaml`; None: not declared, or not readable.
        roles: Those of the procedure; None: not checked.
        policy: `channels.yaml`; None: it could not be read itself.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    found = validate(document, OncallFile)
    problems = list(
        contact_problems(document, found.contacts, names=names, roles=roles, policy=policy)
    )
    if problems:
        raise InvalidDocument(problems)
    return Oncall(found)
