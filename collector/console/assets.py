"""Style sheet, scripts and icon: all served from here, held in memory, addressed by content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path

from fastapi import APIRouter, Request, Response

from collector.api.errors import NotFoundError

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
OWN = ("console.css", "console.js", "board.css", "board.js", "favicon.svg")
# The browser library comes out of an installed wheel; its Python side is never imported.
WHEEL = "django-htmx"
FROM_WHEEL = {
    "htmx.js": "django_htmx/static/django_htmx/htmx-4.min.js",
    "hx-sse.js": "django_htmx/static/django_htmx/ext/hx-sse-4.min.js",
}

router = APIRouter(prefix="/static", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served; `version` is a digest of its content."""

    content: bytes
    media_type: str
    version: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return every file by name; without the wheel the pages work by plain links and forms."""
    own = resources.files("collector.console") / "static"
    found = {name: _asset(name, (own / name).read_bytes()) for name in OWN}
    for name, path in _in_wheel().items():
        found[name] = _asset(name, path.read_bytes())
    return found


def has_live_scripts() -> bool:
    """Say whether the browser library is installed, both parts of it."""
    return all(name in assets() for name in FROM_WHEEL)


def url_of(name: str) -> str:
    """Return the address of a file; it changes with the content, so it may be kept for ever."""
    return f"/static/{name}?v={assets()[name].version}"


@router.get("/{name}")
async def static_file(request: Request, name: str) -> Response:
    """Serve one file."""
    asset = assets().get(name)
    if asset is None:
        raise NotFoundError("page", name)
    current = request.query_params.get("v") == asset.version
    keep = "private, max-age=31536000, immutable" if current else "no-cache"
    headers = {"Cache-Control": keep, "ETag": f'"{asset.version}"'}
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _asset(name: str, content: bytes) -> Asset:
    version = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, MEDIA_TYPES[Path(name).suffix], version)


def _in_wheel() -> dict[str, Path]:
    try:
        wheel = metadata.distribution(WHEEL)
    except metadata.PackageNotFoundError:
        return {}
    paths = {name: Path(str(wheel.locate_file(path))) for name, path in FROM_WHEEL.items()}
    return {name: path for name, path in paths.items() if path.is_file()}
