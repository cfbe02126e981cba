"""A slow, scalar reading of the contract, for property tests to compare the real program with.

It knows nothing of the project: no import from it, no numpy, no blocks, no columns. A file is one string,
a record is one object, and every rule is the sentence of the contract that its docstring quotes. Reading
comes first, then the rules, then duplicates, then the verdict: the order in which a record lives.

The text of a file is held as `str` decoded with *surrogateescape*, so that one undecodable byte is one
character, and every place is an offset in that string until the moment a finding is told.
"""

import bisect
import fnmatch
import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MOST_HOSTS = 20_000
LONGEST_NAME = 128
LONGEST_LABEL = 63
LONGEST_QUOTE = 1024 * 1024
BLANKS = " \t\v\f\r"

SEVERITIES = (
    dict.fromkeys(["R101", "R109", "N110", "A210", "D301", "D304", "F501", "F502"], "info")
    | dict.fromkeys(["R102", "N111", "N112", "A203", "A211", "A212", "D302"], "warning")
    | dict.fromkeys(["R103", "R107", "R108", "R110", "N101", "N102", "N103", "N104", "N105"], "error")
    | dict.fromkeys(["A201", "A202", "A204", "A205", "A206", "A213", "D303", "L401", "L402"], "error")
)
"""The severity column of the table of rules."""

FIXED = (
    *("R103", "R107", "R108", "N101", "N102", "N103", "N104", "A201", "A202", "A204", "A205", "A206"),
    *("D303", "L401", "L402"),
)
"""'... can be neither lowered nor hidden.'"""

LOCAL_NAMES = (
    *("localhost", "localhost.localdomain", "localhost4", "localhost4.localdomain4", "localhost6"),
    *("localhost6.localdomain6", "ip6-localhost", "ip6-loopback", "broadcasthost"),
)
"""N105's list."""

LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")
LOCAL_V4 = (LOOPBACK, ipaddress.IPv4Network("0.0.0.0/32"), ipaddress.IPv4Network("255.255.255.255/32"))
LOCAL_V6 = tuple(map(ipaddress.IPv6Network, ("::1", "::", "fe00::", "fe80::/10", "ff00::/8")))
"""A210: '127/8, 0.0.0.0, 255.255.255.255, ::1, ::, fe00::, fe80::/10, ff00::/8'."""

