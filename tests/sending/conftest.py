"""What most tests of sending stand on: a local DLI, and a folder with lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command import BAD, GOOD

from importer.sandbox.serve import Running, start


@pytest.fixture
def sandbox() -> Iterator[Running]:
    """A local DLI without faults."""
    with start(seed=1) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good list and a bad one; the home and state folder of the runs."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    (tmp_path / "bad.hosts").write_bytes(BAD)
    return tmp_path
