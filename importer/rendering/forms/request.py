"""Request bodies as the service takes them: an object, or an array of objects where there are several."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def document(bodies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The bodies as JSON."""
    yield json.dumps(bodies if len(bodies) > 1 else bodies[0], indent=2, ensure_ascii=False)
    yield "\n"
