"""What one kind of entry does to an incident."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from incidents.state import Incident
from incidents.timeline import Entry

Change: TypeAlias = Callable[[Incident, Entry], Incident]
