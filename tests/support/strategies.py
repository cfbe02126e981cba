"""Inputs for property tests: texts that look like host lists, with everything that goes wrong in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

_ADDRESSES = b"""
10.0.0.1 10.0.0.2 10.0.0.3 192.168.6.21 172.16.0.1
127.0.0.1 127.0.1.1 0.0.0.0 255.255.255.255 ::1 :: fe80::1%lo ff02::1 fe00::0
2001:db8::5 ::ffff:10.0.0.1 fec0::1 1::2::3 ::1% fe80::1%lo%lo
010.0.0.1 10.0.0.001 10.0.1 167837708 0x0a.0.0.1 0300.1.1.1 08.1.1.1 10.0.0.256 0x 1.2.3.0x10 09 1.2.3.4.5
10.0.0.1/24 10.0.0.1/024 10.0.0.1/33 10.0.0.1:80 10.0.0.1:99999 10.0.0.1. .10.0.0.1 [10.0.0.1] +10.0.0.1
100.64.0.1 192.0.2.7 224.0.0.1 240.0.0.1 169.254.1.1 198.19.255.255 198.51.100.1 203.0.113.9 0.1.2.3
""".split()
_LONG_ADDRESSES = [b"10.0.0.1\xc2\xa0", b"\xef\xbc\x91.0.0.1", b"0" * 5000 + b"1.1.1.1", b"9" * 5000]
ADDRESSES = st.one_of(
    st.sampled_from(_ADDRESSES + _LONG_ADDRESSES),
    st.builds(lambda a, b: b"10.0.%d.%d" % (a, b), st.integers(0, 3), st.integers(0, 300)),
)

_NAMES = rb"""
a b A kafka01 KAFKA01 Kafka01 kafka01. kafka01.. node.example.com node.example.com. Node.Example.Com.
. .. .a a..b a--b a.-b a-.b a- a-. -a 9to5 _srv a_b a_b. A_b 10.0.0.9
localhost LocalHost localhost. localhost.localdomain ip6-loopback broadcasthost localhost4
a*b a,b a;b a|b a"b a/b host:80
aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567890123 abcdefghijklmnopqrstuvwxyz01234567890123
""".split()
_LONG_NAMES = [
    *(b"x" * length + end for length in (63, 64, 127, 128, 129) for end in (b"", b".", b"..")),
    b"l" * 60 + b"." + b"m" * 67,
    *(b"a." + b"m" * length + b".b" for length in (63, 64)),
    b"p" * 40 + b"." + b"q" * 40 + b"." + b"r" * 46,
]
_ODD_NAMES = [
    b"caf\xc3\xa9",
    b"\xc3\xa9" * 70,
    b"\xc3\xa9" * 129,
    b"caf\xe9",
    b"\xff\xfe",
    b"a\x00b",
    b"a\x1b[31m",
]
NAMES = st.one_of(
    st.sampled_from(_NAMES + _LONG_NAMES + _ODD_NAMES),
    st.builds(lambda i: b"host-%d.example" % i, st.integers(0, 30)),
    st.binary(min_size=1, max_size=4),
)

_SPACE = st.sampled_from([b" ", b"\t", b"  ", b" \t ", b"\v", b"\f", b"\r", b" \r "])
_PAD = st.sampled_from([b""] * 6 + [b" ", b"\t", b"\r", b" \v"])
_END = st.sampled_from([b"\n"] * 6 + [b"\r\n", b"\r\r\n", b" \n", b"\n\n"])


@st.composite
def hosts_lines(draw: st.DrawFn) -> bytes:
    """One line of hosts syntax, good or odd, with its end."""
    kind = draw(st.integers(0, 11))
    if kind == 0:
        return draw(
            st.sampled_from([b"", b"# comment", b"  # \xff", b"#10.0.0.1 a", b"\t", b"# a\rb", b"\r"])
        ) + draw(_END)
    if kind == 1:
        return draw(st.binary(max_size=20)) + draw(_END)
    tokens = [draw(ADDRESSES), *draw(st.lists(NAMES, max_size=4))]
    line = draw(_PAD) + draw(_SPACE).join(tokens)
    if kind == 2:
        line += draw(st.sampled_from([b" # c", b"#c", b" # \xe9 caf\xc3\xa9", b"#\r x", b" \r# c", b" \r"]))
    return line + draw(_PAD) + draw(_END)


def hosts_texts() -> st.SearchStrategy[bytes]:
    """A file in hosts syntax."""
    texts = st.builds(
        lambda lines, cut: _cut(b"".join(lines), cut), st.lists(hosts_lines(), max_size=12), st.booleans()
    )
    return texts.filter(lambda text: not text.startswith(_MAGIC))


_MAGIC = (
    *(b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"),
    *(b"PAR1", b"PARE", b"ARROW1", b"FEA1", b"\xff\xff\xff\xff", b"%PDF", b"\x7fELF", b"SQLite format 3"),
)
"""What would make a file another kind of file."""


_NOTES = st.sampled_from([b"", b"x", b"Li, Wei", b"\xff", b"caf\xc3\xa9", b"# x", b"#,"])


@dataclass(frozen=True)
class Shape:
    """How delimited text is laid out, in the words of whoever reads it."""

    delimiter: bytes = b","
    quotes: bool = True
    """Whether any row may hold a quote."""
    header: bool = True
    numbered: bool = False
    """Whether the reader is told the columns by number; without a header it must be."""
    ip: int = 0
    name: int = 1
    """0-based columns of address and name, among the first three."""

    def for_reader(self) -> dict[str, Any]:
        """Options for the program."""
        by_number = self.numbered or not self.header
        return {
            "syntax": "csv",
            "delimiter": self.delimiter.decode(),
            "ip_column": str(self.ip + 1) if by_number else "ip",
            "name_column": str(self.name + 1) if by_number else "name",
        }

    def for_oracle(self) -> dict[str, Any]:
        """The same for the oracle."""
        return {
            "syntax": "csv",
            "delimiter": self.delimiter.decode(),
            "header": self.header,
            "ip_column": self.ip,
            "name_column": self.name,
        }

    def arranged(self, address: bytes, name: bytes, note: bytes) -> list[bytes]:
        """Three cells in the order of the columns."""
        cells = [note, note, note]
        cells[self.ip], cells[self.name] = address, name
        return cells


def shapes() -> st.SearchStrategy[Shape]:
    """All layouts: four delimiters, with and without quotes and header, six orders of the columns."""
    return st.builds(
        lambda delimiter, quotes, header, numbered, columns: Shape(
            delimiter, quotes, header, numbered, columns[0], columns[1]
        ),
        st.sampled_from([b",", b";", b"\t", b"|"]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.permutations(range(3)),
    )


@st.composite
def delimited_texts(draw: st.DrawFn, shape: Shape) -> bytes:
    """A file of delimited text: a header or a good row, then rows, good or odd."""
    rows = draw(st.lists(_rows(shape), max_size=10))
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    first = (
        shape.arranged(b"ip", b"name", b"note")
        if shape.header
        else shape.arranged(b"10.9.9.9", b"first", b"x")
    )
    return _cut(shape.delimiter.join(first) + end + b"".join(rows), draw(st.booleans()))


@st.composite
def _rows(draw: st.DrawFn, shape: Shape) -> bytes:
    delimiter, quotes = shape.delimiter, shape.quotes
    kind = draw(st.integers(0, 13))
    end = draw(st.sampled_from([b"\n"] * 8 + [b"\r\n", b"\r", b"\r\r\n", b"\n\n"]))
    if kind == 0:
        hollow = [b"", b"# comment", b" # c\xff", delimiter * 2, b" " + delimiter, b"#" + delimiter + b"x"]
        return draw(st.sampled_from(hollow)) + end
    if kind == 1:
        junk = draw(st.binary(max_size=20))
        return (junk if quotes else junk.replace(b'"', b"")) + end
    notes = draw(st.lists(_NOTES, min_size=1, max_size=3))
    cells = [*shape.arranged(draw(ADDRESSES), draw(NAMES), notes[0]), *notes[1:]]
    cells = cells[: draw(st.sampled_from([0, 1, 2, 3, 3, 3, 3, 3, 4, 5]))]
    if kind == 2 and cells:
        cells[draw(st.integers(0, len(cells) - 1))] = b""
    if kind == 3:
        cells = [b"" for _ in cells]
    return delimiter.join(_written(draw, cell, i, shape) for i, cell in enumerate(cells)) + end


def _written(draw: st.DrawFn, cell: bytes, column: int, shape: Shape) -> bytes:
    """A cell as it stands in the file: plain, quoted, or quoted wrongly, with blanks around."""
    if shape.quotes:
        style = draw(st.integers(0, 9))
    else:
        style, cell = 9, cell.replace(b'"', b"")
        if column not in (shape.ip, shape.name):
            cell = cell.replace(shape.delimiter, b"")
    if style < 3:
        cell = b'"' + cell.replace(b'"', b'""') + b'"'
    elif style == 3:
        inside = draw(st.sampled_from([b"\n", b"\r\n", b'""', b""]))
        cell = b'"' + cell + inside + draw(st.sampled_from([b'"', b"", b'"x']))
    return draw(_PAD).replace(shape.delimiter, b"") + cell + draw(_PAD).replace(shape.delimiter, b"")


def crowded_texts() -> st.SearchStrategy[bytes]:
    """Hosts syntax in which nearly every record repeats or contradicts another one."""
    names = st.lists(
        st.sampled_from([b"a", b"A", b"a.", b"b", b"B.", b"c_d", b"C_d", b"1x"]), min_size=1, max_size=3
    )
    addresses = st.sampled_from([b"10.0.0.1", b"10.0.0.2", b"10.0.0.3", b"127.0.1.1"])
    lines = st.builds(lambda ip, of_line: b" ".join([ip, *of_line]) + b"\n", addresses, names)
    return st.lists(lines, max_size=12).map(b"".join)


def any_texts() -> st.SearchStrategy[bytes]:
    """A file of any of these kinds."""
    return st.one_of(hosts_texts(), crowded_texts(), shapes().flatmap(delimited_texts))


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[bytes]) -> bytes:
    """A text with a few stretches of it replaced by any bytes."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        gone = draw(st.sampled_from([0, 0, 1, 2, 40]))
        text = (
            text[:at] + draw(st.one_of(st.binary(max_size=4), st.sampled_from(_TROUBLE))) + text[at + gone :]
        )
    return text


