"""The published OpenAPI document, and that the sandbox behaves as it says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from command import run_process
from serving import Client, sandbox

from importer.sandbox.operations import OPERATIONS

RUN = "import sys; from schemathesis.cli import schemathesis; schemathesis()"
LEFT_OUT = "unsupported_method,use_after_free"
"""The gateway answers a wrong method with 404, and what was deleted is still shown."""
CONFIG = """
[[operations]]
include-operation-id = "create"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400"]
"""
"""That keys of tags must differ cannot be said in a schema."""


def test_document() -> None:
    """Every operation is there with its errors, its security and a body that knows all its fields."""
    with sandbox() as client:
        reply = client.call("GET", "/openapi.json", None, {})
        assert len(reply.headers["x-request-id"]) == 32
        document = reply.json()
    paths = {(path, method.upper()) for path, calls in document["paths"].items() for method in calls}
    assert paths == {(operation.path, operation.method) for operation in OPERATIONS}
    for operation in OPERATIONS:
        described = document["paths"][operation.path][operation.method.lower()]
        assert {"400", "401", "403", "404", "413", "429", "500"} <= described["responses"].keys()
        assert "422" not in described["responses"]
        assert ("security" in described) is (operation.name != "tokens")
    create = document["components"]["schemas"]["Create"]
    assert create["required"] == ["name", "dest_vpc_id", "dest_network_id"]
    assert create["additionalProperties"] is False
    assert create["properties"]["hosts"]["maxItems"] == 20_000


def conforms(client: Client, folder: Path, *arguments: str) -> None:
    """Schemathesis finds nothing."""
    (folder / "schemathesis.toml").write_text(CONFIG)
    done = run_process(
        [
            sys.executable, "-c", RUN, "run", client.running.endpoint + "/openapi.json",
            "--header", f"X-Auth-Token: {client.running.token}", "--exclude-checks", LEFT_OUT, *arguments,
        ],
        folder,
    )  # fmt: skip
    assert done.status == 0, done.out + done.err
    assert "9 selected / 9 total" in done.out


def test_conforms(tmp_path: Path) -> None:
    """Schemathesis finds no answer that the document does not describe, at the borders of every schema."""
    pytest.importorskip("schemathesis")
    with sandbox() as client:
        conforms(client, tmp_path, "--phases", "coverage", "--seed", "1")
        assert client.truth()


@pytest.mark.long
def test_conforms_at_length(tmp_path: Path) -> None:
    """Nor with hundreds of calls at random and in sequence."""
    pytest.importorskip("schemathesis")
    with sandbox() as client:
        conforms(client, tmp_path, "--max-examples", "200")
