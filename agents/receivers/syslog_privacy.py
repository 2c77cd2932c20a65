"""What of a device's own words may leave the site: what it says of itself, nobody's doings.

Of a facility whose messages are about people (log-ins, mail, printing, what somebody runs) nothing
but who sent it and how bad it is; of the others the text, without secrets, names and addresses of
pages.
"""

from __future__ import annotations

import re

from agents.receivers.meaning import line

# Log-ins, mail, printed documents, fetched files, commands that ran.
ABOUT_PEOPLE = frozenset(
    {"user", "mail", "auth", "printer", "news", "uucp", "authpriv", "ftp", "audit", "cron"}
)
# What a trap says is about the device, as messages of this facility are.
DEVICE = "daemon"
HIDDEN = "…"
_SECRET = re.compile(
    r"\b(pass(?:word|wd|phrase)?|pwd|secret|token|community|key|authorization|cookie)"
    r"(\s*[:=]\s*|\s+)(?:\"[^\"]*\"|\S+)",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b(user(?:name)?|by|(?:account|acct|login|ruser|uid)(?=\s*[:=]))(\s*[:=]\s*|\s+)"
    r"(?:\"[^\"]*\"|[^\s\],;)]+)",
    re.IGNORECASE,
)
_FOR = re.compile(r"\bfor (?:invalid user )?\S+ from\b", re.IGNORECASE)
_PAGE = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://\S+", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}")


def shown(facility: str, text: str) -> str:
    """Return what of a message's text is told, one line; nothing where it is about people."""
    if facility in ABOUT_PEOPLE:
        return ""
    said = _PAGE.sub(HIDDEN, text)
    said = _MAILBOX.sub(HIDDEN, said)
    said = _FOR.sub(f"for {HIDDEN} from", said)
    said = _SECRET.sub(rf"\1\2{HIDDEN}", said)
    return line(_NAME.sub(rf"\1\2{HIDDEN}", said))
