"""Values that many tests need: an instant to begin with."""

from __future__ import annotations

from datetime import UTC, datetime

# Monday 23 November 2026, 09:00 in Viet Nam: office hours, and the day before a holiday.
T0 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
