"""SECURITY.md: each promise names tests, each of them is there, and each attacker is named."""

from __future__ import annotations

import ast
import re

import pytest
from command import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = PAGE.partition("## What is promised")[2].partition("## Supported versions")[0]
ROWS = [
    line.strip("| ").rsplit(" | ", 1)
    for line in PROMISES.splitlines()
    if line.startswith("| ") and not line.startswith("| promise")
]


@pytest.mark.parametrize(("promise", "named"), ROWS, ids=lambda part: part[:40])
def test_each_promise_is_held(promise: str, named: str) -> None:
    """A promise names tests, and nothing else, and each of them is one that runs."""
    tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", named)
    assert tests
    assert len(tests) == len(named.split(", ")), promise
    for path, test in tests:
        functions = [
            node.name
            for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef)
            and "pytest.mark.long" not in map(ast.unparse, node.decorator_list)
        ]
        assert functions.count(test) == 1, f"{path}::{test}"


def test_against_whom() -> None:
    """There are promises against each: author of an input, server, other user, CI log."""
    for whom, part in zip(
        ("author of an input", "server", "other users of the machine", "CI log"),
        PROMISES.split("\n### Against")[1:],
        strict=True,
    ):
        assert whom in part.partition("\n")[0]
        assert part.count("`tests/") >= 5
    assert len(ROWS) == PROMISES.count("\n| ") - 4
