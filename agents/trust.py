"""Whom this agent trusts to be the collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.settings import SettingsError

if TYPE_CHECKING:
    import ssl

    from agents.settings import Settings


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """Return how to trust the collector; None for plain HTTP.

    Raises:
        SettingsError: No collector is named, or the CA file is not one.
    """
    if not settings.collector:
        raise SettingsError("setting 'collector' is missing: http://HOST:PORT or https://HOST:PORT")
    if not settings.collector.startswith("https:"):
        return None
    import ssl

    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"setting 'ca_file' {settings.ca_file}: {error}") from error
