"""Rules D3xx: which records repeat or contradict earlier ones, over all inputs in order.

Names are compared by three 32-bit rows of a universal hash with keys made anew in each run
(`columns.kernels`): two different names are taken for one with probability 2**-96, whatever the
author of an input does; among 100 million names that is less than 10**-13 in all. The letter case
of a name is compared by 64 bits more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from importer.checking.catalogue import INDEX
from importer.checking.examine import Examined, RunKeys
from importer.checking.index import Index
from importer.checking.last import LastWins
from importer.checking.policy import Policy
from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.growing import Growing
from importer.columns.kernels import upper_halves, with_address
from importer.columns.table import FindingTable

_ADDRESS_SPREAD = np.uint32(0x9E3779B1)
"""An odd factor: it sends neighbouring addresses to buckets far apart."""


@dataclass(slots=True)
class Fates:
    """What became of the c candidates of a batch; every mask is (c,)."""

    kept: BoolArray
    merged: BoolArray
    skipped: BoolArray
    refused: BoolArray
    findings: list[FindingTable]
    """`detail` is the number of the first record among all kept ones."""


class Ledger:
    """Remembers all kept records of a run, numbered in input order."""

    def __init__(self, policy: Policy, keys: RunKeys, expected: int = 0) -> None:
        self.size = 0
        """Number of kept records so far."""
        self._policy = policy
        self._keys = keys
        # A conflict that is an error is refused, whatever else was asked for.
        self._mode = "refuse" if policy.is_error("D303") else policy.options.on_conflict
        self._names = Index(expected)
        self.first_address = Growing(np.uint32)
        """By number of name: the address of its first record."""
        self._spelling = Growing(np.uint64)
        self._kept_of_name = Growing(np.int64)
        self._pairs = Index()
        """The (name, address) pairs beyond a name's first one, where a conflict is kept."""
        self._pair_spelling = Growing(np.uint64)
        self._kept_of_pair = Growing(np.int64)
        self._addresses = Index(expected)
        self._kept_of_address = Growing(np.int64)
        self._address_told = Growing(np.bool_)
        self.last_wins = LastWins() if self._mode == "last" else None

    def judge(self, examined: Examined) -> Fates:
        """Compare the candidates of a batch with all earlier ones and with each other."""
        count = len(examined.candidates)
        if not self._policy.is_error("D304"):
            return self._judge(examined, np.arange(count))
        # A record that D304 refuses leaves its name free for those behind it: one at a time.
        parts = [self._judge(examined, np.arange(i, i + 1)) for i in range(count)]
        masks = (np.array([bool(getattr(p, m)[0]) for p in parts], np.bool_) for m in _MASKS)
        return Fates(*masks, findings=[table for p in parts for table in p.findings])

    def _judge(self, examined: Examined, part: IntArray) -> Fates:
        records = examined.candidates[part]
        address = examined.address[records]
        sums = [s[part] for s in examined.sums]
        spelling = np.zeros(len(part), np.uint64) if examined.spelling is None else examined.spelling[part]
        name, new = self._names.add(*upper_halves(sums))
        if len(part) == 1 and not new[0] and self._kept_of_name.array[name[0]] < 0:  # a freed name
            new[0] = True
            self.first_address.array[name] = address
            self._spelling.array[name] = spelling
            self._kept_of_name.array[name] = self.size
        else:
            self.first_address.append(address[new])
            self._spelling.append(spelling[new])
        fates = Fates(new.copy(), *(np.zeros(len(part), np.bool_) for _ in range(3)), findings=[])

        again = np.flatnonzero(~new)
        same = self.first_address.array[name[again]] == address[again]
        repeats, conflicts = again[same], again[~same]
        pair = np.empty(0, np.int64)
        if self._mode in ("keep", "last"):
            pair_sums = with_address([s[conflicts] for s in sums], address[conflicts], self._keys.names)
            pair, pair_new = self._pairs.add(*upper_halves(pair_sums))
            self._pair_spelling.append(spelling[conflicts[pair_new]])
            fates.kept[conflicts[pair_new]] = True
        elif self._mode == "first":
            fates.skipped[conflicts] = True
        else:
            fates.refused[conflicts] = True

        number = self.size + np.cumsum(fates.kept) - 1
        self._kept_of_name.append(number[new][: self.first_address.size - self._kept_of_name.size])
        target = self._kept_of_name.array[name]
        """Number of the kept record that each candidate repeats, contradicts, or is."""
        differs = np.zeros(len(part), np.bool_)
        differs[repeats] = spelling[repeats] != self._spelling.array[name[repeats]]
        told = conflicts
        if len(pair):
            first = np.flatnonzero(pair_new)
            told, later = conflicts[first], conflicts[~pair_new]
            contradicted = target[told]
            self._kept_of_pair.append(number[told])
            target[conflicts] = self._kept_of_pair.array[pair]
            differs[later] = spelling[later] != self._pair_spelling.array[pair[~pair_new]]
            repeats = np.sort(np.concatenate([repeats, later]))
        else:
            contradicted = target[told]
        self._tell("D303", examined, fates, records, told, contradicted)
        for code, which in (("D301", repeats[~differs[repeats]]), ("D302", repeats[differs[repeats]])):
            self._tell(code, examined, fates, records, which, target[which])
            (fates.refused if self._policy.is_error(code) else fates.merged)[which] = True
        if self.last_wins is not None:
            taking_part = np.flatnonzero(~fates.refused)
            self.last_wins.note(target[taking_part], name[taking_part])
        self._share_addresses(examined, fates, records, address, number)
        if len(part) == 1 and new[0] and not fates.kept[0]:
            self._kept_of_name.array[name[0]] = -1
        self.size += int(fates.kept.sum())
        return fates

    def _share_addresses(
        self, examined: Examined, fates: Fates, records: IntArray, address: HalfArray, number: IntArray
    ) -> None:
        """D304: tell once of each address that gets a second kept record."""
        kept = np.flatnonzero(fates.kept)
        shared = address[kept]
        which, new = self._addresses.add(shared * _ADDRESS_SPREAD, shared, shared)
        self._kept_of_address.append(number[kept[new]])
        self._address_told.append(np.zeros(int(new.sum()), np.bool_))
        later = np.flatnonzero(~new & ~self._address_told.array[which])
        later = later[np.unique(which[later], return_index=True)[1]]
        self._address_told.array[which[later]] = True
        self._tell(
            "D304",
            examined,
            fates,
            records,
            np.sort(kept[later]),
            self._kept_of_address.array[which[np.sort(later)]],
        )
        if self._policy.is_error("D304"):
            fates.kept[kept[later]] = False
            fates.refused[kept[later]] = True

    def _tell(
        self,
        code: str,
        examined: Examined,
        fates: Fates,
        records: IntArray,
        which: IntArray,
        related: IntArray,
    ) -> None:
        rule = INDEX[code]
        if len(which) and self._policy.severity[rule]:
            record = records[which]
            batch = examined.batch
            owner = record if batch.owner is None else batch.owner[record]
            at = batch.ip_at[owner] if code == "D304" else batch.name_at[record]
            fates.findings.append(FindingTable.of(rule, record, at, related))


_MASKS = ("kept", "merged", "skipped", "refused")
