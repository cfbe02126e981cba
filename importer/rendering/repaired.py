"""What a run of `fix` came to, in words: each repair with its place, and a line for each rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from importer.checking.catalogue import BY_CODE
from importer.checking.findings import Severity
from importer.checking.repair_words import CAUSES
from importer.checking.repairs import REPAIRABLE
from importer.language import plural, said
from importer.shown import shown, visible

if TYPE_CHECKING:
    from importer.checking.changes import Told
    from importer.repairing.fixing import ListPlan, Outcome

_CUT = 60


def told_lines(told: Iterable[tuple[str, int, Told]]) -> Iterator[str]:
    """A line for each repair: where, what was there, what is there now, and why."""
    for source, line, (code, at, old, new, causes, *_) in told:
        place = f"{visible(source)}:{line}:{at + 1}: {code}"
        if code == "D301":
            yield said("{place} line removed: {cause}", place=place, cause=said(CAUSES["repeat"]))
        else:
            words = said(", ").join(said(CAUSES[cause]) for cause in causes.split())
            yield f"{place} {shown(old, _CUT)} -> {shown(new, _CUT)}: {words}"


def summary_lines(plan: ListPlan, outcome: Outcome, *, unsafe: bool) -> Iterator[str]:
    """A line for each rule: how many findings are repaired, how many are left, and why."""
    codes = sorted(outcome.repaired.keys() | {code for code in plan.found if _matters(code)})
    width = max((len(BY_CODE[code].slug) for code in codes), default=0)
    for code in codes:
        done = outcome.repaired[code]
        left = max(plan.found[code] - done, 0)
        parts = [said("{done:,} repaired", done=done)] if done else []
        if left:
            why = "; ".join(_reasons(code, plan, unsafe=unsafe))
            parts.append(said("{left:,} left", left=left) + (f" ({why})" if why else ""))
        yield f"  {code} {BY_CODE[code].slug:<{width}}  {', '.join(parts)}"
    if outcome.unwritable:
        yield said(
            "  {lines} left: not valid in the encoding of the file", lines=plural(outcome.unwritable, "line")
        )


def _matters(code: str) -> bool:
    return BY_CODE[code].severity == Severity.ERROR or code in REPAIRABLE


def _reasons(code: str, plan: ListPlan, *, unsafe: bool) -> Iterator[str]:
    held, possible = plan.held_back[code], 0 if unsafe else plan.unsafe[code]
    if held:
        yield said("{held:,}: the name is ready on another line", held=held)
    if possible:
        yield said("{possible:,}: with --unsafe", possible=possible)
    if not held and not possible:
        yield said("only you know what is meant") if code in REPAIRABLE else said("no repair")


def verdict_of(outcome: Outcome, done: str) -> str:
    """How much was repaired; `done` says what became of it."""
    number = sum(outcome.repaired.values())
    if not number:
        return said("nothing to repair")
    return said(
        "{findings} in {lines} {done}",
        findings=plural(number, "finding"),
        lines=plural(outcome.lines, "line"),
        done=done,
    )
