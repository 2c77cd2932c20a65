"""Everything that a person reads is there in Vietnamese: pages, commands and their help."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from collector.cli import app
from collector.cli.speech import run_in_vietnamese
from collector.cli.words import VARIABLES, language, plain, table
from collector.console import texts
from tests.agent_words import agent_sentences, agent_unsaid
from tests.cli_words import FOLDER, helps, sentences, trees, unsaid

if TYPE_CHECKING:
    from collections.abc import Iterable

CONSOLE = Path(texts.__file__).parent
ADD = """
Write the Vietnamese into a file collector/cli/words*_vi.yaml, a line each, under the very English:
    "{sentence}": "..."
Every {{value}} of the English stands in the Vietnamese as well."""
# Words of the templates that are the same in every language.
SAME = frozenset({"wanwatch", "SHA-256", "SHA", "CSV", "PDF", "docx", "ID"})
_TAGS = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ATTRIBUTES = re.compile(r"\b(?:title|alt|placeholder|aria-label|data-label)=\"([^\"]*)\"")


def missing(said: Iterable[tuple[str, str]], known: Iterable[str]) -> list[str]:
    words = set(known)
    return sorted({f"{place}: {sentence}" for place, sentence in said if sentence not in words})


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_sentence_of_a_command_is_there_in_vietnamese() -> None:
    """What `say` says, and the headings of its tables."""
    said = [(place, words) for place, words in sentences() if re.search(r"[a-zA-Z]{2,}", words)]
    found = missing(said, table())
    assert not found, "\n".join(found) + ADD.format(sentence="The English sentence")


def test_every_help_is_there_in_vietnamese() -> None:
    """Of commands, options and arguments."""
    found = missing(helps(), table())
    assert not found, "\n".join(found) + ADD.format(sentence="The help on one line")


def test_no_command_speaks_past_the_table() -> None:
    """Words for people go through `say`, so that there is something to translate."""
    found = list(unsaid())
    assert not found, "\n".join(found) + (
        '\nWrite typer.echo(say("{name} is there", name=name)) instead of an f-string, with say of '
        "collector.cli.words, and the sentence into collector/cli/words_vi.yaml."
    )


def test_what_is_there_is_said_and_has_its_values() -> None:
    """A sentence that nobody says any more goes; a value that is lost would be an error."""
    said = {words for _, words in (*sentences(), *helps())}
    code = "\n".join(path.read_text(encoding="utf-8") for path, _ in trees())
    left = {english for english in table() if english not in said and english not in code}

    assert left <= {"yes", "no"}, "remove from collector/cli/words*_vi.yaml: " + repr(left)
    wrong = [one for one, vi in table().items() if "{" in one and fields(one) != fields(vi)]
    assert not wrong, f"other {{values}} in Vietnamese than in English: {wrong}"


def test_vietnamese_of_commands_is_as_offices_write() -> None:
    """Composed letters, no exclamation marks, nobody addressed in person."""
    for english, vietnamese in (*table().items(), *texts.table("vi").items()):
        assert not re.search(r"!(?![rsa][:}])", vietnamese), english
        assert not re.search(
            r"\b(bạn|quý vị|chúng tôi|chúng ta|hãy|vui lòng)\b", vietnamese.lower()
        ), english
        assert vietnamese == unicodedata.normalize("NFC", vietnamese), english


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi"}, "vi"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": ""}, "vi"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "vi:en"}, "vi"),
    ],
)
def test_the_terminal_says_which_language(environment: dict[str, str], expected: str) -> None:
    """As gettext does: LANGUAGE, LC_ALL, LC_MESSAGES, LANG; what is empty says nothing."""
    assert language(environment) == expected


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, ("Cách dùng:", "Lệnh:", "Liệt kê sự cố và xử lý một sự cố.")),
        (["incident", "note", "--help"], 0, ("Ghi chú vào diễn biến.", "bắt buộc]", "mặc định:")),
        (["incident", "note"], 2, ("Thiếu đối số 'CODE'.", "Xem hướng dẫn:")),
        (["incidnt"], 2, ("Không có lệnh 'incidnt'.", "Có phải")),
        (["alerts", "--nothing"], 2, ("Không có tùy chọn",)),
        (["alerts", "--data", "/nowhere"], 2, ("Không có máy chủ thu thập chạy trên",)),
        (["certificates", "--days", "x"], 2, ("Giá trị không hợp lệ",)),
    ],
)
def test_commands_speak_vietnamese(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: tuple[str, ...],
) -> None:
    """Help, usage and errors, with the exit codes of the English ones; nothing English is left."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    english = CliRunner().invoke(app, words)
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    monkeypatch.setattr("sys.argv", ["wanwatch", *words])
    with pytest.raises(SystemExit) as ended:
        run_in_vietnamese(app)
    out = "".join(capsys.readouterr())

    assert ended.value.code == english.exit_code == code
    for sentence in said:
        assert sentence in out
    for left in ("Usage", "Options:", "Commands:", "Error", "Show this message", "required]"):
        assert left not in out


