"""Judge one batch by itself: everything about rows, filters, addresses and names, no duplicates.

A pure function of the batch, so batches can be examined in any order and on any thread.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer.checking.addresses import Addresses, in_networks, judge_addresses, plain_addresses
from importer.checking.catalogue import INDEX, RULES
from importer.checking.names import (
    Names,
    is_local,
    is_placeholder,
    is_usual_local,
    judge_names,
    no_uri_host,
    not_dns,
    plain_names,
)
from importer.checking.policy import Filter, Policy
from importer.columns.arrays import BoolArray, HalfArray, IntArray, WordArray
from importer.columns.batch import ROW_CODES, RecordBatch, RowFaults
from importer.columns.hashing import HashKeys, hash_spelling
from importer.columns.ipv4 import parse_ipv4
from importer.columns.kernels import few_positions_of, is_member, positions_of, starts_of_runs
from importer.columns.table import FindingTable
from importer.columns.text import TextColumn


class RunKeys(NamedTuple):
    """The secret keys of one run."""

    names: HashKeys
    spelling: HashKeys

    @staticmethod
    def random() -> RunKeys:
        """New ones."""
        return RunKeys(HashKeys.random(), HashKeys.random(2))


class Examined(NamedTuple):
    """A batch of n records with what is known of each before it is compared with others."""

    batch: RecordBatch
    core: TextColumn
    """(n,) names without the final dot that is looked past."""
    sent: TextColumn
    """(n,) names as they are sent."""
    address: HalfArray
    """(n,) as a number."""
    refused: BoolArray
    """(n,)"""
    skipped: BoolArray
    """(n,) and not refused."""
    findings: FindingTable
    candidates: IntArray
    """(c,) the records that are neither, ascending."""
    spelling: WordArray | None
    """(c,) hash of the candidates' letter case; None where no name has a capital."""

    def names(self) -> TextColumn:
        """(c,) the candidates' names, compared with others."""
        return self.core if len(self.candidates) == len(self.core) else self.core.where(self.candidates)


def examine(batch: RecordBatch, policy: Policy, keys: RunKeys) -> Examined:
    """Everything that can be said of each record alone.

    Of nearly all records there is nothing to say, which is quickly seen; the rules are asked about the rest.
    """
    value, valid = parse_ipv4(batch.ip.data, batch.ip.start, batch.ip.end)
    plain = _plain(batch, value, valid, policy)
    core, findings = batch.name, _NO_FINDINGS
    refused, skipped = np.zeros(len(batch), np.bool_), np.zeros(len(batch), np.bool_)
    if not plain.all():
        rest = positions_of(~plain)
        seen, looked_at = _examine_closely(batch.pick(rest) if len(rest) < len(batch) else batch, policy)
        refused[rest], skipped[rest] = seen.refused, seen.skipped
        table = seen.findings()
        findings = FindingTable(table.rule, rest[table.record], table.at, table.detail)
        ends = core.start[rest] + looked_at.lengths()
        if (ends != core.end[rest]).any():  # final dots
            end = core.end.copy()
            end[rest] = ends
            core = TextColumn(core.data, core.start, end, core.odd)
    examined = Examined(
        batch=batch,
        core=core,
        sent=batch.name if policy.options.keep_trailing_dot else core,
        address=value if batch.owner is None else value.take(batch.owner),
        refused=refused,
        skipped=skipped,
        findings=findings,
        candidates=positions_of(~(refused | skipped)),
        spelling=None,
    )
    return examined._replace(spelling=_spelling(examined.names(), keys))


def _plain(batch: RecordBatch, value: HalfArray, valid: BoolArray, policy: Policy) -> BoolArray:
    """(n,) whether there is nothing to say of a record, as can be seen without a look at each rule."""
    first_only = policy.options.names == "first" and batch.owner is not None
    if first_only or policy.only is not None or policy.exclude is not None:
        return np.zeros(len(batch), np.bool_)
    plain = plain_addresses(value, valid, policy)
    plain = plain if batch.owner is None else plain.take(batch.owner)
    plain &= plain_names(batch.name)
    if batch.faults is not None:
        plain &= batch.faults.rule < 0
    return plain


class _Examination:
    """What the rules have said so far about the n records of a batch."""

    def __init__(self, batch: RecordBatch, policy: Policy) -> None:
        n = len(batch)
        self.batch, self.policy = batch, policy
        self.owner: IntArray = np.arange(n) if batch.owner is None else batch.owner
        """(n,) number of each record's address."""
        self.refused = np.zeros(n, np.bool_)
        self.skipped = np.zeros(n, np.bool_)
        self.open = np.ones(n, np.bool_)
        """(n,) whether the record is still examined: it is neither a broken row nor left out."""
        self.tables: list[FindingTable] = []

    def tell(
        self,
        code: str,
        records: IntArray,
        at: IntArray,
        detail: IntArray | None = None,
        *,
        about: IntArray | None = None,
    ) -> None:
        """A finding for each of these records; `about` are all records that it is about, if there are more.

        They are refused, skipped, or examined no further as the rule and its severity say.
        """
        number = INDEX[code]
        rule, severity = RULES[number], self.policy.severity[number]
        if len(records) and severity:
            self.tables.append(FindingTable.of(number, records, at, detail))
        about = records if about is None else about
        fate = rule.fate_at(severity)
        self.refused[about] |= fate == "refused"
        self.skipped[about] |= fate == "skipped"
        if rule.ends and fate != "sent":
            self.open[about] = False

    def tell_names(self, code: str, breaks: BoolArray) -> None:
        """A finding for the name of each of these records that is still examined."""
        records = positions_of(breaks & self.open)
        self.tell(code, records, self.batch.name_at[records])

    def findings(self) -> FindingTable:
        """All of them."""
        return FindingTable.concat(self.tables) if self.tables else _NO_FINDINGS


