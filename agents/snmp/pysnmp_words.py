"""What credentials, values and problems are called in pysnmp."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.answer import Answer
from agents.snmp.credential import Community
from agents.snmp.engine import Failed, Silent, Unfit

if TYPE_CHECKING:
    from agents.snmp.credential import Credential
    from agents.snmp.family import Value

_AUTH = {
    "MD5": "USM_AUTH_HMAC96_MD5",
    "SHA": "USM_AUTH_HMAC96_SHA",
    "SHA-224": "USM_AUTH_HMAC128_SHA224",
    "SHA-256": "USM_AUTH_HMAC192_SHA256",
    "SHA-384": "USM_AUTH_HMAC256_SHA384",
    "SHA-512": "USM_AUTH_HMAC384_SHA512",
}
_PRIVACY = {
    "DES": "USM_PRIV_CBC56_DES",
    "3DES": "USM_PRIV_CBC168_3DES",
    "AES": "USM_PRIV_CFB128_AES",
    "AES-192": "USM_PRIV_CFB192_AES_BLUMENTHAL",
    "AES-256": "USM_PRIV_CFB256_AES_BLUMENTHAL",
    "AES-192-C": "USM_PRIV_CFB192_AES",
    "AES-256-C": "USM_PRIV_CFB256_AES",
}


def raise_as_ours(problem: Any) -> None:
    """Raise what the library's word for a problem is in the seam."""
    from pysnmp.proto import errind

    denied = (
        errind.AuthenticationError, errind.AuthenticationFailure, errind.DecryptionError,
        errind.UnknownSecurityName, errind.UnknownUserName, errind.UnsupportedAuthProtocol,
        errind.UnsupportedPrivProtocol, errind.UnsupportedSecurityLevel, errind.WrongDigest,
    )  # fmt: skip
    if isinstance(problem, denied):
        raise Failed(Answer.DENIED)
    if isinstance(
        problem, errind.RequestTimedOut | errind.NotInTimeWindow | errind.UnknownEngineID
    ):
        raise Silent
    raise Unfit(Answer.GARBAGE)


def auth_of(credential: Credential) -> Any:
    """Return a credential as the library has it."""
    from pysnmp.hlapi.v3arch import asyncio as api

    if isinstance(credential, Community):
        return api.CommunityData(credential.community, mpModel=int(credential.version != "1"))
    given: dict[str, Any] = {}
    if credential.auth:
        given["authKey"] = credential.auth_password
        given["authProtocol"] = getattr(api, _AUTH[credential.auth])
    if credential.privacy:
        given["privKey"] = credential.privacy_password
        given["privProtocol"] = getattr(api, _PRIVACY[credential.privacy])
    return api.UsmUserData(credential.user, **given)  # noqa: S509  # as the device wants it


def plain(value: Any) -> Value | None:
    """Return a value of the library as a plain one; None: the device has none there."""
    from pyasn1.type.univ import Integer, ObjectIdentifier
    from pysnmp.proto import rfc1902

    if isinstance(value, rfc1902.IpAddress):
        return ".".join(map(str, bytes(value)))
    if isinstance(value, rfc1902.OctetString | rfc1902.Opaque):
        return bytes(value)
    if isinstance(value, ObjectIdentifier):
        return str(value)
    # The rest is nothing, or one of the three words for there being nothing.
    return int(value) if isinstance(value, Integer) else None
