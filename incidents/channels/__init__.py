"""One file per channel; each sends once and says whether again would help."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from incidents.channel import ChannelKind
from incidents.paging_policy import load_paging_policy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from incidents.channel import Channel, Means
    from incidents.paging_policy import PagingPolicy


@cache
def kinds() -> Mapping[str, ChannelKind]:
    """Return the kinds of channels by name; a file that has none is a fault of this program."""
    found: dict[str, ChannelKind] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, ChannelKind):
                found[value.name] = value
    return dict(sorted(found.items()))


def load_policy(text: str, *, file: str, roles: Collection[str] | None = None) -> PagingPolicy:
    """Read and check `channels.yaml` with every kind of channel there is.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    settings = tuple(kind.settings for kind in kinds().values())
    return load_paging_policy(text, file=file, kinds=settings, roles=roles)


def build_channels(policy: PagingPolicy, means: Means) -> dict[str, Channel]:
    """Build the channels of a policy by name."""
    return {
        name: kinds()[settings.kind].build(settings, means)
        for name, settings in policy.channels.items()
    }
