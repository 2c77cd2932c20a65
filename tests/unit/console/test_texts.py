"""Every word of the pages is in both tables, and no page has words of its own."""

from __future__ import annotations

import re
import string
import unicodedata
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from collector.console.render import environment
from collector.console.texts import LANGUAGES, Texts, table
from incidents.incident import Kind
from incidents.paging import NotifyReason, SilentReason

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATES = resources.files("collector.console") / "templates"
NAMES = sorted(path.name for path in TEMPLATES.iterdir() if path.name.endswith(".html"))
# The product's name and units of notation are the same in every language.
NEUTRAL = {"wanwatch", "wanwatch login"}


def source_of(name: str) -> str:
    """Return a template as written."""
    path: Path = TEMPLATES / name  # type: ignore[assignment]
    return path.read_text(encoding="utf-8")


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_words() -> None:
    """A word that one language lacks would be an error page at night."""
    assert table("vi").keys() == table("en").keys()


def test_both_languages_need_the_same_values() -> None:
    """A number that Vietnamese shows is shown in English too."""
    for key, words in table("vi").items():
        assert placeholders(words) == placeholders(table("en")[key]), key


def test_words_are_in_composed_form() -> None:
    """Text is NFC, so that it can be searched."""
    for language in LANGUAGES:
        for key, words in table(language).items():
            assert unicodedata.is_normalized("NFC", words), key


def test_a_missing_word_is_an_error() -> None:
    """No key is ever shown to a person."""
    with pytest.raises(KeyError):
        Texts("vi")("no.such.word")


@pytest.mark.parametrize("name", NAMES)
def test_template_uses_only_words_that_exist(name: str) -> None:
    """Each key that a template names in full is in the table, each family has members."""
    for key in re.findall(r"\bt(?:\.known)?\('([a-z_.]+)'\s*[,)]", source_of(name)):
        assert key in table("vi"), key
    for family in re.findall(r"\bt(?:\.known)?\('([a-z_.]+\.)'\s*~", source_of(name)):
        assert any(key.startswith(family) for key in table("vi")), family


@pytest.mark.parametrize("name", NAMES)
def test_template_has_no_words_of_its_own(name: str) -> None:
    """What is left without tags and expressions is signs, not words."""
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", source_of(name), flags=re.DOTALL)
    attributes = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', text)
    text = re.sub(r"<[^>]*>", "\n", text)
    for words in [*text.splitlines(), *attributes]:
        left = words.strip()
        assert left in NEUTRAL or not re.search(r"[^\W\d_]", left.replace("wanwatch", "")), left


@pytest.mark.parametrize("name", NAMES)
def test_template_has_no_script_or_style_of_its_own(name: str) -> None:
    """The policy forbids both; a page that needs them would break silently."""
    source = source_of(name)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|\bjs:", source)
    environment().get_template(name)


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        ("entry", [kind.value for kind in Kind]),
        ("reason", [reason.value for reason in (*NotifyReason, *SilentReason)]),
    ],
)
def test_every_code_of_the_desk_has_words(family: str, codes: list[str]) -> None:
    """A new kind of entry or reason must get its words in both languages."""
    assert {f"{family}.{code}" for code in codes} <= table("vi").keys()
