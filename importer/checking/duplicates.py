"""Rules D301 to D305: which records repeat or contradict earlier ones, over all inputs in order.

Names are compared by three 32-bit rows of a universal hash with keys made anew in each run
(`columns.hashing`): two different names are taken for one with probability 2**-96, whatever the
author of an input does; among 100 million names that is less than 10**-13 in all. The letter case
of a name is compared by 64 bits more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from importer import limits
from importer.checking.catalogue import INDEX, RULES
from importer.checking.examine import Examined, RunKeys
from importer.checking.last import LastWins
from importer.checking.policy import Policy
from importer.checking.spelling import Spellings
from importer.columns.arrays import BoolArray, HalfArray, IntArray
from importer.columns.growing import Growing
from importer.columns.hashing import hash_names, hash_spelling
from importer.columns.index import Index
from importer.columns.kernels import first_of_each, is_member, positions_of
from importer.columns.seen import SeenAddresses
from importer.columns.table import FindingTable
from importer.columns.text import TextColumn

RELATED_LIMIT = 1_000_000
"""Of this many kept records the places are remembered, for `related`; and D305 looks at as many."""

_FREELY = 1 << 24
"""Records for which memory is set aside on a mere guess; beyond, 16 times what there are at most."""


class Fates(NamedTuple):
    """What became of the c candidates of a batch; every mask is (c,)."""

    kept: BoolArray
    merged: BoolArray
    skipped: BoolArray
    refused: BoolArray
    findings: list[FindingTable]
    """`detail` is the number of the first record among all kept ones; -1 for rules about addresses, see
    `first_with`."""

    @staticmethod
    def of_new(new: BoolArray) -> Fates:
        """New names are kept, nothing else is decided."""
        none = np.zeros((3, len(new)), np.bool_)
        return Fates(new.copy(), none[0], none[1], none[2], [])

    def tell(self, code: str, examined: Examined, policy: Policy, which: IntArray, related: IntArray) -> None:
        """A finding for each of these candidates; `related` are the numbers of the first records."""
        rule = INDEX[code]
        if len(which) and policy.severity[rule]:
            record = examined.candidates[which]
            batch = examined.batch
            owner = record if batch.owner is None else batch.owner[record]
            at = batch.ip_at[owner] if RULES[rule].field == "ip" else batch.name_at[record]
            self.findings.append(FindingTable.of(rule, record, at, related))


class Known(NamedTuple):
    """What is known of n names that records may have."""

    first: IntArray
    """(n,) number of the first kept record that has the name, letter case aside; -1 where there is none."""
    address: HalfArray
    """(n,) its address."""
    same: BoolArray
    """(n,) whether it spells the name in the same way."""


class Ledger:
    """Remembers all kept records of a run, numbered in input order.

    For each name 22 bytes (half as much again while their number cannot be foreseen), and 12 more where it
    has capitals; addresses: see `seen`.
    """

    def __init__(self, policy: Policy, keys: RunKeys) -> None:
        self._policy = policy
        self._keys = keys
        # A conflict that is an error is refused, whatever else was asked for.
        self._mode = "refuse" if policy.is_error("D303") else policy.options.on_conflict
        self.address = Growing(np.uint32)
        """By number of kept record."""
        self._names = Index()
        self._expected = 0
        self._names_before_pair = Growing(np.int64)
        """By pair beyond a name's first one: how many names there were before it. Ascending."""
        self._spelling = Spellings()
        self._pairs = Index()
        """The (name, address) pairs beyond a name's first one, where a conflict is kept."""
        self._pair_spelling = Spellings()
        self._kept_of_pair = Growing(np.int64)
        self._addresses = SeenAddresses()
        self.last_wins = LastWins() if self._mode == "last" else None

    @property
    def size(self) -> int:
        """Number of kept records so far."""
        return self.address.size

    def holds(self, names: TextColumn) -> BoolArray:
        """(n,) whether a kept record has each of these names, letter case aside; they may be any texts."""
        found = (names.lengths() <= limits.MAX_NAME_CHARS) & (names.first_odd() < 0)
        fit = names.where(found)
        found[found] = self._names.holds(hash_names(fit.data, fit.start, fit.end, self._keys.names))
        return found

    def known(self, names: TextColumn) -> Known:
        """What is known of these names, which are valid ones."""
        number = self._names.numbers(hash_names(names.data, names.start, names.end, self._keys.names))
        spelling = hash_spelling(names.data, names.start, names.end, self._keys.spelling)
        there = positions_of(number >= 0)
        first, address = np.full(len(names), -1, np.int64), np.zeros(len(names), np.uint32)
        first[there] = self._kept(number[there])
        address[there] = self.address.array[first[there]]
        return Known(first, address, self._spelling.noted(number) == spelling)

    def first_with(self, addresses: HalfArray, limit: int) -> IntArray:
        """Number of the first kept record at each address among the first `limit` ones, else -1."""
        return first_with(self.address.array[:limit], addresses)

    def judge(self, examined: Examined) -> Fates:
        """Compare the candidates of a batch with all earlier ones and with each other."""
        fates = self._judge(examined)
        self._expected = self._foreseen(examined.batch.share)
        return fates

    def _foreseen(self, share: float) -> int:
        """How many records will be kept in all, if the rest of the inputs is like what was read of them."""
        return min(int(1.02 * self.size / share), max(_FREELY, 16 * self.size)) if share else 0

    def _judge(self, examined: Examined) -> Fates:
        address, names = examined.address.take(examined.candidates), examined.names()
        names_before, kept_before = self._names.size, self.size
        keys = hash_names(names.data, names.start, names.end, self._keys.names)
        name, new = self._names.add(keys, self._expected)
        fates = Fates.of_new(new)
        fresh, again = positions_of(new), positions_of(~new)
        same = self._first_address(name[again], names_before, address, fresh) == address[again]
        repeats, conflicts = again[same], again[~same]
        pair, first_pair = self._settle_conflicts(
            names.where(conflicts), address[conflicts], conflicts, fates
        )
        number = np.full(len(new), -1, np.int64)
        """Number of the kept record that each candidate is, or is merged into; -1 for none."""
        kept = positions_of(fates.kept)
        number[kept] = np.arange(self.size, self.size + len(kept))
        self.address.append(address[kept], self._expected)
        contradicting = conflicts
        if self.keeps_pairs:
            contradicting = conflicts[first_pair]
            self._names_before_pair.append(names_before + np.cumsum(new)[contradicting])
            self._kept_of_pair.put(pair[first_pair], number[contradicting])
            number[conflicts] = self._kept_of_pair.array[pair]
        number[repeats] = self._kept(name[repeats])
        fates.tell("D303", examined, self._policy, contradicting, self._kept(name[contradicting]))

        differs = self._spelling.differ(examined.spelling, name, fresh, repeats)
        if self.keeps_pairs:
            differs_too = self._pair_spelling.differ(
                None if examined.spelling is None else examined.spelling[conflicts],
                pair,
                first_pair.nonzero()[0],
                (~first_pair).nonzero()[0],
            )
            repeats = np.concatenate([repeats, conflicts[~first_pair]])
            order = np.argsort(repeats)
            repeats, differs = repeats[order], np.concatenate([differs, differs_too])[order]
        for code, which in (("D301", repeats[~differs]), ("D302", repeats[differs])):
            fates.tell(code, examined, self._policy, which, number[which])
            (fates.refused if self._policy.is_error(code) else fates.merged)[which] = True
        self._meet_addresses(examined, address, fates, number, repeats, kept_before)
        if self.last_wins is not None:
            part = positions_of(~fates.refused)
            self.last_wins.note(number[part], name[part])
        return fates

    @property
    def keeps_pairs(self) -> bool:
        """Whether a name may be kept at several addresses."""
        return self._mode in ("keep", "last")

    def _kept(self, name: IntArray) -> IntArray:
        """Number of the kept record of each name: records are kept for new names, and for further pairs."""
        if not self._names_before_pair.size:
            return name
        return name + np.searchsorted(self._names_before_pair.array, name, side="right")

    def _first_address(
        self, name: IntArray, names_before: int, address: HalfArray, fresh: IntArray
    ) -> HalfArray:
        """Address of each name's first record, which may be among the fresh ones of this batch."""
        first = np.empty(len(name), np.uint32)
        recent = name >= names_before
        first[recent] = address[fresh[name[recent] - names_before]]
        first[~recent] = self.address.array[self._kept(name[~recent])]
        return first

    def _settle_conflicts(
        self, names: TextColumn, address: HalfArray, conflicts: IntArray, fates: Fates
    ) -> tuple[IntArray, BoolArray]:
        """D303: refuse, skip or keep; where pairs are kept, their numbers and which are new.

        `conflicts` are the records that have these names and addresses.
        """
        if self.keeps_pairs:
            keys = hash_names(names.data, names.start, names.end, self._keys.names, address)
            pair, first = self._pairs.add(keys)
            fates.kept[conflicts[first]] = True
            return pair, first
        (fates.skipped if self._mode == "first" else fates.refused)[conflicts] = True
        return np.empty(0, np.int64), np.zeros(len(conflicts), np.bool_)

    def _meet_addresses(
        self,
        examined: Examined,
        address: HalfArray,
        fates: Fates,
        number: IntArray,
        repeats: IntArray,
        kept_before: int,
    ) -> None:
        """D304 and D305: tell once of each address that gets another name, each way."""
        kept = positions_of(fates.kept)
        owner = examined.batch.owner
        line = examined.candidates if owner is None else owner.take(examined.candidates)
        repeating = np.zeros(len(kept), np.bool_)
        if owner is not None and len(repeats) and len(kept):
            # Merged into a record from before its own line: the line repeats a name that its address has.
            first = np.searchsorted(line, line[repeats])
            before = kept_before + np.searchsorted(kept, first)
            earlier = line[repeats[number[repeats] < before]]
            repeating = is_member(line[kept], earlier)
        met = self._addresses.add(address[kept], line[kept], repeating)
        told = kept[met.lines]
        for code, which in (("D304", kept[met.shared]), ("D305", told[number[told] < RELATED_LIMIT])):
            fates.tell(code, examined, self._policy, which, np.full(len(which), -1, np.int64))


def first_with(kept: HalfArray, addresses: HalfArray) -> IntArray:
    """Number of the first kept record at each address, else -1; `kept` are the addresses of all of them."""
    log, wanted = kept.astype(np.int64), addresses.astype(np.int64)
    places = positions_of(is_member(log, np.sort(wanted)))
    places = places[first_of_each(log[places])]
    places = places[np.argsort(log[places])]
    known = log[places]
    if not len(known):
        return np.full(len(addresses), -1, np.int64)
    nearest = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[nearest] == wanted, places[nearest], -1)