SPECIAL = (
    *map(ipaddress.IPv4Network, ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")),
    *map(ipaddress.IPv4Network, ("100.64.0.0/10", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")),
    ipaddress.IPv4Network("198.18.0.0/15"),
)
"""A211: 'rest of 0/8, 169.254/16, 224/4, rest of 240/4, 100.64/10, ...'; the rest is what A210 leaves."""


# -- what goes in and out


@dataclass(frozen=True)
class Options:
    """What the caller asks for. The oracle detects nothing: syntax, delimiter, header and roles are said."""

    syntax: str = ""
    """`hosts` or `csv`."""
    delimiter: str = ","
    header: bool = True
    """csv: the first non-blank row is the header, even one that looks like a comment; else there is none."""
    ip_column: int = 0
    """csv: the 0-based position of the address cell."""
    name_column: int = 1
    """csv: the 0-based position of the name cell."""
    names: str = "all"
    """`all`, or `first`: only the first name of a hosts line."""
    cidr: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    keep_local: bool = False
    keep_trailing_dot: bool = False
    on_conflict: str = "refuse"
    """`refuse`, `first`, `last` or `keep`."""
    split: bool = False
    max_hosts: int = MOST_HOSTS
    """Records that one connection holds."""
    ignore: tuple[str, ...] = ()
    error: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One finding as the JSON report tells it, without its words."""

    code: str
    severity: str
    source: str
    line: int | None
    column: int | None
    field: str
    value: str | None
    related: tuple[str, int] | None


@dataclass(frozen=True)
class Verdict:
    """Everything the report says about a list."""

    totals: dict[str, int]
    blank: int
    counts: dict[str, int]
    findings: list[Found]
    hosts: list[tuple[str, str, str, int]]
    """(ip, name as it would be sent, source, line of the name) of every ready record, in input order."""


# -- what is read


@dataclass(frozen=True)
class File:
    """One source, decoded."""

    index: int
    name: str
    text: str
    line_starts: list[int]

    def place(self, offset: int) -> tuple[int, int]:
        """'`line` is the 1-based physical line of the field, `column` the 1-based character in it.'"""
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def lines(self) -> int:
        """'`lines` counts physical lines, the last one too when it lacks LF.'"""
        return self.text.count("\n") + (self.text != "" and not self.text.endswith("\n"))


@dataclass(frozen=True)
class Cell:
    """A value, the offset where it starts, and the stretch of the text that belongs to it."""

    text: str
    at: int
    begin: int
    end: int


@dataclass(frozen=True)
class Row:
    """A hosts line or a delimited row that is at least one record."""

    at: int
    """Where a finding about it points: 'at its first character', at R103's opening quote or R108's CR."""
    code: str
    """R102, R103, R107, R108, R109, R110 or nothing: no two of them can be told about one row."""
    address: Cell
    names: tuple[Cell, ...]
    """'first token the address, every further token one name'; 'an address without a name is one record', so
    there is always at least one, perhaps an empty one placed where a missing name points."""
    values: tuple[Cell, ...]
    """The name and address cells that exist: an undecodable byte in them is not R101's."""


NOWHERE = Cell("", 0, 0, 0)


def decode(index: int, name: str, data: bytes) -> File:
    """'The bytes are read as they are'; 'an undecodable byte is one' character; a BOM is no text."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    starts = [0] + [i + 1 for i, character in enumerate(text) if character == "\n"]
    return File(index, name, text, starts)


def shown(text: str) -> str:
    r"""'an undecodable byte in it written `\xNN`'."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def refused_row(at: int, code: str, values: tuple[Cell, ...] = ()) -> Row:
    """'one refused record, not examined further': R103, R107 and R108."""
    return Row(at, code, NOWHERE, (NOWHERE,), values)


# -- hosts syntax


def read_hosts(text: str) -> tuple[list[Row], int]:
    """The rows of a file and the number of its lines that are blank or a comment: that have no token.

    'LF ends a line; the last line may lack it.'
    """
    rows: list[Row] = []
    blank = 0
    start = 0
    for line in text.removesuffix("\n").split("\n") if text else []:
        row = hosts_row(line, start)
        if row is None:
            blank += 1
        else:
            rows.append(row)
        start += len(line) + 1
    return rows, blank


def hosts_row(line: str, start: int) -> Row | None:
    """'`#` anywhere ends the line; tokens are separated by runs of space, tab, VT, FF or CR.'"""
    content = line.partition("#")[0]
    tokens = [
        Cell(found.group(), start + found.start(), start + found.start(), start + found.end())
        for found in re.finditer(r"[^ \t\v\f\r]+", content)
    ]
    if not tokens:
        return None
    carriage_return = content.find("\r")
    if carriage_return >= 0 and content[carriage_return:].strip(BLANKS):
        # R108: 'a CR with a token after it on the line; at the CR; the line is one refused record'
        return refused_row(start + carriage_return, "R108")
    address = tokens[0]
    names = tuple(tokens[1:])
    # 'A missing name points at the address (hosts).'
    missing = Cell("", address.at, address.at, address.at)
    return Row(start, "", address, names or (missing,), tuple(tokens))


# -- delimited text


@dataclass(frozen=True)
class RawRow:
    """The cells of one row, where the next row starts, and whether a lone CR ended this one."""

    cells: list[Cell]
    after: int
    lone_cr: bool


def read_csv(text: str, options: Options) -> tuple[list[Row], int]:
    """The rows of a file and the number of its blank and comment rows; the header is neither."""
    rows: list[Row] = []
    blank = 0
    width: int | None = None
    header_to_come = options.header
    start = 0
    while start < len(text):
        at_line_start = start == 0 or text[start - 1] == "\n"
        # 'A row that begins with `#` (after blanks) is a comment ..., unless it is the header.'
        comment = text[skip_blanks(text, start, options.delimiter) :].startswith("#")
        raw = read_row(text, start, options.delimiter)
        if comment and (not header_to_come or isinstance(raw, int)):
            after, lone_cr = end_of_row(text, end_of_content(text, start))
            blank += at_line_start and not lone_cr
        elif isinstance(raw, int):
            # 'that physical line is one refused record, and reading goes on at the next line'
            rows.append(refused_row(raw, "R103"))
            line_end = text.find("\n", raw)
            after = len(text) if line_end < 0 else line_end + 1
        elif not any(cell.text for cell in raw.cells):
            # 'A row whose cells are all empty is blank.'
            after = raw.after
            blank += at_line_start and not raw.lone_cr
        elif header_to_come:
            after = raw.after
            width = len(raw.cells)
            header_to_come = False
        else:
            # 'than the header (or, headerless, the first row)'
            after = raw.after
            width = len(raw.cells) if width is None else width
            rows.append(csv_row(raw.cells, start, width, options))
        start = after
    return rows, blank


def csv_row(cells: list[Cell], start: int, width: int, options: Options) -> Row:
    """The row rules R102, R107, R109 and R110 for a row that is not blank."""
    roles = (options.ip_column, options.name_column)
    values = tuple(cells[role] for role in roles if role < len(cells))
    if len(values) < len(roles):
        # R107: 'a non-blank row lacks the name or the address cell; one refused record'
        return refused_row(start, "R107", values)
    address, name = values
    if address.text == "" and name.text == "":
        # 'name and address cells both empty, others not: ... no R102, no R110'
        code = "R109"
    elif any(cell.text for cell in cells[width:]):
        # 'non-empty cells beyond the header's (or first row's) width'
        code = "R110"
    elif len(cells) < width:
        # 'a row has fewer cells than the header ..., yet both needed cells'
        code = "R102"
    else:
        code = ""
    return Row(start, code, address, (name,), values)


def read_row(text: str, start: int, delimiter: str) -> RawRow | int:
    """The cells from `start` to the end of the row, or the offset of the quote that spoils it (R103)."""
    cells: list[Cell] = []
    begin = start
    while True:
        quote = skip_blanks(text, begin, delimiter)
        if text[quote : quote + 1] == '"':
            # 'spaces before an opening quote are skipped'
            closing = closing_quote(text, quote)
            if closing is None:
                return quote
            end = skip_blanks(text, closing + 1, delimiter)
            if text[end : end + 1] not in ("", delimiter, "\n", "\r"):
                return quote
            content = text[quote + 1 : closing].replace('""', '"')
            cells.append(stripped_cell(content, quote + 1, begin, end, delimiter))
        else:
            # 'a quote anywhere else in an unquoted cell is an ordinary character'
            end = begin
            while text[end : end + 1] not in ("", delimiter, "\n", "\r"):
                end += 1
            cells.append(stripped_cell(text[begin:end], begin, begin, end, delimiter))
        if text[end : end + 1] != delimiter:
            after, lone_cr = end_of_row(text, end)
            return RawRow(cells, after, lone_cr)
        begin = end + 1


def stripped_cell(content: str, content_at: int, begin: int, end: int, delimiter: str) -> Cell:
    """'Cells are stripped of surrounding blanks'; a place is 'where the field's value starts'.

    The value of a cell of blanks is nowhere, so it is placed where the content starts.
    """
    blanks = BLANKS.replace(delimiter, "")
    value = content.strip(blanks)
    leading = len(content) - len(content.lstrip(blanks)) if value else 0
    return Cell(value, content_at + leading, begin, end)


def closing_quote(text: str, opening: int) -> int | None:
    """Two quotes are one inside a cell; R103: 'not closed within 1 MiB or before the file ends'."""
    at = text.find('"', opening + 1)
    while at >= 0 and text[at + 1 : at + 2] == '"':
        at = text.find('"', at + 2)
    if at < 0 or len(text[opening:at].encode("utf-8", "surrogateescape")) > LONGEST_QUOTE:
        return None
    return at


def skip_blanks(text: str, at: int, delimiter: str) -> int:
    """The next character that is no blank. A CR outside quotes ends a row, and a delimiter is no blank."""
    while at < len(text) and text[at] in " \t\v\f" and text[at] != delimiter:
        at += 1
    return at


def end_of_content(text: str, start: int) -> int:
    """A comment goes 'to the end of its line': to the first LF or CR."""
    at = start
    while at < len(text) and text[at] not in "\r\n":
        at += 1
    return at


def end_of_row(text: str, at: int) -> tuple[int, bool]:
    """Where the next row starts, and whether a lone CR ended this one.

    'A lone CR outside quotes ends a row.' CRs just before LF, or before the end of the file, belong to it.
    """
    after_crs = at
    while text[after_crs : after_crs + 1] == "\r":
        after_crs += 1
    if after_crs == len(text):
        return after_crs, False
    if text[after_crs] == "\n":
        return after_crs + 1, False
    return at + 1, True


# -- severities


def severity(code: str, options: Options) -> str:
    """'`--ignore CODE` hides, `--error CODE` and `--warn CODE` raise and lower'; nothing means hidden."""
    if code in options.ignore and code not in FIXED:
        return ""
    if code in options.error:
        return "error"
    if code in options.warn and code not in FIXED:
        return "warning"
    if code == "D303" and options.on_conflict != "refuse":
        # '`--on-conflict refuse` (default) refuses the later one; Then a warning'
        return "warning"
    return SEVERITIES[code]


def is_error(code: str, options: Options) -> bool:
    """'The final severity decides: raised to error a record is refused.'"""
    return severity(code, options) == "error"


# -- addresses


def ipv4(text: str) -> ipaddress.IPv4Address | None:
    """'four decimal numbers 0-255', none with a leading zero (that is A204)."""
    numbers = re.fullmatch(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)", text)
    if numbers is None or any(len(number) > 3 or int(number) > 255 for number in numbers.groups()):
        return None
    return ipaddress.IPv4Address(text)


def ipv6(text: str) -> ipaddress.IPv6Address | None:
    """'an IPv6 address (zone allowed)', its zone taken off."""
    try:
        return ipaddress.IPv6Address(int(ipaddress.IPv6Address(text)))
    except ValueError:
        return None


def is_octal_like(text: str) -> bool:
    """A204: 'four decimal parts, each at most 255 read as decimal, one with a leading zero'."""
    parts = text.split(".")
    if len(parts) != 4 or not all(re.fullmatch("[0-9]+", part) for part in parts):
        return False
    at_most_255 = all(re.fullmatch("0*[0-9]{1,3}", part) and int(part[-3:]) <= 255 for part in parts)
    return at_most_255 and any(len(part) > 1 and part[0] == "0" for part in parts)


def is_short(text: str) -> bool:
    """A205: 'one to four parts, decimal, 0-octal or 0x-hex, all but the last at most 255, the
    last filling the bytes left'."""
    numbers = [c_number(part) for part in text.split(".")]
    known = [number for number in numbers if number is not None]
    if len(numbers) > 4 or len(known) < len(numbers):
        return False
    return all(number <= 255 for number in known[:-1]) and known[-1] < 256 ** (5 - len(known))


def c_number(part: str) -> int | None:
    """A number as C reads it: decimal, 0-octal or 0x-hex."""
    digits = part.lower()
    if re.fullmatch("0x[0-9a-f]+", digits):
        return int(digits, 16)
    if re.fullmatch("0[0-7]*", digits):
        return int(digits, 8)
    if re.fullmatch("[1-9][0-9]*", digits):
        # eleven digits already are too many, whatever they say, and Python bounds the digits it converts
        return int(digits[:11])
    return None


def has_suffix(text: str) -> bool:
    """A206: 'a valid IPv4 followed by `/` and 0-32 or `:` and 0-65535, one to five digits without a leading
    zero'."""
    found = re.fullmatch(r"([0-9.]+)([/:])(0|[1-9][0-9]{0,4})", text)
    if found is None or ipv4(found.group(1)) is None:
        return False
    return int(found.group(3)) <= (32 if found.group(2) == "/" else 65535)


def is_local_v4(address: ipaddress.IPv4Address) -> bool:
    """A210's IPv4 addresses, 'the IPv4 ones' of `--keep-local`."""
    return any(address in network for network in LOCAL_V4)


def address_codes(text: str, names: list[str], options: Options) -> list[str]:
    """Every A2xx of one line, given its address and the names on it that are examined."""
    address = ipv4(text)
    if address is not None:
        return ipv4_codes(address, names, options)
    six = ipv6(text)
    if text == "":
        return ["A201"]
    if six is not None:
        return ["A210" if any(six in network for network in LOCAL_V6) else "A203"]
    if is_octal_like(text):
        return ["A204"]
    if is_short(text):
        return ["A205"]
    if has_suffix(text):
        return ["A206"]
    return ["A202"]


def ipv4_codes(address: ipaddress.IPv4Address, names: list[str], options: Options) -> list[str]:
    """A210 or A212, else A211 and A213: 'local is skipped, and its name is not examined'."""
    codes: list[str] = []
    if is_local_v4(address):
        if not options.keep_local:
            # A212: '127/8 with a name that is not in N105's list; in place of A210 for that line'
            real = any(name and bare(name).lower() not in LOCAL_NAMES for name in names)
            return ["A212" if address in LOOPBACK and real else "A210"]
    elif any(address in network for network in SPECIAL):
        codes.append("A211")
    if options.cidr and not any(holds(cidr, address) for cidr in options.cidr):
        # A213: '`--cidr` was given (repeatable) and none holds it'
        codes.append("A213")
    return codes


def holds(cidr: str, address: ipaddress.IPv4Address) -> bool:
    """Whether a network holds an address; an IPv6 network holds no IPv4 address."""
    return address in ipaddress.ip_network(cidr, strict=False)


# -- names


def bare(name: str) -> str:
    """N110: 'ends in exactly one dot, which is taken off before all other name rules'; '.' is left alone."""
    if name.endswith(".") and not name.endswith("..") and name != ".":
        return name[:-1]
    return name


def sent(name: str, options: Options) -> str:
    """'`--keep-trailing-dot` sends it as written'; otherwise 'as the user wrote them (N110's dot aside)'."""
    return name if options.keep_trailing_dot else bare(name)


def name_codes(name: str, options: Options, local_is_wrong: bool) -> list[tuple[str, int]]:
    """Every N1xx of a name that is not missing, each with its offset in the name.

    `local_is_wrong` says that N105 applies: 'beside an address without an error', and not one that
    `--keep-local` sends ('no A210, A212, N105').
    """
    codes: list[tuple[str, int]] = []
    if bare(name) != name and not options.keep_trailing_dot:
        codes.append(("N110", 0))
    form = form_codes(sent(name, options))
    codes.extend(form)
    if local_is_wrong and bare(name).lower() in LOCAL_NAMES:
        # 'N105 and D3xx look past it'
        codes.append(("N105", 0))
    if not form:
        # N111: 'passes N101-N104 but is no DNS name'; N112: 'passes N101-N104 and has `_`'
        if not is_dns_name(bare(name)):
            codes.append(("N111", 0))
        if "_" in name:
            codes.append(("N112", 0))
    return codes


def form_codes(name: str) -> list[tuple[str, int]]:
    """N102, N103 and N104: the service's own rule about names."""
    codes: list[tuple[str, int]] = []
    if len(name) > LONGEST_NAME:
        # 'more than 128 characters'
        codes.append(("N102", 0))
    if re.match(r"[0-9_.-]", name):
        # 'first character is one of the allowed ones but not a letter A-Z a-z'
        codes.append(("N103", 0))
    wrong = re.search(r"[^A-Za-z0-9_.-]", name)
    if wrong:
        # 'a character outside `A-Z a-z 0-9 _ - .`; the first such one'
        codes.append(("N104", wrong.start()))
    return codes


def is_dns_name(name: str) -> bool:
    """N111: no DNS name has 'an empty label, a label over 63, or a label that begins or ends with `-`'."""
    return all(
        0 < len(label) <= LONGEST_LABEL and not label.startswith("-") and not label.endswith("-")
        for label in name.split(".")
    )


# -- filters


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


# -- records


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

    def tell(
        self, code: str, file: File, at: int, of: str, value: str | None, first: Record | None = None
    ) -> bool:
        """Tell a finding unless it is hidden; answers whether it is an error, so that its record is refused.

        '`.related` of a D3xx is the first record.'
        """
        final = severity(code, self.options)
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


def judge_row(file: File, row: Row, findings: Findings) -> list[Record]:
    """The records of one row, after every rule that looks at no other row."""
    options = findings.options
    records = [Record(file, row, name) for name in row.names]
    if row.code in ("R103", "R107", "R108") or (row.code == "R110" and is_error("R110", options)):
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
        judge_examined(examined, findings)
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


def judge_examined(records: list[Record], findings: Findings) -> None:
    """'A finding about an address is told once per line, however many names share it', then each name.

    'A record whose address is local or IPv6 is skipped and not examined further. Otherwise name and address
    are judged apart.'
    """
    options = findings.options
    line = records[0]
    codes = address_codes(line.ip, [record.name.text for record in records], options)
    address_errors = [code for code in codes if findings.tell_ip(code, line)]
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


# -- duplicates


@dataclass
class Kept:
    """What duplicates are compared with: the records kept so far."""

    of_name: dict[str, Record] = field(default_factory=dict)
    """The first kept record of each name."""
    of_pair: dict[tuple[str, str], Record] = field(default_factory=dict)
    """The kept record of each name and address."""
    of_address: dict[str, Record] = field(default_factory=dict)
    """The first kept record of each address."""
    shared: set[str] = field(default_factory=set)
    """The addresses D304 was told about."""


def judge_duplicates(records: Iterable[Record], findings: Findings) -> None:
    """'Refused records take no part in duplicates', nor do skipped ones; the others in input order."""
    kept = Kept()
    taking_part = [record for record in records if record.fate == "open"]
    for record in taking_part:
        record.fate = duplicate_fate(record, kept, findings)
    if findings.options.on_conflict == "last":
        last_address_wins(taking_part)


def duplicate_fate(record: Record, kept: Kept, findings: Findings) -> str:
    """D301, D302, D303 and D304 for one record; what is kept is remembered."""
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
    if neighbour is not None and record.ip not in kept.shared:
        # D304: 'an address that already has a name gets another; one finding per address'
        kept.shared.add(record.ip)
        if findings.tell_ip("D304", record, first=neighbour):
            return "refused"
    kept.of_pair[record.key, record.ip] = record
    kept.of_name.setdefault(record.key, record)
    kept.of_address.setdefault(record.ip, record)
    return "ready"


def last_address_wins(records: list[Record]) -> None:
    """'`last` lets the last address in the input win and skips every record of the name at another.'"""
    in_play = [record for record in records if record.fate in ("ready", "merged")]
    last = {record.key: record.ip for record in in_play}
    set_fate((record for record in in_play if record.ip != last[record.key]), "skipped")


# -- the verdict


def judge(files: list[tuple[str, bytes]], options: Options) -> Verdict:
    """'Several files on one command line make one list, in order.'"""
    findings = Findings(options)
    records: list[Record] = []
    lines = blank = 0
    for index, (name, data) in enumerate(files):
        file = decode(index, name, data)
        rows, blanks = read_hosts(file.text) if options.syntax == "hosts" else read_csv(file.text, options)
        lines += file.lines()
        blank += blanks
        judge_encoding(file, rows, findings)
        for row in rows:
            records.extend(judge_row(file, row, findings))
    judge_duplicates(records, findings)
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
