"""A journal that another run has, when that run does not say which one it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from importer.errors import JournalError
from importer.sending.journal import open_journal
from importer.system import lock_file


@pytest.mark.parametrize(
    ("said", "shown"), [(b"", False), (b"process 4711\n", True)], ids=["nothing", "process"]
)
def test_a_lock_is_kept_from_others(said: bytes, shown: bool, tmp_path: Path) -> None:
    """A run whose lock holds no process number is respected, too; the error names it where it can."""
    handle = os.open(tmp_path / "journal.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.write(handle, said)
        assert lock_file(handle)
        with (
            pytest.raises(JournalError) as caught,
            open_journal(tmp_path / "journal", endpoint="e", project_id="p", now=lambda: 1.5),
        ):
            raise AssertionError
    finally:
        os.close(handle)
    assert ("process 4711" in str(caught.value)) is shown
    assert caught.value.hint
    assert not (tmp_path / "journal").exists()
