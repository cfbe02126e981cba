"""Repairs of a text, for tests: what `fix` makes of it, without a process of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from importer.checking.changes import Wish
from importer.checking.options import CheckOptions
from importer.checking.policy import Policy
from importer.reading.read import read
from importer.repairing.fixing import (
    ListPlan,
    Outcome,
    diff_of,
    plan_repairs,
    refuse_unfit,
    write_parted,
    write_to,
)
from importer.repairing.splitting import RefusedLines

SAFE = Wish()


def parted(text: bytes, **reading: Any) -> tuple[bytes, bytes]:
    """The repaired text without what is still refused, and that."""
    policy = Policy.of(CheckOptions())
    with tempfile.TemporaryDirectory() as folder:
        path, target, rejects = (Path(folder, name) for name in ("list", "new", "rejects"))
        path.write_bytes(text)
        name = str(path)
        states = {name: refuse_unfit(name, name, in_place=False)}

        def again(repaired: str) -> RefusedLines:
            return RefusedLines(read(repaired, **reading), policy)

        with plan_repairs(read(name, **reading), policy, SAFE, states) as plan:
            write_parted(str(target), str(rejects), plan, {name: name}, Outcome(), [], again)
        return target.read_bytes(), rejects.read_bytes()


class Fixed(NamedTuple):
    """What `fix` makes of a text."""

    text: bytes
    diff: bytes
    plan: ListPlan
    outcome: Outcome


def fixed(text: bytes, wish: Wish = SAFE, **reading: Any) -> Fixed:
    """The text with its repairs. Raises ImporterError."""
    policy = Policy.of(CheckOptions())
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder, "list"), Path(folder, "new")
        path.write_bytes(text)
        name = str(path)
        states = {name: refuse_unfit(name, name, in_place=False)}
        outcome = Outcome()
        with plan_repairs(read(name, **reading), policy, wish, states) as plan:
            write_to(str(target), plan, {name: name}, outcome, [])
            diff = b"".join(diff_of(plan, {name: name}, Outcome(), []))
        return Fixed(target.read_bytes(), diff.replace(name.encode(), b"list"), plan, outcome)
