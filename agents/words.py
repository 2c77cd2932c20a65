"""What the agent's commands say, in the language of the terminal: English here, Vietnamese beside.

Every sentence stands in English where it is said, as `say("{n} values", n=3)`; `agents/words_vi.py`
has its Vietnamese under the same English. JSON, logs and errors of the configuration stay English.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def is_vietnamese(environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether a terminal is to be spoken to in Vietnamese; as gettext chooses."""
    said = next((value for name in VARIABLES if (value := environment.get(name))), "")
    return said.lower().startswith("vi")


def say(english: str, **values: Any) -> str:
    """Return a sentence in the language of the terminal, with its values put in."""
    return _vietnamese(english).format(**values) if values else _vietnamese(english)


def around(text: str) -> str:
    """Return what argparse says around a command's own words, in the terminal's language."""
    if is_vietnamese():
        from agents.words_vi import AROUND

        for pattern, vietnamese in AROUND:
            text = re.sub(pattern, vietnamese, text)
    return text


def _vietnamese(english: str) -> str:
    if not is_vietnamese():
        return english
    from agents.words_vi import VIETNAMESE

    return VIETNAMESE.get(english, english)
