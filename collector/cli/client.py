"""The commands' way to a running collector: its HTTP interface with the local token."""

from __future__ import annotations

import getpass
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from collector.cli.output import fail
from collector.cli.words import is_vietnamese, say

TIMEOUT_SECONDS = 10.0
DOWNLOAD_SECONDS = 600.0  # an export is made before its first byte comes
ADDRESS_FILE = "collector.address"
TOKEN_FILE = "cli.token"  # noqa: S105 - a file name

Data = Annotated[
    Path, typer.Option(envvar="WANWATCH_DATA", help="Data directory of the running collector.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Unreachable(Exception):
    """No collector answers there."""


@dataclass(frozen=True)
class Client:
    """Talks to one collector."""

    url: str
    token: str
    verify: bool = True
    actor: str = ""  # in whose name; whoever runs the command unless said

    @classmethod
    def of_data_directory(cls, data: Path) -> Client:
        """Read the address and the token that the running collector left in its directory.

        Raises:
            Unreachable: There is none.
        """
        try:
            url = (data / ADDRESS_FILE).read_text(encoding="utf-8").strip()
            token = (data / TOKEN_FILE).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Unreachable(
                say(
                    "no collector runs on {data} ({error}). Start one with `wanwatch up`, or name "
                    "its directory with --data.",
                    data=data,
                    error=error,
                )
            ) from error
        return cls(url, token, verify=not url.startswith("https://127.0.0.1"))

    def is_ready(self) -> bool:
        """Say whether the collector answers and is ready."""
        return httpx.get(f"{self.url}/-/ready", timeout=2, verify=self.verify).is_success

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the JSON answer of a GET; end the command when there is none."""
        chosen = {name: value for name, value in parameters.items() if value is not None}
        return self._answer("GET", path, params=chosen)

    def get_text(self, path: str) -> str:
        """Return the text that a GET answers; end the command when there is none."""
        return self._request("GET", path).text

    def download(self, path: str, to: Path, method: str = "POST") -> int:
        """Save what is answered, piece by piece, and return its size; end the command if not."""
        headers, size = self._headers(), 0
        try:
            with (
                httpx.stream(
                    method,
                    self.url + path,
                    headers=headers,
                    timeout=DOWNLOAD_SECONDS,
                    verify=self.verify,
                ) as response,
            ):
                if not response.is_success:
                    response.read()
                    fail(_explain(response, f"{method} {path}"), code=1)
                with to.open("wb") as file:
                    for piece in response.iter_bytes():
                        size += file.write(piece)
        except (httpx.HTTPError, OSError) as error:
            fail(f"{method} {self.url}{path}: {type(error).__name__}: {error}", code=1)
        return size

    def text(self, path: str) -> str:
        """Return the answer of a GET as it is; end the command when there is none."""
        return self._request("GET", path).text

    def upload(self, path: str, file: Path, query: dict[str, str]) -> Any:
        """Return the JSON answer of a POST whose body is a file, sent piece by piece."""
        try:
            with file.open("rb") as content:
                return self._answer(
                    "POST",
                    path,
                    params=query,
                    content=content,
                    headers={"Idempotency-Key": secrets.token_hex(16)},
                    timeout=DOWNLOAD_SECONDS,
                )
        except OSError as error:
            fail(say("{file}: cannot be read: {error}", file=file, error=error), code=2)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the JSON answer of a POST; a repeat by this process has no second effect."""
        return self._answer(
            "POST", path, json=body or {}, headers={"Idempotency-Key": secrets.token_hex(16)}
        )

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "X-Wanwatch-Actor": quote(self.actor or getpass.getuser()),
        }

    def _answer(self, method: str, path: str, **request: Any) -> Any:
        return self._request(method, path, **request).json()

    def _request(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {**self._headers(), **request.pop("headers", {})}
        timeout = request.pop("timeout", TIMEOUT_SECONDS)
        try:
            response = httpx.request(
                method,
                self.url + path,
                headers=headers,
                timeout=timeout,
                verify=self.verify,
                **request,
            )
        except httpx.HTTPError as error:
            fail(f"{method} {self.url}{path}: {type(error).__name__}: {error}", code=1)
        if not response.is_success:
            code = 1 if response.status_code >= 404 else 2
            fail(_explain(response, f"{method} {path}"), code=code)
        return response


def _explain(response: httpx.Response, tried: str) -> str:
    """Return the collector's reason in the language of the terminal."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    names = ("reason_vi", "reason_en") if is_vietnamese() else ("reason_en", "reason_vi")
    reason = next((body[name] for name in (*names, "detail") if body.get(name)), response.text)
    needed = body.get("needed")
    more = say(" (needed: {needed})", needed=needed) if needed else ""
    return f"{tried}: {response.status_code}: {reason}{more}"


def connect(data: Path) -> Client:
    """Return a client for a command; end the command when no collector runs there."""
    try:
        return Client.of_data_directory(data)
    except Unreachable as error:
        fail(str(error), code=2)
