"""How far some long work is: what the API says of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(slots=True)
class Job:
    """One piece of work; the field names are the API's.

    Attributes:
        code: Names the sentence that the console says in place of `error`; empty: it has none.
    """

    id: str
    name: str
    actor: str
    asked_at: datetime
    state: Literal["waiting", "running", "done", "failed", "cancelled"] = "waiting"
    done: int = 0
    of: int = 0
    result: Any = None
    error: str = ""
    code: str = ""