def test_both_languages_of_the_pages_have_the_same_words() -> None:
    """A word of one table stands in the other, with the same values."""
    vi, en = texts.table("vi"), texts.table("en")
    only = sorted({*vi} ^ {*en})
    assert not only, f"write these into both collector/console/texts*_vi.yaml and _en.yaml: {only}"
    other = [key for key in vi if fields(str(vi[key])) != fields(str(en[key]))]
    assert not other, f"other {{values}} in Vietnamese than in English: {other}"


@pytest.mark.parametrize(
    "path", sorted((CONSOLE / "templates").glob("*.html")), ids=lambda p: p.name
)
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    """Neither between tags nor in what is read out or shown by pointing at it."""
    bare = _JINJA.sub(" ", path.read_text(encoding="utf-8"))
    shown = [_TAGS.sub("\n", bare), *_ATTRIBUTES.findall(bare)]
    words = {
        word
        for text in shown
        for line in text.splitlines()
        for word in re.findall(r"[^\W\d_][^\W\d_&;-]+[^\W\d_]", line)
    }
    own = sorted(word for word in words if word not in SAME)

    assert not own, (
        f"{path.name} says {own} by itself: write {{{{ t('some.key') }}}} and the words into "
        "collector/console/texts*_vi.yaml and _en.yaml"
    )


def test_every_key_that_a_template_uses_is_there() -> None:
    """Those that are written out; keys that are put together are met by the pages' own tests."""
    used = {
        (path.name, key)
        for path in (CONSOLE / "templates").glob("*.html")
        for key in re.findall(
            r"\bt\(\s*['\"]([\w.-]+)['\"]\s*[,)]", path.read_text(encoding="utf-8")
        )
    }
    lost = sorted(pair for pair in used if pair[1] not in texts.table("vi"))
    assert not lost, f"write these into collector/console/texts*_vi.yaml and _en.yaml: {lost}"


def test_every_sentence_of_the_agent_is_there_in_vietnamese() -> None:
    """Its commands' help and what they print."""
    from agents.words_vi import VIETNAMESE

    found = missing(agent_sentences(), VIETNAMESE)
    assert not found, "\n".join(found) + "\nWrite the Vietnamese into agents/words_vi.py."
    wrong = [one for one, vi in VIETNAMESE.items() if fields(one) != fields(vi)]
    assert not wrong, f"other {{values}} in Vietnamese than in English: {wrong}"
    assert not (found := list(agent_unsaid())), "\n".join(found) + "\nPut it through say()."


def test_the_table_is_read_from_every_file() -> None:
    """A helper may bring a file of its own."""
    assert len(list(FOLDER.glob("words*_vi.yaml"))) >= 2
    assert plain("  two\n  lines ") == "two lines"
