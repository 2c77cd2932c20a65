"""The words of the pages: one flat table per language; a missing word is an error."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, get_args

import yaml

from collector.console.formats import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "vi"


@cache
def table(language: Language) -> Mapping[str, str]:
    """Return the words of one language by key, out of every file `texts*_LANGUAGE.yaml`."""
    words: dict[str, str] = {}
    for source in sorted(resources.files("collector.console").iterdir(), key=lambda s: s.name):
        if source.name.startswith("texts") and source.name.endswith(f"_{language}.yaml"):
            words |= yaml.safe_load(source.read_text(encoding="utf-8"))
    return words


class Texts:
    """Translates keys for one page; called `t` in templates."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._table = table(language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the words for `key`.

        Raises:
            KeyError: Neither the table nor the call has what the words need.
        """
        return self._table[key].format(**values)

    def known(self, key: str, otherwise: str) -> str:
        """Return the words for `key`, or `otherwise`: for names that data may bring."""
        return self._table.get(key, otherwise)


def choose_language(asked: str | None, remembered: str | None) -> Language:
    """Return the language of a page: the one asked for, the remembered one, else Vietnamese."""
    for wish in (asked, remembered):
        for language in LANGUAGES:
            if wish == language:
                return language
    return DEFAULT_LANGUAGE
