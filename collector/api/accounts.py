"""`/api/v1/accounts`: the command line gives people passwords, disables them, ends sessions.

Answers are not kept for repeats: a digest of a request that holds a password would be a way to
guess it. Doing one of these twice does no harm.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from collector.access import MAX_ACTOR_LENGTH, Identity
from collector.accounts.password_rules import LONGEST
from collector.api.deps import Caller, Use
from collector.api.errors import NotFoundError
from collector.storage.access_store import SessionRow


def _by_token(caller: Caller) -> Identity:
    """Refuse everybody but the command line: whoever holds its token has the data anyway."""
    if caller.kind != "bearer":
        raise HTTPException(403, "only the command line's token manages accounts")
    return caller


Administrator = Annotated[Identity, Depends(_by_token)]
Password = Annotated[SecretStr, Field(max_length=4 * LONGEST)]
router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])


class NewAccount(BaseModel):
    """Who gets an account, by the name in people.yaml, and a password to be changed at once."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ACTOR_LENGTH)
    ]
    password: Password


class NewPassword(BaseModel):
    """A password to be changed at the next log-in."""

    model_config = ConfigDict(extra="forbid")
    password: Password


class AccountRow(BaseModel):
    """An account without anything secret."""

    name: str
    must_change: bool
    second_factor: bool
    password_at: datetime
    disabled_at: datetime | None
    created_at: datetime
    created_by: str


class Changed(BaseModel):
    """Whose account was changed."""

    name: str


class Ended(BaseModel):
    """How many sessions ended."""

    ended: int


@router.get("")
async def accounts(services: Use, caller: Administrator) -> list[AccountRow]:
    """List accounts by name."""
    del caller
    return [
        AccountRow(
            name=one.name,
            must_change=one.must_change,
            second_factor=one.totp_sealed is not None,
            password_at=one.password_at,
            disabled_at=one.disabled_at,
            created_at=one.created_at,
            created_by=one.created_by,
        )
        for one in await services.account_admin.listed()
    ]


@router.post("", status_code=201)
async def add(services: Use, caller: Administrator, new: NewAccount) -> Changed:
    """Add an account."""
    password = new.password.get_secret_value()
    await services.account_admin.add(new.name, password, by=caller.actor)
    return Changed(name=new.name)


@router.post("/{name}/password")
async def password(services: Use, caller: Administrator, name: str, new: NewPassword) -> Changed:
    """Give a password; all sessions of the account end."""
    given = new.password.get_secret_value()
    return _found(name, await services.account_admin.set_password(name, given, by=caller.actor))


@router.post("/{name}/totp/reset")
async def reset(services: Use, caller: Administrator, name: str) -> Changed:
    """Ask somebody who lost their device for no codes any more."""
    return _found(name, await services.account_admin.reset_second_factor(name, by=caller.actor))


@router.post("/{name}/disable")
async def disable(services: Use, caller: Administrator, name: str) -> Changed:
    """Let somebody in no more; all sessions of the account end."""
    return _found(name, await services.account_admin.disable(name, by=caller.actor))


@router.post("/{name}/enable")
async def enable(services: Use, caller: Administrator, name: str) -> Changed:
    """Let somebody in again."""
    return _found(name, await services.account_admin.enable(name, by=caller.actor))


@router.get("/{name}/sessions")
async def sessions(services: Use, caller: Administrator, name: str) -> list[SessionRow]:
    """List somebody's open sessions, also those of a one-time link."""
    del caller
    return await services.access.sessions(name)


@router.post("/{name}/sessions/end")
async def end_sessions(services: Use, caller: Administrator, name: str) -> Ended:
    """End all sessions of somebody."""
    return Ended(ended=await services.account_admin.end_sessions(name, by=caller.actor))


@router.post("/{name}/sessions/{session}/end")
async def end_session(services: Use, caller: Administrator, name: str, session: str) -> Ended:
    """End one session of somebody."""
    ended = await services.account_admin.end_sessions(name, session, by=caller.actor)
    return Ended(ended=ended)


def _found(name: str, found: bool) -> Changed:
    if not found:
        raise NotFoundError("account", name)
    return Changed(name=name)
