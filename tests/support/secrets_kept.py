"""Canaries: secrets of a kind that nothing else looks like, and the search for them in all their forms."""

from __future__ import annotations

import base64
import json
import traceback
from urllib.parse import quote, quote_plus

SECRET = "sK%canary+q7/Zw==x"
"""Escaped differently in each form of text."""
OTHER = "t0ken&canary<9>Yb|"
CANARIES = (SECRET, OTHER)


def forms(secret: str) -> set[str]:
    """A secret as it may stand in a text; the ends of its base64 depend on what is around."""
    data = secret.encode()
    inner = {base64.b64encode(b"\0" * shift + data).decode()[4:20] for shift in range(3)}
    return {
        secret,
        secret[4:],
        secret[:-4],
        data.hex(),
        data.hex().upper(),
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        *inner,
    }


def assert_kept(text: str) -> None:
    """No canary is in a text in any form."""
    for secret in CANARIES:
        for form in forms(secret):
            assert form not in text, f"a secret shows in {text[:200]!r}"


def all_of(error: BaseException) -> str:
    """Everything an exception and those behind it say, shown or not."""
    texts = ["".join(traceback.format_exception(error)), repr(error)]
    seen: BaseException | None = error
    while seen is not None:
        texts += [str(seen), repr(seen.args), repr(vars(seen)), str(getattr(seen, "doc", ""))]
        texts.append(str(getattr(seen, "object", "")))
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)
