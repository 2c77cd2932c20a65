"""`python -m collector.dashboards`: write deploy/grafana and deploy/prometheus anew."""

from __future__ import annotations

from pathlib import Path

from collector.dashboards.written import files


def main() -> None:
    """Write every file below the current directory."""
    for path, content in files().items():
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
