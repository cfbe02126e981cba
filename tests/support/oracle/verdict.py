"""The verdict: what the report says of one list."""

from collections import Counter
from collections.abc import Iterator

from oracle.addresses import ipv4, ipv6, is_local_v4, is_local_v6
from oracle.delimited import read_csv
from oracle.detection import understood
from oracle.duplicates import judge_duplicates
from oracle.hosts_text import read_hosts
from oracle.judging import Findings, Record, judge_row, settle_left_out
from oracle.model import File, Found, Options, Row, Verdict, decode
from oracle.names import sent
from oracle.severities import severity

FIRST_LINES = 100
FEWEST_BLOCKED = 20


def judge(files: list[tuple[str, bytes]], options: Options) -> Verdict:
    """'Several files on one command line make one list, in order.'"""
    findings = Findings(options)
    records: list[Record] = []
    lines = blank = 0
    for index, (name, data) in enumerate(files):
        file = decode(index, name, data)
        settled = understood(file.text, options)
        reading = read_hosts(file.text) if settled.syntax == "hosts" else read_csv(file.text, settled)
        lines += file.lines()
        blank += reading.blank
        judge_encoding(file, reading.rows, findings)
        for note in reading.notes:
            findings.tell(note.code, file, note.at, note.of, None, harmless=note.harmless)
        in_block_list = is_block_list(reading.rows)
        for row in reading.rows:
            records.extend(judge_row(file, row, findings, in_block_list))
    judge_duplicates(records, findings)
    settle_left_out(records, findings)
    judge_limits(files, records, findings)
    told = [found for _, found in sorted(findings.told, key=report_order)]
    return Verdict(
        totals=balance(lines, records),
        blank=blank,
        counts=dict(Counter(found.code for found in told)),
        findings=told,
        hosts=list(ready_hosts(records, options)),
    )


def judge_encoding(file: File, rows: list[Row], findings: Findings) -> None:
    """R101: 'bytes that are not UTF-8 outside name and address; once per file', at the first of them."""
    inside = {i for row in rows for cell in row.values for i in range(cell.begin, cell.end)}
    for i, character in enumerate(file.text):
        if "\udc80" <= character <= "\udcff" and i not in inside:
            findings.tell("R101", file, i, "file", None)
            return


def is_block_list(rows: list[Row]) -> bool:
    """A212: 'a file of whose first 100 content lines there are at least 20 and more than half on local
    addresses'. What R112 cut off a line is no line."""
    first = [row for row in rows if row.code != "R112"][:FIRST_LINES]
    local = sum(is_local(row.address.text) for row in first)
    return local >= FEWEST_BLOCKED and local * 2 > len(first)


def is_local(text: str) -> bool:
    """Any of A210's addresses."""
    four, six = ipv4(text), ipv6(text)
    return (four is not None and is_local_v4(four)) or (six is not None and is_local_v6(six))


def judge_limits(files: list[tuple[str, bytes]], records: list[Record], findings: Findings) -> None:
    """L401: 'more than 20,000 records ready; at the record that crosses'; L402: 'none is ready'."""
    ready = [record for record in records if record.fate == "ready"]
    most = findings.options.max_hosts
    if len(ready) > most and not findings.options.split:
        crossing = ready[most]
        findings.tell_row("L401", crossing.file, crossing.row.at)
    if not ready:
        # '`line` and `column` are null where there is no place (L402).'
        index, name = (0, files[0][0]) if len(files) == 1 else (-1, "")
        final = severity("L402", findings.options)
        findings.told.append((index, Found("L402", final, name, None, None, "file", None, None)))


def report_order(told: tuple[int, Found]) -> tuple[int, int, int, str]:
    """'findings in source, line, column, code order'; one without a place stands before the others."""
    index, found = told
    return index, found.line or 0, found.column or 0, found.code


def balance(lines: int, records: list[Record]) -> dict[str, int]:
    """'`records = ready + merged + skipped + refused`.'"""
    fates = Counter(record.fate for record in records)
    return {"lines": lines, "records": len(records)} | {
        fate: fates[fate] for fate in ("ready", "merged", "skipped", "refused")
    }


def ready_hosts(records: list[Record], options: Options) -> Iterator[tuple[str, str, str, int]]:
    """'`hosts` as `{"ip", "name"}` in input order, spelled as the user wrote them (N110's dot aside)'."""
    for record in records:
        if record.fate == "ready":
            yield record.ip, sent(record.name.text, options), record.file.name, record.line
