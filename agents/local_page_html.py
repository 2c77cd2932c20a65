"""The local page as HTML: one file, no other, readable in any browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agents.local_page import ATTENTION, BAD, GOOD, MOST_KNOWN, UNKNOWN, Facts, Light, lights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MARKS = {GOOD: "✓", ATTENTION: "!", BAD: "✕", UNKNOWN: "?"}
# After this the page says of itself that it is old; it is written twice as often.
STALE_SECONDS = 120
REFRESH_SECONDS = 30
NOT_RUNNING = (
    "Tác tử giám sát trên máy này không còn chạy, các đèn không còn đúng. Xin gọi để được giúp."
)
VIETNAM_SECONDS = 7 * 3600  # Asia/Ho_Chi_Minh has had no other time since 1975


def escape(text: str) -> str:
    """Return a text that no browser takes for anything else; `html` would bring its 2,231 names."""
    for character, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#39")):
        text = text.replace(character, f"&{name};")
    return text


def instant(at: float) -> str:
    """Return Unix time as it is written here: 08:15 ngày 26/11/2026."""
    return time.strftime("%H:%M ngày %d/%m/%Y", time.gmtime(at + VIETNAM_SECONDS))


def render(facts: Facts, since: dict[str, float], written_at: float) -> str:
    """Return the whole page: one file, no other, readable in any browser.

    Args:
        since: By the title of a light, when it became what it is; Unix seconds.
        written_at: Unix seconds.
    """
    body = "\n".join(_body(facts, since, written_at))
    return PAGE.format(
        host=escape(facts.host),
        refresh=REFRESH_SECONDS,
        style=STYLE,
        body=body,
        script=SCRIPT % (written_at, STALE_SECONDS),
    )


def _body(facts: Facts, since: dict[str, float], written_at: float) -> Iterator[str]:
    yield f"<h1>Tình trạng máy {escape(facts.host)}</h1>"
    yield f'<p class="notice old">{NOT_RUNNING}</p>'
    if not facts.is_running:
        yield f'<p class="notice">Tác tử giám sát đã được dừng lúc {instant(written_at)}.</p>'
    for light in lights(facts):
        yield from _light(light, since.get(light.title, written_at))
    yield "<h2>Tỉnh đã biết</h2>"
    yield from _known(facts)
    yield "<h2>Cần giúp đỡ, xin gọi</h2>"
    yield from _list(facts.contacts or ("Cán bộ công nghệ thông tin của đơn vị.",))
    at = time.strftime("%H:%M:%S ngày %d/%m/%Y", time.gmtime(written_at + VIETNAM_SECONDS))
    yield (
        f'<p class="small">Trang này ghi lúc <b>{at}</b> và tự mở lại sau mỗi {REFRESH_SECONDS} '
        f"giây. Nếu giờ này lệch với đồng hồ quá 2 phút: {NOT_RUNNING[0].lower()}{NOT_RUNNING[1:]} "
        f"Mã tác tử: {escape(facts.agent)}.</p>"
    )


def _light(light: Light, since: float) -> Iterator[str]:
    yield f'<div class="light {light.state}"><div class="lamp">{MARKS[light.state]}</div>'
    yield f'<div class="text"><div class="title">{light.title}</div>'
    begun = f" <span>từ {instant(since)}</span>" if light.has_begun else ""
    yield f'<div class="word">{escape(light.word)}{begun}</div>'
    yield '<div class="word old">Không còn cập nhật</div>'
    yield "".join(f'<div class="line">{escape(line)}</div>' for line in light.lines)
    yield "</div></div>"


def _known(facts: Facts) -> Iterator[str]:
    accepted_at = facts.line.accepted_at
    if accepted_at is not None and not facts.line.is_good:
        yield f"<p>Biết đến lúc {instant(accepted_at)}, khi đường truyền còn thông:</p>"
    if facts.known is None:
        yield "<p>Chưa nhận được thông tin từ tỉnh.</p>"
    elif facts.known:
        matters = facts.known[:MOST_KNOWN]
        yield from _list(f"{m.text} (từ {instant(m.since)})" for m in matters)
    else:
        yield "<p>Không có việc nào đang mở cho máy này.</p>"


def _list(lines: Iterable[str]) -> Iterator[str]:
    yield "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


PAGE = """<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8">
<meta http-equiv="refresh" content="{refresh}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Máy {host}</title>
<style>{style}</style></head>
<body>
{body}
<script>{script}</script>
</body></html>
"""
STYLE = """
body{font-family:Arial,"Segoe UI",sans-serif;font-size:20px;line-height:1.4;color:#222;
background:#fff;max-width:860px;margin:0 auto;padding:16px}
h1{font-size:30px;margin:8px 0 20px}h2{font-size:24px;margin:28px 0 8px}
.light{border:1px solid #ccc;padding:16px;margin:0 0 14px;overflow:hidden}
.lamp{float:left;width:76px;height:76px;line-height:76px;border-radius:38px;text-align:center;
font-size:44px;font-weight:bold;color:#fff;background:#757575}
.text{margin-left:98px}.title{font-size:26px;font-weight:bold}.word{font-size:22px}
.word span{color:#555;font-size:18px}.line{margin-top:4px}.old{display:none}
.good .lamp{background:#1a7f37}.attention .lamp{background:#a66a00}.bad .lamp{background:#c62828}
.notice{background:#eee;padding:12px;font-weight:bold}
.small{color:#555;font-size:16px;margin-top:28px}
.stale .lamp{background:#757575;color:#757575}.stale .word,.stale .line{display:none}
.stale .old{display:block;font-weight:bold}
"""
SCRIPT = """
(function(){var at=%.0f,most=%d;function look(){
var age=Math.abs(new Date().getTime()/1000-at);
document.body.className=age>most?'stale':'';}
look();setInterval(look,5000);})();
"""
