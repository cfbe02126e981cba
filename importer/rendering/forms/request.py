"""Request bodies as the service takes them: an object, or an array of objects where there are several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from importer.rendering.pretty import json_text


def document(bodies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The bodies as JSON."""
    yield json_text(bodies if len(bodies) > 1 else bodies[0], 2)
    yield "\n"
