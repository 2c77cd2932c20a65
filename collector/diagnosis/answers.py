"""What an answer says: a line for screens and mails, and words that may leave the network.

The words for outside name nothing: neither a device nor an address, only what it is to the alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.answer import Answer
from collector.liveness import HEARD, Liveness
from collector.outages.topology import State
from incidents.findings import Finding
from incidents.vietnamese import local_time, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.diagnosis.questions import Question
    from collector.targets.target_values import Value
    from collector.targets.targets import Target

GOOD = frozenset({Answer.RIGHT, Answer.BUSY})
ANSWERS: dict[Answer, tuple[str, str]] = {
    Answer.RIGHT: ("trả lời bình thường", "answers as it should"),
    Answer.REFUSED: ("từ chối kết nối", "refuses the connection"),
    Answer.SILENT: ("không trả lời", "does not answer"),
    Answer.GARBAGE: ("trả lời sai giao thức", "answers something else"),
    Answer.DENIED: ("từ chối đăng nhập", "does not let us in"),
    Answer.OUT_OF_SERVICE: ("báo ngừng phục vụ", "says that it is out of service"),
    Answer.BUSY: ("đang bận hoặc trong cuộc gọi", "is busy or in a call"),
    Answer.UNREGISTERED: ("chưa đăng ký", "is not registered"),
    Answer.WRONG_CONTENT: ("trả nội dung sai", "gives the wrong content"),
    Answer.NO_HANDSHAKE: ("không bắt tay TLS được", "has no TLS in common with us"),
    Answer.UNKNOWN: ("không rõ", "cannot be said"),
    Answer.UNTRUSTED: ("chứng thư không đúng", "shows another certificate"),
}
# Which values of a probe are worth a word, and how: a ratio in per cent, seconds in ms.
_TOLD: tuple[tuple[str, str, str], ...] = (
    ("wanwatch_icmp_lost_ratio", "mất gói", "loss"),
    ("wanwatch_icmp_rtt_mean_seconds", "trễ khứ hồi", "round trip"),
    ("wanwatch_stamp_direction_lost_ratio", "mất gói", "loss"),
    ("wanwatch_stamp_jitter_seconds", "biến thiên trễ", "jitter"),
    ("wanwatch_stamp_rtt_mean_seconds", "trễ khứ hồi", "round trip"),
    ("wanwatch_trace_answered_hops", "số chặng trả lời", "hops that answer"),
)
_DIRECTIONS = {"forward": ("chiều đi", "forward"), "reverse": ("chiều về", "reverse")}


def pinged(question: Question, state: State) -> Finding | None:
    """Return what an echo or a connection from the collector found."""
    target = question.target
    if target is None or state is State.UNKNOWN:
        return None
    is_bad = state is State.DOWN
    vi, en = ("không trả lời", "does not answer") if is_bad else ("trả lời", "answers")
    what = ("thiết bị" if question.is_subject else "đường tới đó").capitalize()
    return Finding(
        f"{target.label_vi} ({target.address}), hỏi từ máy chủ thu thập: {vi}",
        f"{target.label_en} ({target.address}), asked from the collector: {en}",
        is_bad,
        f"{what} {vi}",
    )


def measured(question: Question, values: Iterable[Value], by: str) -> Finding | None:
    """Return what an agent has just measured; None where it brought no answer."""
    target, ask = question.target, question.ask
    if target is None or ask is None:
        return None
    found = list(values)
    code = next(
        (
            one.value
            for one in found
            if one.metric == "wanwatch_probe_answer_code" and one.labels.get("probe") == ask.probe
        ),
        None,
    )
    if code is None:
        return None
    answer = Answer(int(code))
    vi, en = ANSWERS[answer]
    figures = [_figure(one) for one in found if one.metric in _NAMES]
    more_vi = "".join(f", {vi_}" for vi_, _ in figures)
    more_en = "".join(f", {en_}" for _, en_ in figures)
    name = ask.probe.upper()
    lost = [vi_ for vi_, _ in figures if vi_.startswith("mất gói") and not vi_.endswith(" 0 %")]
    said = lost[0] if answer in GOOD and lost else f"{name} {vi}"
    return Finding(
        f"{target.label_vi}, {name} từ {by}: {vi}{more_vi}",
        f"{target.label_en}, {name} from {by}: {en}{more_en}",
        answer not in GOOD or bool(lost),
        said[:1].upper() + said[1:],
    )


_NAMES: Mapping[str, tuple[str, str]] = {metric: (vi, en) for metric, vi, en in _TOLD}


def _figure(one: Value) -> tuple[str, str]:
    vi, en = _NAMES[one.metric]
    direction_vi, direction_en = _DIRECTIONS.get(one.labels.get("direction", ""), ("", ""))
    return (
        " ".join(filter(None, (vi, direction_vi, _shown(one, "vi")))),
        " ".join(filter(None, (en, direction_en, _shown(one, "en")))),
    )


def _number(value: float) -> str:
    rounded = round(value, 3)
    return number(rounded) if rounded.is_integer() else number(rounded, 1)


def _shown(one: Value, language: str) -> str:
    value, unit = one.value, ""
    if one.metric.endswith("_ratio"):
        value, unit = 100 * value, " %"
    elif one.metric.endswith("_seconds"):
        value, unit = 1_000 * value, " ms"
    text = _number(round(value, 1)) if language == "vi" else f"{round(value, 1):g}"
    return text + unit


def unanswered(question: Question, seconds: float) -> Finding | None:
    """Return that somebody was asked and has not answered yet."""
    target, ask = question.target, question.ask
    if target is None:
        return None
    name = "" if ask is None else f", {ask.probe.upper()}"
    return Finding(
        f"{target.label_vi}{name}: chưa có kết quả sau {seconds:g} giây",
        f"{target.label_en}{name}: no result within {seconds:g} s",
        is_bad=False,
    )


def prober_heard(target: Target, by: str, liveness: Liveness, last: datetime | None) -> Finding:
    """Return whether the agent that measures a target is heard itself."""
    is_bad = liveness not in HEARD
    since = "" if last is None else local_time(last)
    vi = f"mất liên lạc từ {since}" if is_bad else f"đang báo cáo, lần cuối {since}"
    en = f"not heard since {since}" if is_bad else f"reports, last at {since}"
    return Finding(
        f"Nơi đo của {target.label_vi} ({by}): {vi}",
        f"What measures {target.label_en} ({by}): {en}",
        is_bad,
        "Nơi đo mất liên lạc" if is_bad else "",
    )


def known_values(metric: str, values: Iterable[tuple[str, Value]]) -> list[Finding]:
    """Return the newest values of a metric, by the label of what they are of; old ones say so."""
    found = []
    for label, one in values:
        old_vi = f" (đo cách đây {one.age_seconds:.0f} giây)" if one.is_old else ""
        old_en = f" (measured {one.age_seconds:.0f} s ago)" if one.is_old else ""
        labels = ",".join(f"{name}={text}" for name, text in one.labels.items())
        name = f"{metric}{'{' + labels + '}' if labels else ''}"
        is_bad, said = _judged(one)
        found.append(
            Finding(
                f"{label}: {name} = {_number(one.value)}{old_vi}",
                f"{label}: {name} = {round(one.value, 3):g}{old_en}",
                is_bad,
                said,
            )
        )
    return found


def _judged(one: Value) -> tuple[bool, str]:
    """Say what needs no threshold: a supply that runs on its battery."""
    if one.metric == "wanwatch_ups_on_battery" and one.value >= 1 and not one.is_old:
        return True, "UPS đang chạy ắc quy"
    return False, ""
