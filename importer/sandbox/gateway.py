"""What stands before the service: unknown calls, size, rate, who calls. Each refusal has the gateway's code.

Source: the page "Error Codes" of the API Gateway signing guide; the codes are beside each refusal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from importer.sandbox.answers import Refusal
from importer.sandbox.keys import Keys, Tokens
from importer.sandbox.operations import TOKENS, Call
from importer.sandbox.signature import Received, verify

MOST_BODY = 12 << 20
"""Bytes of a body: "the request body ... exceeds 12 MB" is 413."""


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

    def admit(self, call: Call | None, request: Received | None) -> Call:
        """Return the call where it may pass; a request of None is one whose body is too big.

        Raises Refusal: 404 APIGW.0101, 413 APIGW.0201, 429 APIGW.0308, 401 APIGW.0301, 403 APIGW.0302.
        """
        if call is None:
            raise Refusal("APIGW.0101", "The API does not exist or has not been published in the environment")
        if request is None:
            raise Refusal("APIGW.0201", "Bad request: the request body is larger than 12 MB")
        if call.operation.op != "iam":
            self._throttle()
        if call.operation.name == TOKENS:
            return call
        self._authenticate(request)
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

    def _authenticate(self, request: Received) -> None:
        headers = dict(request.headers)
        token = headers.get(b"x-auth-token")
        if token is None:
            verify(request, self._keys, self._clock())
        elif not self.tokens.good(token.decode("latin-1")):
            raise Refusal("APIGW.0301", "Incorrect IAM authentication information: decrypt token fail")
