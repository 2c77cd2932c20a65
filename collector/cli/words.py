"""What commands say, in the language of the terminal: English in the code, Vietnamese beside it.

Every sentence stands in English where it is said, as `say("{name} may log in", name=name)`, as a
heading of a table, or as the help of a command; `words*_vi.yaml` has its Vietnamese under the same
English. JSON and logs stay English. Which language it is follows gettext: the first of LANGUAGE,
LC_ALL, LC_MESSAGES and LANG that says something.
"""

from __future__ import annotations

import os
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["vi", "en"]
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
# What the library itself says around a command's own words, as it stands in its output.
_AROUND = (
    (r"(?m)^Usage: ", "Cách dùng: "),
    (r"(?m)^Options:$", "Tùy chọn:"),
    (r"(?m)^Arguments:$", "Đối số:"),
    (r"(?m)^Commands:$", "Lệnh:"),
    (r"\[OPTIONS\]", "[TÙY CHỌN]"),
    (r"COMMAND \[ARGS\]\.\.\.", "LỆNH [ĐỐI SỐ]..."),
    (r"\brequired\]", "bắt buộc]"),
    (r"([\[ ])env(\s+)var: ", r"\1biến môi\2trường: "),
    (r"([\[ ])default: ", r"\1mặc định: "),
    (r"Show this message and exit\.", "Hiện hướng dẫn này rồi thoát."),
    (r"Install completion for the current shell\.", "Cài tự điền lệnh cho shell hiện tại."),
    (
        r"Show completion for the current shell, to copy it or customize the installation\.",
        "Hiện phần tự điền lệnh của shell hiện tại để chép hoặc tự cài.",
    ),
    (r"(?m)^Try '(.*)' for help\.$", r"Xem hướng dẫn: \1"),
    (r"(?m)^Error: ", "Lỗi: "),
    (r"Missing argument '(.*?)'\.", r"Thiếu đối số '\1'."),
    (r"Missing option '(.*?)'\.", r"Thiếu tùy chọn '\1'."),
    (r"Missing command\.", "Thiếu tên lệnh."),
    (r"No such command '(.*?)'\.", r"Không có lệnh '\1'."),
    (r"No such option: (\S+)", r"Không có tùy chọn \1"),
    (r"Did you mean (.*)\?", r"Có phải \1?"),
    (r"\(Possible options: (.*)\)", r"(Có thể là: \1)"),
    (r"Got unexpected extra arguments? ?\(?s?\)? ?\((.*)\)", r"Thừa đối số (\1)"),
    (r"Option '(.*?)' requires an argument\.", r"Tùy chọn '\1' cần một giá trị."),
    (r"Invalid value for (.*?): ", r"Giá trị không hợp lệ cho \1: "),
    (r"Invalid value: ", "Giá trị không hợp lệ: "),
    (r"'(.*)' is not a valid (integer|float|int)\.", r"'\1' không phải là số."),
    (r"(\S+) is not in the range (.*)\.", r"\1 nằm ngoài khoảng \2."),
    (r"(?:File|Path|Directory) '(.*)' does not exist\.", r"không có '\1'."),
    (r"(?:File|Path|Directory) '(.*)' is a directory\.", r"'\1' là thư mục."),
    (r"(?:File|Path|Directory) '(.*)' is a file\.", r"'\1' là tệp."),
    (r"Aborted[.!]", "Đã dừng."),
)


def language(environment: Mapping[str, str]) -> Language:
    """Return `vi` or `en` by the variables of a terminal."""
    said = next((value for name in VARIABLES if (value := environment.get(name))), "")
    return "vi" if said.lower().startswith("vi") else "en"


def is_vietnamese() -> bool:
    """Say whether this terminal is to be spoken to in Vietnamese."""
    return language(os.environ) == "vi"


@cache
def table() -> dict[str, str]:
    """Return the Vietnamese of every sentence by its English."""
    found: dict[str, str] = {}
    for source in sorted(resources.files("collector.cli").iterdir(), key=lambda one: one.name):
        if source.name.endswith("_vi.yaml"):
            content = yaml.safe_load(source.read_text(encoding="utf-8"))
            found |= {str(english): str(vietnamese) for english, vietnamese in content.items()}
    return found


def say(english: str, **values: Any) -> str:
    """Return a sentence in the language of the terminal, with its values put in."""
    return word(english).format(**values)


def word(english: str) -> str:
    """Return a sentence without values; what has no Vietnamese yet stays English."""
    return table().get(plain(english), english) if is_vietnamese() else english


def plain(english: str) -> str:
    """Return a sentence as the table has it: on one line."""
    return " ".join(english.split())


def around(text: str) -> str:
    """Return what the library says around a command's own words in Vietnamese."""
    for pattern, vietnamese in _AROUND:
        text = re.sub(pattern, vietnamese, text)
    return text
