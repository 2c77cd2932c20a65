"""The phone tree as data: `contacts` of `oncall.yaml`, looked up by name and by number."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from incidents.phone_numbers import to_dial, to_e164
from incidents.policy_parts import Line
from incidents.procedure_parts import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from incidents.paging_policy import PagingPolicy
    from incidents.yaml_lines import Document, Path, Problem

# Channels that reach a person by a telephone number; by kind, as in `channels.yaml`.
TELEPHONE_KINDS = frozenset({"modem", "sms_gateway"})
MAIL_KIND = "email"


def _number(value: object) -> object:
    # `+84912345678` without quotes is read as a number, without its sign.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _mail(value: str) -> str:
    name, _, host = value.partition("@")
    if value and (not name or not host or "@" in host or any(map(str.isspace, value))):
        raise ValueError("allowed is one mail address, name@host")
    return value


PhoneNumber = Annotated[str, BeforeValidator(_number), AfterValidator(to_dial)]


class Contact(Part):
    """How one person is reached.

    Attributes:
        name: As in `people.yaml`; for who stands outside, any name, with `roles`.
        channels: Names of `channels.yaml`, in the order in which they are used.
        roles: Roles beside those of `people.yaml`: how outside bodies are found.
        backup_of: The contact this one stands in for.
        verified_on: When somebody last tried the numbers.
    """

    name: Line = Field(min_length=1, max_length=64)
    full_name: Line = Field(default="", max_length=100)
    title: Line = Field(default="", max_length=100)
    unit: Line = Field(default="", max_length=64)
    roles: tuple[Line, ...] = ()
    phones: tuple[PhoneNumber, ...] = Field(default=(), max_length=5)
    email: Annotated[Line, AfterValidator(_mail)] = ""
    channels: tuple[Line, ...] = Field(default=(), max_length=10)
    backup_of: Line = ""
    valid_from: date | None = None
    valid_to: date | None = None
    verified_on: date | None = None

    @property
    def shown_name(self) -> str:
        """The name as a person reads it."""
        return self.full_name or self.name

    def is_valid_on(self, day: date) -> bool:
        """Say whether the contact holds on a day; both ends belong to it."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def verify_by(self, re_verify: timedelta) -> date | None:
        """Return the day by which it must be verified again; None: it never was."""
        return None if self.verified_on is None else self.verified_on + re_verify

    def address_over(self, kind: str) -> str | None:
        """Return the address for a kind of channel; "" where it needs none, None: there is none."""
        if kind in TELEPHONE_KINDS:
            return self.phones[0] if self.phones else None
        if kind == MAIL_KIND:
            return self.email or None
        return ""


class Contacts:
    """Looks contacts up; names regardless of case."""

    def __init__(self, contacts: Iterable[Contact] = ()) -> None:
        self.all = tuple(contacts)
        self._by_name = {contact.name.casefold(): contact for contact in self.all}
        self._by_role: dict[str, tuple[Contact, ...]] = {}
        for contact in self.all:
            for role in contact.roles:
                self._by_role[role] = (*self._by_role.get(role, ()), contact)
        self._by_number = {
            number: contact.name for contact in self.all for number in contact.phones
        }

    def of(self, name: str) -> Contact | None:
        """Return the contact of a person."""
        return self._by_name.get(name.casefold())

    def by_number(self, number: str) -> str | None:
        """Return whose telephone number it is, however it is written; None: nobody's."""
        try:
            return self._by_number.get(to_e164(number))
        except ValueError:
            return None

    def with_role(self, role: str) -> tuple[Contact, ...]:
        """Return who has a role by the contact itself."""
        return self._by_role.get(role, ())


NO_CONTACTS = Contacts()


def contact_problems(
    document: Document,
    contacts: tuple[Contact, ...],
    *,
    names: Collection[str] | None,
    roles: Collection[str] | None,
    policy: PagingPolicy | None,
) -> Iterator[Problem]:
    """Yield what contradicts itself or the other files.

    Args:
        names: Of `people.yaml`; None: not declared, or not readable.
    """
    known = {contact.name.casefold() for contact in contacts}
    people = None if names is None else {name.casefold() for name in names}
    seen: set[str] = set()
    owners: dict[str, str] = {}
    for i, contact in enumerate(contacts):
        path: Path = ("contacts", i)
        if contact.name.casefold() in seen:
            yield document.problem(
                (*path, "name"),
                f"{contact.name!r} is given twice; write one contact with all numbers",
                f"{contact.name!r} bị trùng; ghi mọi số vào một đầu mối",
            )
        seen.add(contact.name.casefold())
        if people is not None and contact.name.casefold() not in people and not contact.roles:
            yield document.problem(
                (*path, "name"),
                f"{contact.name!r} is not in people.yaml; correct the name, or give the `roles` "
                "of somebody outside",
                f"{contact.name!r} không có trong people.yaml; sửa tên, hoặc ghi `roles` nếu là "
                "đầu mối bên ngoài",
            )
        yield from _ways(document, path, contact, policy)
        yield from _numbers(document, path, contact, owners)
        yield from _standing(document, path, contact, known, roles)


def _numbers(
    document: Document, path: Path, contact: Contact, owners: dict[str, str]
) -> Iterator[Problem]:
    for j, number in enumerate(contact.phones):
        if owners.setdefault(number, contact.name) != contact.name:
            yield document.problem(
                (*path, "phones", j),
                f"{number} belongs to {owners[number]!r}, too; a reply must name one person",
                f"{number} đã thuộc {owners[number]!r}; mỗi số chỉ của một người",
            )


def _standing(
    document: Document,
    path: Path,
    contact: Contact,
    known: Collection[str],
    roles: Collection[str] | None,
) -> Iterator[Problem]:
    for j, role in enumerate(contact.roles):
        if roles is not None and role not in roles:
            listed = ", ".join(sorted(roles))
            yield document.problem(
                (*path, "roles", j),
                f"{role!r} is not a role of the procedure; allowed: {listed}",
                f"{role!r} không phải vai trò của quy trình; cho phép: {listed}",
            )
    other = contact.backup_of.casefold()
    if other and (other not in known or other == contact.name.casefold()):
        yield document.problem(
            (*path, "backup_of"),
            f"{contact.backup_of!r} is no other contact of this file",
            f"không có đầu mối khác tên {contact.backup_of!r}",
        )
    if contact.valid_from and contact.valid_to and contact.valid_to < contact.valid_from:
        yield document.problem((*path, "valid_to"), "it is before valid_from")


def _ways(
    document: Document, path: Path, contact: Contact, policy: PagingPolicy | None
) -> Iterator[Problem]:
    for j, name in enumerate(contact.channels):
        channel = None if policy is None else policy.channels.get(name)
        if policy is not None and channel is None:
            listed = ", ".join(policy.channels) or "none is defined"
            yield document.problem(
                (*path, "channels", j),
                f"{name!r} is not defined in channels.yaml; allowed: {listed}",
                f"channels.yaml chưa khai báo kênh {name!r}; cho phép: {listed}",
            )
        elif channel is not None and contact.address_over(channel.kind) is None:
            needed = "email" if channel.kind == MAIL_KIND else "phones"
            yield document.problem(
                (*path, "channels", j),
                f"the channel {name!r} ({channel.kind}) needs `{needed}` of {contact.name!r}",
                f"kênh {name!r} ({channel.kind}) cần `{needed}` của {contact.name!r}",
            )
        elif channel is not None and (
            problem := channel.problem_of(contact.address_over(channel.kind) or "")
        ):
            yield document.problem((*path, "channels", j), *problem)