_TROUBLE = [
    b'"',
    b"\n",
    b"\r",
    b"#",
    b",",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"[x]",
    b"=",
    b"\x1b[2J",
    b'",\n"',
]


def _cut(text: bytes, cut: bool) -> bytes:
    """The text with or without its last line end."""
    return text[:-1] if cut and text.endswith(b"\n") else text


def check_options() -> st.SearchStrategy[dict[str, Any]]:
    """Combinations of options of a check."""
    return st.fixed_dictionaries(
        {},
        optional={
            "names": st.sampled_from(["all", "first"]),
            "cidr": st.sampled_from([(), ("10.0.0.0/8",), ("10.0.0.0/24", "127.0.0.0/8")]),
            "only": st.sampled_from([(), ("10.0.0.0/16",), ("*.example",), ("kafka*", "192.168.0.0/16")]),
            "exclude": st.sampled_from([(), ("10.0.0.2",), ("*.EXAMPLE",), ("local*", "a")]),
            "keep_local": st.booleans(),
            "keep_trailing_dot": st.booleans(),
            "on_conflict": st.sampled_from(["refuse", "first", "last", "keep"]),
            "levels": st.dictionaries(st.sampled_from(CODES), st.sampled_from(LEVELS), max_size=4),
        },
    )


def duplicate_options() -> st.SearchStrategy[dict[str, Any]]:
    """Combinations of the options that decide about records that repeat and contradict others."""
    codes = st.sampled_from(["D301", "D302", "D304", "N110", "N112"])
    return st.fixed_dictionaries(
        {"on_conflict": st.sampled_from(["refuse", "first", "last", "keep"])},
        optional={
            "keep_trailing_dot": st.booleans(),
            "split": st.booleans(),
            "max_hosts": st.integers(1, 4),
            "levels": st.dictionaries(codes, st.sampled_from(LEVELS), max_size=2),
        },
    )


def neutral_options() -> st.SearchStrategy[dict[str, Any]]:
    """Combinations of options among which no severity is chosen."""
    return check_options().map(lambda options: {k: v for k, v in options.items() if k != "levels"})


CODES = (
    *("R102", "R109", "R110", "N105", "N110", "N111", "N112", "A203", "A210", "A211", "A212", "A213"),
    *("D301", "D302", "D304", "F501", "F502"),
)
"""The rules that can be hidden, raised and lowered, but those that are about no record."""
LEVELS = ("ignore", "error", "warn")
