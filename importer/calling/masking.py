"""No secret in what is told: it is masked in every answer, in all forms that a server may give it back in."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from importer.calling.reading import read_json

_SHORTEST = 4
"""Characters: what is shorter stands in many words, and hides nothing."""
_MASK = "***"


def masking(secrets: tuple[str, ...]) -> Callable[[bytes], bytes]:
    """Replaces each secret in a body. A closure, so that nothing shows them."""
    texts = {text for text in secrets if len(text) >= _SHORTEST}
    forms = sorted({form for text in texts for form in _forms(text)}, key=len, reverse=True)
    words = [form.decode() for form in forms]

    def plain(text: str) -> str:
        for word in words:
            text = text.replace(word, _MASK)
        return text

    def mask(body: bytes) -> bytes:
        for form in forms:
            body = body.replace(form, _MASK.encode())
        # JSON may write any character as an escape, and be in UTF-16: each secret in a thousand ways.
        return _rewritten(body, plain) if b"\\" in body or b"\0" in body else body

    return mask


def _forms(secret: str) -> Iterator[bytes]:
    for text in {secret, secret.lower(), secret.upper()} if secret.isalnum() else {secret}:
        yield text.encode()
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(text)[1:-1].replace("/", "\\/").encode()
        yield html.escape(text).encode()
        for safe in ("", "/"):
            yield quote(text, safe=safe).encode()
            yield quote(quote(text, safe=safe), safe="").encode()
    data = secret.encode()
    yield data.hex().encode()
    yield data.hex().upper().encode()
    for before in range(3):  # where it stands inside of other text, its first and last digits differ
        inner = data[(3 - before) % 3 :]
        digits = base64.b64encode(inner[: len(inner) // 3 * 3])
        if len(digits) >= 8:
            yield digits
            yield digits.translate(bytes.maketrans(b"+/", b"-_"))


def _rewritten(body: bytes, plain: Callable[[str], str]) -> bytes:
    """A body of JSON whose texts are masked as they mean; as it is where nothing is to be masked."""
    try:
        data = read_json(body)
    except ValueError:
        return body  # which nobody else can read either
    try:
        masked = _walk(data, plain)
    except RecursionError:
        return b""
    return body if masked == data else json.dumps(masked).encode()


def _walk(value: Any, plain: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [_walk(item, plain) for item in value]
    if isinstance(value, dict):
        return {plain(key): _walk(item, plain) for key, item in value.items()}
    return value