def _examine_closely(batch: RecordBatch, policy: Policy) -> tuple[_Examination, TextColumn]:
    """Every rule asked about every record; and the names without the final dot that is looked past."""
    seen = _Examination(batch, policy)
    addresses = judge_addresses(batch.ip, policy)
    names = judge_names(batch.name, keep_trailing_dot=policy.options.keep_trailing_dot)
    if batch.faults is not None:
        _tell_rows(seen, batch.faults)
    _tell_left_out(seen, addresses, names)
    own_name = is_local(names.core, names.valid)
    address_error = _tell_addresses(seen, addresses, names)
    if policy.options.keep_local:
        own_name &= ~addresses.local.take(seen.owner)
    nameless = names.missing & addresses.valid.take(seen.owner)
    _tell_names(seen, names, nameless, own_name & ~address_error)
    seen.skipped &= ~seen.refused
    return seen, names.core


def _spelling(names: TextColumn, keys: RunKeys) -> WordArray | None:
    """(n,) hash of each name's letter case; None where no name has a capital, as in most lists."""
    capitals = few_positions_of((names.stretch() - np.uint8(65)) < np.uint8(26))
    if not len(capitals):
        return None
    spelled = names.holding(capitals + names.start[0])
    spelling = np.zeros(len(names), np.uint64)
    if len(spelled):
        spelling[spelled] = hash_spelling(names.data, names.start[spelled], names.end[spelled], keys.spelling)
    return spelling


_NO_FINDINGS = FindingTable.of(0, np.empty(0, np.int64), np.empty(0, np.int64))


def _tell_rows(seen: _Examination, faults: RowFaults) -> None:
    """Rules about whole rows."""
    for number, code in enumerate(ROW_CODES):
        records = positions_of(faults.rule == number)
        seen.tell(code, records, faults.at[records], faults.detail[records])


def _tell_left_out(seen: _Examination, addresses: Addresses, names: Names) -> None:
    """F502 and F501: what the user left out is skipped and not examined."""
    policy, batch = seen.policy, seen.batch
    if policy.options.names == "first" and batch.owner is not None:
        seen.tell_names("F502", ~starts_of_runs(seen.owner))
    if policy.only is None and policy.exclude is None:
        return
    out = np.zeros(len(batch), np.bool_)
    for patterns, wanted in ((policy.only, True), (policy.exclude, False)):
        if patterns is not None:
            matched = (in_networks(addresses.value, patterns.networks) & addresses.valid).take(seen.owner)
            matched |= _match_names(names.core, patterns)
            out |= matched != wanted
    seen.tell_names("F501", out)


def _match_names(core: TextColumn, patterns: Filter) -> BoolArray:
    """(n,) whether a glob matches each name; a loop, because globs are for people and their lists."""
    found = np.zeros(len(core), np.bool_)
    if patterns.names:
        for i, value in enumerate(core.values()):
            text = value.decode("utf-8", "backslashreplace").lower()
            found[i] = any(glob.match(text) for glob in patterns.names)
    return found


def _tell_addresses(seen: _Examination, addresses: Addresses, names: Names) -> BoolArray:
    """A2xx, each once a line; returns which records have an address with an error.

    Records of local and IPv6 addresses are skipped here, and not examined further.
    """
    error = np.zeros(len(seen.batch), np.bool_)
    unusual = addresses.code >= 0 if addresses.outside is None else (addresses.code >= 0) | addresses.outside
    if not unusual.any():
        return error
    at_fault = positions_of(unusual.take(seen.owner) & seen.open)
    """Records of an address that some rule is about; what follows is about these alone."""
    line = seen.owner[at_fault]
    code = addresses.code[line]
    local = positions_of((code == INDEX["A210"]) & ~names.missing[at_fault])
    if len(local) and not seen.batch.source.block_list:
        real_host = local[~is_usual_local(names.core.where(at_fault[local]))]
        code[(code == INDEX["A210"]) & is_member(line, line[real_host])] = INDEX["A212"]
    groups = [
        (RULES[rule].code, code == rule) for rule in positions_of(np.bincount(code[code >= 0]) > 0).tolist()
    ]
    if addresses.outside is not None:
        groups.append(("A213", addresses.outside[line] & (code != INDEX["A210"]) & (code != INDEX["A212"])))
    for rule, breaks in groups:
        records = at_fault[breaks]
        starts = starts_of_runs(line[breaks])
        first = records[starts]
        shared = np.bincount(np.cumsum(starts) - 1)
        seen.tell(rule, first, seen.batch.ip_at[seen.owner[first]], shared, about=records)
        if seen.policy.is_error(rule):
            error[records] = True
    return error


def _tell_names(seen: _Examination, names: Names, nameless: BoolArray, own_name: BoolArray) -> None:
    """N1xx, each name by itself."""
    seen.tell_names("N101", nameless)
    seen.tell_names("N102", names.too_long)
    seen.tell_names("N103", names.bad_start)
    seen.tell_names("N105", own_name)
    if not seen.policy.options.keep_trailing_dot:
        seen.tell_names("N110", names.dotted)
    seen.tell_names("N111", not_dns(names.core, names.valid))
    seen.tell_names("N112", no_uri_host(names.core, names.valid))
    seen.tell_names("N113", is_placeholder(names.core, names.valid))
    batch = seen.batch
    odd = positions_of((names.odd_at >= 0) & seen.open)
    seen.tell("N104", odd, batch.name_at[odd], names.odd_at[odd] - batch.name.start[odd])
