"""What is done to parts of a list: pure functions from tables to tables, the same on every engine.

    a part of the list --examine_rows--> records and findings         each record alone
    records of some names --judge_names--> kept records and findings  D301, D302, D303
    kept records of some addresses --judge_addresses--> findings      D305

The rules stand in `checking` and nowhere else: the first function asks `examine`, the second gives its
records to a `Ledger` of their own. Each counts all findings, and keeps of each rule the first ones, as
many as anybody will see. On Spark, that is all there is to a check:

    rules = Rules.of(on_conflict="first")
    rows = table.select(monotonically_increasing_id().alias("seq"), "ip", "name")
    examined = rows.mapInPandas(lambda frames: examine_rows(frames, rules), SCHEMA)
    judged = (
        examined.where("rule = -1")
        .groupBy(expr("pmod(hash(key), 64)"))
        .applyInPandas(lambda records: judge_names(records, rules), SCHEMA)
    )
    shared = (
        judged.where("rule = -1 and key >= 0")
        .groupBy(expr("pmod(hash(key), 64)"))
        .applyInPandas(lambda records: judge_addresses(records, rules), SCHEMA)
    )
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from importer.checking.catalogue import INDEX, RULES
from importer.checking.duplicates import Ledger
from importer.checking.examine import RunKeys, examine
from importer.checking.findings import Severity
from importer.checking.policy import Policy
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.batch import RecordBatch
from importer.columns.hashing import hash_names
from importer.columns.kernels import positions_of, starts_of_runs
from importer.columns.table import FindingTable
from importer.distributed import rows as row
from importer.distributed.rows import RECORD, rows, tally_rows, together
from importer.errors import UsageError
from importer.library import policy_from

if TYPE_CHECKING:
    import pandas as pd


class Rules(NamedTuple):
    """What all tasks of one run must be told, and can be sent to any machine."""

    policy: Policy
    keys: RunKeys

    @staticmethod
    def of(**options: Any) -> Rules:
        """From the fields of `CheckOptions`.

        Raises UsageError for options that mean nothing, or under which no part can be judged by itself.
        """
        policy = policy_from(options, "check of parts")
        if policy.decides_one_by_one():
            raise UsageError(
                "D304 and D305 cannot be errors here: each decision would depend on all records before it",
                hint="use check or check_frame, on one machine",
            )
        # Whether a skipped name is ready elsewhere is not looked up here, so it stays a warning.
        softening = {number for number, rule in enumerate(RULES) if rule.softens}
        return Rules(policy._replace(chosen=policy.chosen | softening), RunKeys.random())

    def rooms(self) -> IntArray:
        """By rule: how many of its findings anybody will see."""
        options = self.policy.options
        infos = options.max_findings if options.max_infos is None else options.max_infos
        limits = [infos if s == Severity.INFO else options.max_findings for s in self.policy.severity]
        return np.array([limit or 1 << 62 for limit in limits], np.int64)


def examine_rows(frames: Iterable[pd.DataFrame], rules: Rules) -> Iterator[pd.DataFrame]:
    """Judge one part of the list, each record alone.

    The frames have the columns `seq`, `ip` and `name`. Gives the records that are neither refused nor
    skipped, with a hash of the name as the key; the findings; and at the end the tally, whose `seq` is
    that of the part's first row.
    """
    from importer.reading.cells.frame import frame_batches

    count, first = _Count(rules.rooms()), -1
    for frame in frames:
        seq = frame["seq"].to_numpy(np.int64)
        first = int(seq[0]) if first < 0 and len(seq) else first
        for batch in frame_batches(frame, "ip", "name"):
            examined = examine(batch, rules.policy, rules.keys)
            going_on, names = examined.candidates, examined.names()
            key = hash_names(names.data, names.start, names.end, rules.keys.names).high
            ip, name = batch.ip.where(going_on), batch.name.where(going_on)
            records = rows(seq[batch.lines_of(going_on)], RECORD, key, ip, name)
            count.records(len(batch), skipped=examined.skipped, refused=examined.refused)
            yield together([records, count.findings(examined.findings, batch, seq)])
    yield tally_rows(first, count.tally)


def judge_names(records: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Compare the records of some names with each other.

    They may come in any order, but must be all there are of these names. Gives the records that are
    kept, with names as they are sent and their address as the key; the findings; and the tally. An address
    has its key in its first two records only: D305 needs no others, and there may be many.
    """
    from importer.reading.cells.frame import frame_batches

    seq = records["seq"].to_numpy(np.int64)
    by_seq = np.argsort(seq)
    seq, records = seq[by_seq], records[["ip", "name"]].iloc[by_seq]
    policy = _duplicates_only(rules.policy)
    count, ledger = _Count(rules.rooms()), Ledger(policy, rules.keys)
    kept: list[pd.DataFrame] = []
    told: list[pd.DataFrame] = []
    for batch in frame_batches(records, "ip", "name"):
        examined = examine(batch, policy, rules.keys)
        fates = ledger.judge(examined)
        sent = examined.candidates[fates.kept]
        ip, name = batch.ip.where(sent), examined.sent.where(sent)
        dotted = (batch.name.lengths() > examined.sent.lengths())[sent]
        kept.append(rows(seq[batch.lines_of(sent)], RECORD, examined.address[sent], ip, name, 1, dotted))
        count.records(0, fates.kept, fates.merged, fates.skipped, fates.refused)
        told += [count.findings(table, batch, seq) for table in fates.findings]
    records, findings = together(kept), together(told)
    seq, address = records["seq"].to_numpy(), records["key"].to_numpy()
    number = findings["detail"].to_numpy()  # of the first record, among the kept ones
    findings["first"], findings["detail"] = seq[number], address[number]
    if ledger.last_wins is not None:
        lost = ledger.last_wins.withdrawn()
        records.loc[lost.kept, "detail"] = 0
        count.withdraw(len(lost.kept), lost.merged)
    order, rank = _ranked(address, seq)
    records.loc[order[rank > 1], "key"] = -1
    return together([records, findings, tally_rows(0, count.tally)])


