"""The tables of a period as CSV, and packed into the facts of a report; no input or output."""

from __future__ import annotations

import base64
import csv
import json
import zlib
from typing import TYPE_CHECKING

from incidents.reports.period import TABLES

if TYPE_CHECKING:
    from incidents.reports.period import Row, Tables

# So that spreadsheets read it as UTF-8.
_MARK = "\ufeff"


class _Lines(list[str]):
    def write(self, line: str) -> None:
        self.append(line)


def as_csv(name: str, rows: list[Row]) -> str:
    """Return a table as a spreadsheet opens it."""
    lines = _Lines()
    writer = csv.DictWriter(lines, TABLES[name], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return _MARK + "".join(lines)


def packed(tables: Tables) -> str:
    """Return the tables as one short text, as a report keeps them."""
    rows = {
        name: [[row[column] for column in TABLES[name]] for row in tables[name]] for name in TABLES
    }
    plain = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def unpacked(text: str) -> Tables:
    """Return the tables of `packed`."""
    rows = json.loads(zlib.decompress(base64.b64decode(text)))
    return {
        name: [dict(zip(columns, row, strict=True)) for row in rows[name]]
        for name, columns in TABLES.items()
    }
