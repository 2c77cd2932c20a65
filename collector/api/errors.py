"""Every error a caller can cause and its status code, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from collector.accounts.hashing import TooBusyError
from collector.storage.answers import KeyReusedError
from collector.storage.queries.paging import UnknownCursorError
from incidents.conditions import NotAllowed, Refused
from incidents.desk_store import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI, Request, Response


# For programs: they are told codes in JSON; a browser's page gets a page.
PROGRAM_PREFIXES = ("/api/", "/metrics", "/-/", "/console/", "/static/")


class NotFoundError(Exception):
    """Nothing with this name exists; `what` is one of the names of `_KINDS`."""

    def __init__(self, what: str, name: object) -> None:
        """Say what was looked for, and by which name."""
        super().__init__(f"no {what} {name!r}")
        self.what = what
        self.name = name


class Problem(NamedTuple):
    """What a caller is told; the field names are the API's."""

    reason_vi: str
    reason_en: str
    field: str | None = None
    needed: list[str] | None = None


_KINDS = {
    "account": "tài khoản",
    "agent": "tác tử",
    "alert": "cảnh báo",
    "board": "bảng theo dõi của phiên",
    "checkpoint": "dấu kiểm",
    "contact": "đầu mối",
    "decision": "quyết định về giờ hoạt động",
    "endpoint": "thiết bị hay đường truyền",
    "evidence": "chứng cứ",
    "figure": "chỉ tiêu",
    "incident": "sự cố",
    "handover": "biên bản giao ca",
    "backtest": "lần thử quy tắc",
    "job": "việc chạy nền",
    "minutes": "biên bản diễn tập của",
    "share": "lần chia sẻ",
    "maintenance window": "lịch bảo trì",
    "page": "trang",
    "policy file": "tệp chính sách",
    "pre-check record": "biên bản kiểm tra trước phiên",
    "photo": "ảnh",
    "period": "kỳ báo cáo",
    "relay": "máy nhắn tin",
    "report": "báo cáo",
    "table of report": "bảng dữ liệu của báo cáo",
    "subject of a report": "việc để báo cáo",
    "test": "lần thử kênh",
    "ruleset": "quy trình",
    "runbook": "hướng dẫn xử lý",
    "samples of session": "số đo quanh sự việc của phiên",
    "session": "phiên hội nghị",
    "silence": "lần tạm tắt báo",
    "target": "thiết bị",
    "source": "nguồn ngoài",
    "token": "mã ghi danh",
    "unit": "đơn vị",
    "watcher": "máy canh",
    "worklist line": "việc",
}


def _not_found(error: NotFoundError) -> Problem:
    return Problem(f"không có {_KINDS[error.what]} {error.name!r}", str(error))


def _invalid(error: RequestValidationError) -> Problem:
    first: Mapping[str, Any] = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return Problem(f"giá trị không hợp lệ: {field}", f"{field}: {first['msg']}", field)


def _refused(error: Refused) -> Problem:
    return Problem(error.reason_vi, error.reason_en, needed=list(error.needed))


def _conflict(error: Conflict) -> Problem:
    return Problem("người khác vừa thay đổi; cần tải lại rồi thử lại", str(error))


def _key_reused(error: KeyReusedError) -> Problem:
    return Problem("khóa chống lặp đã dùng cho yêu cầu khác", str(error), "Idempotency-Key")


def _unknown_cursor(error: UnknownCursorError) -> Problem:
    return Problem("không có dòng này trong danh sách", str(error), "after")


def _unusable(error: DataError) -> Problem:
    return Problem(
        "giá trị có ký tự mà cơ sở dữ liệu không giữ được",
        f"a value holds what the database cannot keep: {str(error.orig)[:120]}",
    )


def _too_busy(error: TooBusyError) -> Problem:
    return Problem("đang có quá nhiều mật khẩu chờ kiểm tra; thử lại sau vài giây", str(error))


def _framework(error: HTTPException) -> Problem:
    return Problem("yêu cầu không được chấp nhận", str(error.detail))


# Each kind of error: its status code (None where it brings one), its code, what to say.
TABLE: dict[type[Exception], tuple[int | None, str, Callable[[Any], Problem]]] = {
    NotAllowed: (403, "forbidden", _refused),
    Refused: (409, "refused", _refused),
    Conflict: (409, "conflict", _conflict),
    NotFoundError: (404, "not_found", _not_found),
    RequestValidationError: (422, "invalid", _invalid),
    KeyReusedError: (422, "key_reused", _key_reused),
    UnknownCursorError: (422, "invalid", _unknown_cursor),
    TooBusyError: (503, "busy", _too_busy),
    DataError: (422, "invalid", _unusable),
    HTTPException: (None, "http", _framework),
}


def explained(error: Exception) -> tuple[int, str, Problem]:
    """Return status code, code and words for an error of the table."""
    status, code, explain = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    if status is None:
        status = getattr(error, "status_code", 500)
    return status, code, explain(error)


def install(app: FastAPI, *, page: Callable[[Request, int, Problem], Response]) -> None:
    """Answer every error of the table: programs get JSON, pages a page."""

    async def answer(request: Request, error: Exception) -> Response:
        status, code, problem = explained(error)
        if is_program(request.url.path):
            body = {"code": code} | problem._asdict()
            said = {name: value for name, value in body.items() if value is not None}
            return JSONResponse(said, status_code=status)
        return page(request, status, problem)

    for kind in TABLE:
        app.add_exception_handler(kind, answer)


def is_program(path: str) -> bool:
    """Say whether a path serves programs; all others serve people."""
    return path.startswith(PROGRAM_PREFIXES)
