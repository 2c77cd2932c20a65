"""Reads the calendars that are followed: files beside the collector, or https addresses."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from incidents.sessions.calendar_file import MAX_BYTES
from incidents.vietnamese_bytes import Unreadable, read

TIMEOUT_SECONDS = 20.0


class FeedError(Exception):
    """A calendar could not be read; the text holds no address."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One calendar; `name` is what people are shown: an address may hold a secret."""

    name: str
    place: str

    @property
    def is_address(self) -> bool:
        """Say whether it is fetched over the network."""
        return self.place.startswith("https://")


def feeds_of(text: str) -> list[Feed]:
    """Return the calendars of the setting, each with a name that tells nothing secret.

    Raises:
        ValueError: An address is not https.
    """
    found = []
    for place in text.split():
        digest = hashlib.sha256(place.encode()).hexdigest()[:6]
        if "://" in place and not place.startswith("https://"):
            raise ValueError("session_calendars: allowed is a file, or an https:// address")
        is_address = place.startswith("https://")
        shown = urlsplit(place).hostname if is_address else Path(place).name
        found.append(Feed(f"{shown or 'calendar'} {digest}", place))
    return found


async def fetch(feed: Feed) -> str:
    """Return the text of a calendar.

    Raises:
        FeedError: It cannot be read, is too large, or is no UTF-8.
    """
    content = await (_over_https(feed) if feed.is_address else asyncio.to_thread(_file, feed))
    if len(content) > MAX_BYTES:
        raise FeedError(f"larger than {MAX_BYTES} bytes")
    found = read(content)
    if isinstance(found, Unreadable):
        raise FeedError(f"line {found.line}: {found.reason_en}")
    return found


def _file(feed: Feed) -> bytes:
    try:
        with Path(feed.place).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FeedError(f"cannot be read: {error.strerror or type(error).__name__}") from error


async def _over_https(feed: Feed) -> bytes:
    found = b""
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client,
            client.stream("GET", feed.place) as answer,
        ):
            if not answer.is_success:
                raise FeedError(f"answered {answer.status_code}")
            async for piece in answer.aiter_bytes():
                found += piece
                if len(found) > MAX_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FeedError(f"cannot be fetched: {type(error).__name__}") from error
    return found
