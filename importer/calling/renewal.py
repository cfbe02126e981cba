"""The token of a password, which ends after 24 hours: a batch that lasts longer gets a new one."""

from __future__ import annotations

import threading
from collections.abc import Callable

from importer.calling.calls import Answer, Call, Failure, Phase, Send
from importer.calling.credentials import Token
from importer.errors import CredentialsError
from importer.language import said

_REFUSED = (400, 401, 403, 404)
"""Answers of IAM that say no: asking again with the same password would lock the user."""


class Renewal:
    """The present token, one for all workers.

    A token is replaced once, and only where the service has taken it before: credentials that are wrong
    are not tried again and again.
    """

    def __init__(self, token: Token, login: Callable[[Send], Token]) -> None:
        """`login` gets another token by the calls that it is given. Raises CredentialsError."""
        self.token = token
        self._login = login
        self._taken = self._refused = False
        self._lock = threading.Lock()

    def taken(self, used: str) -> None:
        """The service has taken this token."""
        self._taken = self._taken or used == self.token.value

    def renew(self, used: str, send: Send) -> Failure | None:
        """What a call has come to whose token was not taken; None where no other token is to be had."""
        with self._lock:
            if used != self.token.value:  # another worker has a new one already
                return _ENDED
            if self._refused or not self._taken:
                return None
            refused = False

            def ask(call: Call) -> Answer | Failure:
                nonlocal refused
                result = send(call)
                refused = isinstance(result, Answer) and result.status in _REFUSED
                return result

            try:
                self.token = self._login(ask)
            except CredentialsError as error:
                self._refused = refused
                return (
                    None
                    if refused
                    else Failure(Phase.CONNECT, said("the token has ended: {error}", error=error))
                )
            self._taken = False
            return _ENDED


_ENDED = Failure(Phase.ENDED, "the token had ended, and there is a new one now")
