"""Structured logs through loguru: one line an event, to standard error, with no secret in them."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Message, Record

# What may stand before a secret in a text that comes from elsewhere (a library's error).
_SECRET = re.compile(
    r"(?i)((?:(?:authorization|password|passwd|secret|token|key)\"?\s*[=:]\s*\"?)(?:bearer\s+)?"
    r"|bearer\s+|://[^/\s:@]*:)[^\s\"'@&,]+"
)


def redact(text: str) -> str:
    """Return the text with whatever looks like a secret replaced by three dots."""
    return _SECRET.sub(r"\1…", text)


def _line(record: Record) -> str:
    """Return the event as one JSON object; control characters cannot forge a second line."""
    event = {
        "at": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "where": f"{record['name']}:{record['line']}",
        "event": redact(record["message"]),
        **{name: redact(str(value)) for name, value in record["extra"].items()},
    }
    if record["exception"] is not None:
        kind, error, _ = record["exception"]
        event["error"] = f"{kind.__name__ if kind else 'Error'}: {redact(str(error))}"
    return json.dumps(event, ensure_ascii=False)


def _write(message: Message) -> None:
    sys.stderr.write(_line(message.record) + "\n")
    sys.stderr.flush()


class _FromStandardLogging(logging.Handler):
    """Hands what libraries log to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on."""
        level = record.levelname if record.levelno >= logging.WARNING else "DEBUG"
        logger.opt(exception=record.exc_info).log(level, "{}", record.getMessage())


def set_up(level: str) -> None:
    """Send all logs, those of libraries included, to standard error as JSON lines."""
    logger.remove()
    logger.add(_write, level=level, backtrace=False, diagnose=False)
    logging.basicConfig(handlers=[_FromStandardLogging()], level=logging.INFO, force=True)
