"""What stands before the service: unknown calls, size, rate, who calls. Each refusal has the gateway's code.

Source: the page "Error Codes" of the API Gateway signing guide; the codes are beside each refusal.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

from importer.sandbox.answers import Refusal
from importer.sandbox.body import MOST_BODY
from importer.sandbox.keys import Keys, Tokens
from importer.sandbox.operations import TOKENS, Call
from importer.sandbox.signature import Received, head_of, verify

MOST_LOGIN = 1 << 16
"""Bytes of a call for a token: the only one that anybody may make."""
DOCUMENT = "/openapi.json"
PEOPLE = ("/sandbox/log", "/sandbox/faults", "/sandbox/connections")
"""Paths that are for people and tests: no fault, no log."""
_HERE = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


class Gateway:
    """The checks of one sandbox."""

    def __init__(
        self,
        keys: Keys,
        rate: float | None,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`rate`: calls a second to the service, more are throttled."""
        self.tokens = Tokens(keys.token)
        self._keys = keys
        self._rate = rate
        self._clock = clock
        self._ticks = ticks
        self._window = 0
        self._calls = 0

    def most_of(self, call: Call | None, path: str, headers: Iterable[tuple[bytes, bytes]]) -> int:
        """The bytes of a body that are taken in, by what can be said before it comes.

        Raises Refusal: 421 for a Host that is not this machine (a page in a browser whose name points here),
        404, 401 where neither a token nor a signature is there by which the body may be judged.
        """
        fields = dict(headers)
        if not _HERE.fullmatch(fields.get(b"host", b"").decode("latin-1")):
            raise Refusal("APIGW.0201", "Bad request: Host is not that of this machine", status=421)
        if path == DOCUMENT:
            return 0
        if call is None and path not in PEOPLE:
            raise _no_api()
        if call is not None and call.operation.name == TOKENS:
            return MOST_LOGIN
        token = fields.get(b"x-auth-token")
        if token is None:
            head_of(headers, self._keys, self._clock())
        elif not self.tokens.good(token.decode("latin-1")):
            raise _bad_token()
        return MOST_BODY

    def admit(self, call: Call | None, request: Received | None) -> Call:
        """Return the call where it may pass; a request of None is one whose body is too big.

        Raises Refusal: 404 APIGW.0101, 413 APIGW.0201, 429 APIGW.0308, 401 APIGW.0301, 403 APIGW.0302.
        """
        if call is None:
            raise _no_api()
        if request is None:
            raise Refusal("APIGW.0201", "Bad request: the request body is larger than 12 MB")
        if call.operation.op != "iam":
            self._throttle()
        if call.operation.name == TOKENS:
            return call
        self.authenticate(request)
        if call.project_id and call.project_id != self._keys.project_id:
            raise Refusal("APIGW.0302", "The IAM user is not allowed to access the API of this project")
        return call

    def end_token(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """The token of a call has come to its end."""
        self.tokens.end(dict(headers).get(b"x-auth-token", b"").decode("latin-1"))

    def _throttle(self) -> None:
        """A window of one second."""
        if self._rate is None:
            return
        window = int(self._ticks())
        if window != self._window:
            self._window, self._calls = window, 0
        self._calls += 1
        if self._calls > self._rate:
            raise Refusal("APIGW.0308", f"The throttling threshold has been reached: {self._rate:g} a second")

    def authenticate(self, request: Received) -> None:
        """Return where token or signature are right. Raises Refusal: 401 APIGW.0301."""
        headers = dict(request.headers)
        token = headers.get(b"x-auth-token")
        if token is None:
            verify(request, self._keys, self._clock())
        elif not self.tokens.good(token.decode("latin-1")):
            raise _bad_token()


def _no_api() -> Refusal:
    return Refusal("APIGW.0101", "The API does not exist or has not been published in the environment")


def _bad_token() -> Refusal:
    return Refusal("APIGW.0301", "Incorrect IAM authentication information: decrypt token fail")
