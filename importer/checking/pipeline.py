"""From batches to the report: examine, compare with all before, count. One pass, in input order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from importer.checking.duplicates import Ledger
from importer.checking.examine import Examined, RunKeys, examine
from importer.checking.hosts import HostBatch, Hosts
from importer.checking.one_by_one import OneByOne
from importer.checking.policy import Policy
from importer.checking.report import Report
from importer.checking.tally import Judged, Memory, Tally
from importer.checking.threads import in_order
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import Piece, Pieced, RecordBatch, at_hand
from importer.columns.table import FindingTable
from importer.errors import UsageError

if TYPE_CHECKING:
    from importer.checking.spread import Spread
    from importer.checking.stretches import StretchTally


def judge(batches: Iterable[RecordBatch], policy: Policy, ledger: Memory, keys: RunKeys) -> Iterator[Judged]:
    """Each batch examined, on threads, and compared with all earlier ones, in input order."""
    if isinstance(batches, Pieced):
        pieces, workers = batches.pieces(), batches.workers
    else:
        pieces, workers = map(at_hand, batches), 1
    for examined in in_order((partial(_examined, piece, policy, keys) for piece in pieces), workers):
        fates = ledger.judge(examined)
        yield Judged(
            examined,
            examined.candidates[fates.kept],
            _count(fates.merged),
            _count(examined.skipped) + _count(fates.skipped),
            _count(examined.refused) + _count(fates.refused),
            FindingTable.concat([examined.findings, *fates.findings]),
        )
        del examined, fates  # its block goes before the next one comes


def _count(mask: BoolArray) -> int:
    return int(np.count_nonzero(mask))


def _examined(piece: Piece, policy: Policy, keys: RunKeys) -> Examined:
    return examine(piece(), policy, keys)


def run(
    batches: Iterable[RecordBatch],
    policy: Policy,
    *,
    hosts: Callable[[HostBatch], None] | None = None,
    stretches: StretchTally | None = None,
) -> tuple[Report, IntArray]:
    """The report on all batches, and the numbers of ready records that are not sent after all.

    `hosts` is handed the ready records batch by batch; with `--on-conflict last` some of them may
    be withdrawn at the end. `stretches` counts where the findings lie. Raises InputError where the
    input cannot be read to its end, UsageError where there is not one batch.
    """
    keys = RunKeys.random()
    ledger = OneByOne(policy) if policy.decides_one_by_one() else Ledger(policy, keys)
    tally = Tally(policy)
    for judged in judge(batches, policy, ledger, keys):
        tally.add(judged, ledger)
        if hosts is not None:
            hosts(HostBatch.of(judged.examined, judged.kept))
        if stretches is not None:
            stretches.add(judged, policy)
        del judged
    if not tally.sources:
        raise UsageError("there are no batches to check", hint="each input, even an empty one, has a batch")
    withdrawn = np.empty(0, np.int64)
    if ledger.last_wins is not None:
        lost = ledger.last_wins.withdrawn()
        withdrawn = lost.kept
        tally.withdraw(lost)
    ready = tally.settle(ledger)
    if stretches is not None:
        stretches.settle(ready)
    return tally.report(), withdrawn


def collect(batches: Iterable[RecordBatch], policy: Policy) -> tuple[Report, Hosts]:
    """The report and all ready records."""
    hosts = Hosts()
    report, withdrawn = run(batches, policy, hosts=hosts.add)
    hosts.withdraw(withdrawn)
    return report, hosts


def survey(
    batches: Iterable[RecordBatch], policy: Policy, *, spread: bool = False
) -> tuple[Report, Spread | None]:
    """The report, and if it is wanted how the ready records and the findings lie."""
    if not spread:
        return run(batches, policy)[0], None
    from importer.checking.spread import SpreadTally

    tally = SpreadTally()
    report, withdrawn = run(batches, policy, hosts=tally.add, stretches=tally.stretches)
    return report, tally.spread(withdrawn)
