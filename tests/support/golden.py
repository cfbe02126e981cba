"""Whole outputs, compared letter by letter with the files in `tests/golden/`.

UPDATE_GOLDEN=1 in the environment of the tests writes those files anew; CONTRIBUTING.md has the command.
"""

from __future__ import annotations

import os
from pathlib import Path

from command import ROOT, Outcome, dli_hosts

from importer.version import __version__

GOLDEN = ROOT / "tests" / "golden"


def shown(arguments: tuple[str, ...], outcome: Outcome) -> str:
    """A run as a golden file keeps it: the command, both streams, the exit status."""
    out = outcome.out.replace(f'"version": "{__version__}"', '"version": "VERSION"')
    streams = out + "".join(f"stderr: {line}\n" for line in outcome.err.splitlines())
    return f"$ dli-hosts {' '.join(arguments)}\n{streams}exit status {outcome.status}\n"


def compare(file: str, arguments: tuple[str, ...], *, cwd: Path = GOLDEN) -> None:
    """Hold a run against its golden file, or make it that file's new content."""
    text = shown(arguments, dli_hosts(*arguments, cwd=cwd, env={"COLUMNS": "80"}))
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / file).write_text(text, encoding="utf-8", newline="\n")
    assert text == (GOLDEN / file).read_text(encoding="utf-8")
