"""What probes work with in tests: the machine's own clocks."""

from __future__ import annotations

import os
import time

from agents.probe import Means
from agents.snmp.credential import Community

# The name of credentials, and what a device of `tests.devices` lets in.
CREDENTIALS = "codec"
USER, PASSWORD = "giám-sát", "mật:khẩu"

_now = time.time  # noqa: TID251 - the probes' own composition root is not here
MEANS = Means(
    now=_now,
    monotonic=time.monotonic,
    token=os.urandom,
    snmp_credentials={"public": Community("2c", "public")},
    credentials={CREDENTIALS: f"{USER}:{PASSWORD}"},
)
