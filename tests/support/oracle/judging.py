"""The rules about one row: filters, then its address, then its names."""

import fnmatch
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from oracle.addresses import address_codes, ipv4, is_local_v4
from oracle.model import ALONE, Cell, File, Found, Options, Row, shown
from oracle.names import bare, is_real, name_codes
from oracle.severities import is_error, severity


def is_filtered_out(address: str, name: str, options: Options) -> bool:
    """F501: '`--only` or `--exclude` (a CIDR, or a glob over the name; repeatable) leaves it out'."""
    if options.only and not any(matches(pattern, address, name) for pattern in options.only):
        return True
    return any(matches(pattern, address, name) for pattern in options.exclude)


def matches(pattern: str, address: str, name: str) -> bool:
    """An IPv4 network asks about the address, which must be a valid IPv4 one; all else is a glob."""
    try:
        network = ipaddress.ip_network(pattern, strict=False)
    except ValueError:
        network = None
    if isinstance(network, ipaddress.IPv4Network):
        valid = ipv4(address)
        return valid is not None and valid in network
    return fnmatch.fnmatchcase(bare(name).lower(), pattern.lower())


@dataclass
class Record:
    """One name/address pair on its way: `fate` is open until a rule or the end decides."""

    file: File
    row: Row
    name: Cell
    fate: str = "open"

    @property
    def ip(self) -> str:
        """The address as written, which for a record in play is its only spelling."""
        return self.row.address.text

    @property
    def key(self) -> str:
        """'same name, letter case aside', and 'D3xx look past' a trailing dot."""
        return bare(self.name.text).lower()

    @property
    def line(self) -> int:
        """The physical line of its name."""
        return self.file.place(self.name.at)[0]


@dataclass
class Findings:
    """What was told so far, each with the index of its source."""

    options: Options
    told: list[tuple[int, Found]] = field(default_factory=list)
    left_out: dict[int, list[str]] = field(default_factory=dict)
    """The keys of the names that a finding of `told` leaves out (A203, A212), by its place in that list."""

    def tell(
        self,
        code: str,
        file: File,
        at: int,
        of: str,
        value: str | None,
        first: Record | None = None,
        harmless: bool = False,
    ) -> bool:
        """Tell a finding unless it is hidden; answers whether it is an error, so that its record is refused.

        '`.related` of a D3xx is the first record.'
        """
        final = severity(code, self.options, harmless)
        if final:
            line, column = file.place(at)
            text = None if value is None else shown(value)
            related = None if first is None else (first.file.name, first.line)
            self.told.append((file.index, Found(code, final, file.name, line, column, of, text, related)))
        return final == "error"

    def tell_row(self, code: str, file: File, at: int) -> bool:
        """A finding about a row: 'value is the field alone, never the row; null for `row` and `file`'."""
        return self.tell(code, file, at, "row", None)

    def tell_name(self, code: str, record: Record, offset: int = 0, first: Record | None = None) -> bool:
        """A finding about a name, at its first character or at one of its characters."""
        return self.tell(code, record.file, record.name.at + offset, "name", record.name.text, first)

    def tell_ip(self, code: str, record: Record, first: Record | None = None) -> bool:
        """A finding about an address, as written."""
        address = record.row.address
        return self.tell(code, record.file, address.at, "ip", address.text, first)


def judge_row(file: File, row: Row, findings: Findings, in_block_list: bool) -> list[Record]:
    """The records of one row, after every rule that looks at no other row."""
    options = findings.options
    records = [Record(file, row, name) for name in row.names]
    if row.code in ALONE or (row.code == "R110" and is_error("R110", options)):
        findings.tell_row(row.code, file, row.at)
        set_fate(records, "refused")
        return records
    if row.code == "R109":
        set_fate(records, "refused" if findings.tell_row("R109", file, row.at) else "skipped")
        return records
    # The reader tells of ragged rows, so this comes before any filter and any skip.
    row_error = row.code in ("R102", "R110") and findings.tell_row(row.code, file, row.at)
    examined = [record for i, record in enumerate(records) if is_examined(record, i, findings)]
    if examined:
        judge_examined(examined, findings, in_block_list)
    if row_error:
        set_fate(records, "refused")
    return records


def set_fate(records: Iterable[Record], fate: str) -> None:
    """The same end for several records."""
    for record in records:
        record.fate = fate


def is_examined(record: Record, position: int, findings: Findings) -> bool:
    """F502 and F501 leave records out: 'skipped, not examined further'."""
    if findings.options.names == "first" and position > 0:
        code = "F502"
    elif is_filtered_out(record.ip, record.name.text, findings.options):
        code = "F501"
    else:
        return True
    record.fate = "refused" if findings.tell_name(code, record) else "skipped"
    return False


def judge_examined(records: list[Record], findings: Findings, in_block_list: bool) -> None:
    """'A finding about an address is told once per line, however many names share it', then each name.

    'A record whose address is local or IPv6 is skipped and not examined further. Otherwise name and address
    are judged apart.'
    """
    options = findings.options
    line = records[0]
    codes = address_codes(line.ip, [record.name.text for record in records], options, in_block_list)
    address_errors = [code for code in codes if findings.tell_ip(code, line)]
    if codes in (["A203"], ["A212"]) and severity(codes[0], options):
        # 'Info if every name of the line (A203), every such name (A212) is also a ready record's'
        names = [record for record in records if record.name.text]
        keys = [record.key for record in names if codes == ["A203"] or is_real(record.name.text)]
        findings.left_out[len(findings.told) - 1] = keys
    if codes in (["A203"], ["A210"], ["A212"]):
        set_fate(records, "refused" if address_errors else "skipped")
        return
    for record in records:
        name_error = judge_name(record, not address_errors, findings)
        if address_errors or name_error:
            record.fate = "refused"


def judge_name(record: Record, address_is_good: bool, findings: Findings) -> bool:
    """N101, or the rules about a name that is there; answers whether one of them is an error."""
    address = ipv4(record.ip)
    if record.name.text == "":
        # N101: 'a valid IPv4 address alone on a hosts line, or beside an empty name cell'
        return address is not None and findings.tell_name("N101", record)
    kept_local = address is not None and is_local_v4(address)
    codes = name_codes(record.name.text, findings.options, address_is_good and not kept_local)
    errors = [code for code, offset in codes if findings.tell_name(code, record, offset)]
    return errors != []


def settle_left_out(records: Iterable[Record], findings: Findings) -> None:
    """A203 and A212 are an info where the names they leave out are ready 'wherever it stands'."""
    ready = {record.key for record in records if record.fate == "ready"}
    for place, keys in findings.left_out.items():
        index, found = findings.told[place]
        if keys and ready.issuperset(keys):
            final = severity(found.code, findings.options, harmless=True)
            findings.told[place] = (index, replace(found, severity=final))
