"""What goes back: error codes with their HTTP status, from the pages "Error Codes" of DLI and API Gateway."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

JSON = "application/json"


class Answer(NamedTuple):
    """A whole answer: status, body, further header fields (lower-case names) and content type."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON


class Refusal(Exception):
    """An answer that is an error; raised where it is found, turned into an `Answer` inside the room."""

    def __init__(self, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or STATUS[code]


STATUS = {
    "DLI.0001": 400,
    "DLI.0002": 400,
    "DLI.0006": 400,
    "DLI.0009": 400,
    "DLI.0019": 400,
    "DLI.0023": 404,
    "DLI.0999": 400,
    "APIGW.0101": 404,
    "APIGW.0201": 413,
    "APIGW.0301": 401,
    "APIGW.0302": 403,
    "APIGW.0308": 429,
    "IAM": 401,
}
"""HTTP status of each code: "Error Codes" (DLI), "Error Codes" (API Gateway, signing guide)."""


def parameter(message: str) -> Refusal:
    """DLI.0001, "parameter check failed": status 400."""
    return Refusal("DLI.0001", message)


def compact(value: Any) -> bytes:
    """JSON without blanks, UTF-8; half of a surrogate pair, which has no UTF-8, as its escape."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def error(refusal: Refusal, request_id: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """The error body: `error_code`, `error_msg`, and of the gateway `request_id`; IAM has its own form."""
    body: dict[str, Any] = {"error_code": refusal.code, "error_msg": refusal.message}
    if refusal.code.startswith("APIGW."):
        body["request_id"] = request_id
    elif refusal.code == "IAM":
        title = "Unauthorized" if refusal.status == 401 else "Bad Request"
        body = {"error": {"code": refusal.status, "message": refusal.message, "title": title}}
    return Answer(refusal.status, compact(body), headers)


def success(status: int = 200, message: str = "", **fields: Any) -> Answer:
    """`is_success` true, `message`, and more fields."""
    return Answer(status, compact({"is_success": True, "message": message, **fields}))
