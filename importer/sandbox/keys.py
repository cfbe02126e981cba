"""Who may call: one project, one pair of keys, one user, and the tokens that were issued."""

from __future__ import annotations

import hmac
import json
import secrets
import uuid
from typing import NamedTuple

REGION = "sandbox-1"
"""Name of the only project; the default project of a region has the region's name."""
USER = DOMAIN = "sandbox"


class Keys(NamedTuple):
    """Secrets of one sandbox; none of them means anything elsewhere."""

    project_id: str
    domain_id: str
    access_key: str
    secret_key: str
    token: str
    password: str

    @classmethod
    def fresh(cls) -> Keys:
        """Random keys, as long as those of the service: 20 characters of access key, 40 of secret key."""
        return cls(
            project_id=uuid.uuid4().hex,
            domain_id=uuid.uuid4().hex,
            access_key=secrets.token_hex(10).upper(),
            secret_key=secrets.token_hex(20),
            token=secrets.token_urlsafe(48),
            password=secrets.token_urlsafe(16),
        )

    @classmethod
    def of_text(cls, text: str) -> Keys:
        """What `text` wrote. Raises ValueError or TypeError for anything else."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """All keys as one line of JSON, to be stored."""
        return json.dumps(self._asdict())


class Tokens:
    """The tokens that are accepted."""

    def __init__(self, first: str) -> None:
        self._issued = [first]

    def issue(self) -> str:
        """Make a new token. It lives as long as the sandbox: "valid for 24 hours" is longer than that."""
        token = secrets.token_urlsafe(48)
        self._issued = [*self._issued[:1], *self._issued[1:][-999:], token]
        return token

    def end(self, token: str) -> None:
        """It is no longer accepted."""
        self._issued = [issued for issued in self._issued if issued != token]

    def good(self, token: str) -> bool:
        """Whether it was issued; takes as long for a wrong one as for a right one."""
        given = token.encode()
        return sum(hmac.compare_digest(given, issued.encode()) for issued in self._issued) > 0
