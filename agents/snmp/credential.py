"""What an agent says to a device so that it answers; pure, and no secret is in a repr."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# RFC 3414, RFC 7860; RFC 3826 and the two drafts for longer keys ("-C" as Cisco lengthens them).
AUTHS = ("MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
PRIVACIES = ("DES", "3DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C")
LEAST_PASSWORD_CHARACTERS = 8  # RFC 3414, section 11.2
_FIELDS = {
    "1": ("community",),
    "2c": ("community",),
    "3": ("user", "auth", "auth_password", "privacy", "privacy_password"),
}


@dataclass(frozen=True, slots=True)
class Community:
    """For SNMP `1` and `2c`."""

    version: str
    community: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """For SNMP 3; without `auth` there is no privacy either."""

    user: str
    auth: str = ""
    auth_password: str = field(default="", repr=False)
    privacy: str = ""
    privacy_password: str = field(default="", repr=False)

    @property
    def version(self) -> str:
        """Return the version of SNMP."""
        return "3"


Credential = Community | User


def read_credential(given: Mapping[str, object]) -> Credential:
    """Return what one table of the file of credentials says.

    Raises:
        ValueError: It is not one; the text names the field and what is allowed, never a value.
    """
    version = given.get("version")
    if not isinstance(version, str) or version not in _FIELDS:
        raise ValueError('version must be "1", "2c" or "3"')
    known = _FIELDS[version]
    texts: dict[str, str] = {}
    for name, value in given.items():
        if name == "version":
            continue
        if name not in known:
            raise ValueError(
                f"{_plain(name)} is not known; allowed are version, {', '.join(known)}"
            )
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name} must be a text that is not empty")
        texts[name] = value
    if known[0] not in texts:
        raise ValueError(f"{known[0]} is missing")
    return Community(version, **texts) if version != "3" else _user(texts)


def _user(texts: Mapping[str, str]) -> User:
    for kind, kinds in (("auth", AUTHS), ("privacy", PRIVACIES)):
        password = f"{kind}_password"
        if (kind in texts) != (password in texts):
            raise ValueError(f"{kind} and {password} stand together, or neither")
        if kind in texts and texts[kind] not in kinds:
            raise ValueError(f"{kind} must be one of {', '.join(kinds)}")
        if password in texts and len(texts[password]) < LEAST_PASSWORD_CHARACTERS:
            raise ValueError(f"{password} is shorter than {LEAST_PASSWORD_CHARACTERS} characters")
    if "privacy" in texts and "auth" not in texts:
        raise ValueError("privacy needs auth beside it")
    return User(**texts)


def _plain(name: str) -> str:
    """Return a field's name for an error; what looks like no name may be a secret in its place."""
    is_name = name.isascii() and name.replace("_", "").isalpha() and len(name) <= 20
    return name if is_name else "a field"
