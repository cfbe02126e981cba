"""The rules about the whole list: records that repeat and contradict each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from oracle.judging import Findings, Record, set_fate
from oracle.names import bare

Line = tuple[int, int]
"""A line of hosts syntax or a row: the index of its source and where its address starts."""


@dataclass
class Kept:
    """What duplicates are compared with: the records kept so far."""

    of_name: dict[str, Record] = field(default_factory=dict)
    """The first kept record of each name."""
    of_pair: dict[tuple[str, str], Record] = field(default_factory=dict)
    """The kept record of each name and address."""
    of_address: dict[str, Record] = field(default_factory=dict)
    """The first kept record of each address."""
    names_of: dict[str, dict[str, Line]] = field(default_factory=dict)
    """The kept names of each address, each with the line that gave it first."""
    told: set[tuple[str, str]] = field(default_factory=set)
    """The codes and addresses, 'one finding per address' of D304 and of D305."""


def judge_duplicates(records: Iterable[Record], findings: Findings) -> None:
    """'Refused records take no part in duplicates', nor do skipped ones; the others in input order."""
    kept = Kept()
    taking_part = [record for record in records if record.fate == "open"]
    on_line: dict[Line, set[str]] = {}
    for record in taking_part:
        on_line.setdefault(line_of(record), set()).add(record.key)
    for record in taking_part:
        record.fate = duplicate_fate(record, on_line[line_of(record)], kept, findings)
    if findings.options.on_conflict == "last":
        last_address_wins(taking_part)


def line_of(record: Record) -> Line:
    """The line or row that a record stands on."""
    return record.file.index, record.row.at


def sharing_code(record: Record, on_line: set[str], kept: Kept) -> str:
    """D304 or D305 for an address 'that already has a name' and 'gets another', or nothing.

    D304: 'on its first line (row) or on one that repeats one of its names'; D305: 'an address that has a
    ready record from an earlier line gets another name from a line that repeats none of its names'.
    """
    line = line_of(record)
    earlier = {name for name, of in kept.names_of[record.ip].items() if of != line}
    if line == line_of(kept.of_address[record.ip]) or on_line & earlier:
        return "D304"
    return "D305"


def duplicate_fate(record: Record, on_line: set[str], kept: Kept, findings: Findings) -> str:
    """D301 to D305 for one record; what is kept is remembered."""
    same = kept.of_pair.get((record.key, record.ip))
    if same is not None:
        # D301: 'same name, letter case aside, and same address: merged'; D302: 'spelled in another case'
        code = "D301" if bare(same.name.text) == bare(record.name.text) else "D302"
        return "refused" if findings.tell_name(code, record, first=same) else "merged"
    other = kept.of_name.get(record.key)
    if other is not None:
        # D303: 'same name, letter case aside, at another address than its first record'
        if findings.tell_name("D303", record, first=other):
            return "refused"
        if findings.options.on_conflict == "first":
            return "skipped"
    neighbour = kept.of_address.get(record.ip)
    if neighbour is not None:
        code = sharing_code(record, on_line, kept)
        if (code, record.ip) not in kept.told:
            kept.told.add((code, record.ip))
            if findings.tell_ip(code, record, first=neighbour):
                return "refused"
    kept.of_pair[record.key, record.ip] = record
    kept.of_name.setdefault(record.key, record)
    kept.of_address.setdefault(record.ip, record)
    kept.names_of.setdefault(record.ip, {}).setdefault(record.key, line_of(record))
    return "ready"


def last_address_wins(records: list[Record]) -> None:
    """'`last` lets the last address in the input win and skips every record of the name at another.'"""
    in_play = [record for record in records if record.fate in ("ready", "merged")]
    last = {record.key: record.ip for record in in_play}
    set_fate((record for record in in_play if record.ip != last[record.key]), "skipped")
