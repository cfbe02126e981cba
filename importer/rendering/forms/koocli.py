"""A connection for KooCLI (`hcloud`), as the file of its option `--cli-jsonInput`.

By KooCLI's page "Passing API Parameters with JSON File" a parameter stands under the part of the request
that it belongs to (`header`, `path`, `query`, `body` ...), and a part without parameters is left out. All
parameters of a part must come from the same place, so `path` is left to the command line: its only one,
`project_id`, belongs to an account and not to a connection, and KooCLI's profile may have it as well.

The page "How Do I Use cli-jsonInput?" wants a name that ends in `.json`, and at most 5 MB: 20,000 hosts with
the longest names take 4 MB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from importer.rendering.pretty import json_text


def document(bodies: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One body as JSON: `hcloud` reads a file for each connection."""
    (body,) = bodies
    yield json_text(koocli_document(body), 2)
    yield "\n"


def koocli_document(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request body as the input of `hcloud DLI CreateEnhancedConnection`."""
    return {"body": dict(body)}
