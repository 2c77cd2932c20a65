"""The words of dashboards in one language, from `texts_vi.yaml` and `texts_en.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import yaml

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Words:
    """Gives the text of a key; one that is missing is a mistake and stops the making."""

    def __init__(self, language: Language) -> None:
        self.language = language
        file = Path(__file__).with_name(f"texts_{language}.yaml")
        self.texts: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))

    def __call__(self, key: str) -> str:
        """Return the text of a key.

        Raises:
            KeyError: There is none.
        """
        return self.texts[key]

    def about(self, key: str) -> str:
        """Return the explanation of what a key names; empty where its name says enough."""
        return self.texts.get(f"{key}.about", "")