def judge_addresses(records: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """D305 for the kept records of some addresses, which have the address as their key.

    They may come in any order, and must hold the first two records of each address.
    """
    seq, key = records["seq"].to_numpy(np.int64), records["key"].to_numpy(np.int64)
    order, rank = _ranked(key, seq)
    place = np.flatnonzero(rank == 1)
    place = place[np.argsort(seq[order[place]])]
    rule = INDEX["D305"]  # each row is a line of its own
    count = _Count(rules.rooms())
    count.tally[row.COUNTS + rule] = len(place)
    place = place[: rules.rooms()[rule]]
    told = records.iloc[order[place]]
    findings = told.assign(
        rule=np.int32(rule),
        name=told["name"].where(told["first"] != 1, told["name"] + "."),
        detail=told["key"],
        first=seq[order[place - 1]],
    )
    return together([findings, tally_rows(0, count.tally)])


_NONE = np.zeros(0, np.bool_)


class _Count:
    """What a task counts, and how many findings of each rule it may still keep."""

    def __init__(self, room: IntArray) -> None:
        self.tally = np.zeros(row.COUNTS + len(RULES), np.int64)
        self._room = room

    def records(
        self,
        number: int,
        ready: BoolArray = _NONE,
        merged: BoolArray = _NONE,
        skipped: BoolArray = _NONE,
        refused: BoolArray = _NONE,
    ) -> None:
        """Count records, and those with each fate."""
        fates = (int(fate.sum()) for fate in (ready, merged, skipped, refused))
        self.tally[: row.COUNTS] += (number, *fates)

    def withdraw(self, ready: int, merged: int) -> None:
        """Ready and merged records that are skipped after all."""
        self.tally[[row.READY, row.MERGED, row.SKIPPED]] += (-ready, -merged, ready + merged)

    def findings(self, table: FindingTable, batch: RecordBatch, seq: IntArray) -> pd.DataFrame:
        """Count the findings of a batch; the rows of those that there is room for, by rule and in order."""
        found = np.bincount(table.rule, minlength=len(RULES))
        self.tally[row.COUNTS :] += found
        order = np.lexsort((table.at, table.rule))
        place = np.arange(len(order)) - (np.cumsum(found) - found)[table.rule[order]]
        table = table.where(order[place < self._room[table.rule[order]]])
        self._room -= np.minimum(self._room, found)
        record = table.record
        ip, name = batch.ip.where(record), batch.name.where(record)
        return rows(seq[batch.lines_of(record)], table.rule, -1, ip, name, table.detail)


def _duplicates_only(policy: Policy) -> Policy:
    """The policy for records that have passed all rules about single records."""
    kept = [rule.compares and rule.per == "record" and rule.field == "name" for rule in RULES]
    severity = [s if kept[i] else 0 for i, s in enumerate(policy.severity)]
    return policy._replace(severity=tuple(severity), cidr=(), only=None, exclude=None)


def _ranked(key: IntArray, seq: IntArray) -> tuple[IntArray, IntArray]:
    """Places by key and then by `seq`, and for each whether it is the first of its key (0), the second ..."""
    order = np.lexsort((seq, key))
    start = positions_of(starts_of_runs(key[order]))
    length = np.diff(start, append=len(key))
    return order, np.arange(len(key)) - np.repeat(start, length)
