"""Inputs for property tests: texts that look like host lists, with everything that goes wrong in them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

ADDRESSES = st.one_of(
    st.sampled_from(
        [
            b"10.0.0.1", b"10.0.0.2", b"10.0.0.3", b"192.168.6.21", b"172.16.0.1", b"127.0.0.1", b"127.0.1.1", b"0.0.0.0",
            b"255.255.255.255", b"::1", b"::", b"fe80::1%lo", b"ff02::1", b"fe00::0", b"2001:db8::5", b"::ffff:10.0.0.1",
            b"010.0.0.1", b"10.0.0.001", b"10.0.1", b"167837708", b"0x0a.0.0.1", b"0300.1.1.1", b"08.1.1.1", b"10.0.0.256",
            b"10.0.0.1/24", b"10.0.0.1/024", b"10.0.0.1:80", b"10.0.0.1:99999", b"10.0.0.1.", b"100.64.0.1", b"192.0.2.7",
            b"224.0.0.1", b"240.0.0.1", b"169.254.1.1", b"198.19.255.255", b"198.51.100.1", b"203.0.113.9", b"0.1.2.3",
            b"[10.0.0.1]", b"+10.0.0.1", b"10.0.0.1\xc2\xa0", b"\xef\xbc\x91.0.0.1", b"0x", b"1.2.3.0x10", b"09", b"1.2.3.4.5",
            b"0" * 5000 + b"1.1.1.1", b"9" * 5000,
        ]
    ),
    st.builds(lambda a, b: b"10.0.%d.%d" % (a, b), st.integers(0, 3), st.integers(0, 300)),
)  # fmt: skip

NAMES = st.one_of(
    st.sampled_from(
        [
            b"a", b"b", b"A", b"kafka01", b"KAFKA01", b"Kafka01", b"kafka01.", b"kafka01..", b"node.example.com", b"node.example.com.",
            b"Node.Example.Com.", b".", b"..", b".a", b"a..b", b"a.-b", b"a-.b", b"a-", b"a-.", b"-a", b"9to5", b"_srv", b"a_b", b"a_b.",
            b"localhost", b"LocalHost", b"localhost.", b"localhost.localdomain", b"ip6-loopback", b"broadcasthost", b"localhost4",
            b"x" * 63, b"x" * 64, b"x" * 128, b"x" * 129, b"x" * 127 + b".", b"x" * 128 + b".", b"l" * 60 + b"." + b"m" * 67,
            b"p" * 40 + b"." + b"q" * 40 + b"." + b"r" * 46, b"caf\xc3\xa9", b"\xc3\xa9" * 70, b"caf\xe9", b"\xff\xfe", b"a*b",
            b"a,b", b"a;b", b"a|b", b'a"b', b"a\x00b", b"a\x1b[31m", b"10.0.0.9", b"a/b", b"host:80", b"aBcDeFgHiJkLmNoPqRsTuVwXyZ01234567890123",
            b"abcdefghijklmnopqrstuvwxyz01234567890123",
        ]
    ),
    st.builds(lambda i: b"host-%d.example" % i, st.integers(0, 30)),
    st.binary(min_size=1, max_size=4),
)  # fmt: skip

_SPACE = st.sampled_from([b" ", b"\t", b"  ", b" \t ", b"\v", b"\f", b"\r", b" \r "])
_PAD = st.sampled_from([b""] * 6 + [b" ", b"\t", b"\r", b" \v"])
_END = st.sampled_from([b"\n"] * 6 + [b"\r\n", b"\r\r\n", b" \n", b"\n\n"])


@st.composite
def hosts_lines(draw: st.DrawFn) -> bytes:
    """One line of hosts syntax, good or odd, with its end."""
    kind = draw(st.integers(0, 11))
    if kind == 0:
        return draw(st.sampled_from([b"", b"# comment", b"  # \xff", b"#10.0.0.1 a", b"\t", b"# a\rb", b"\r"])) + draw(_END)
    if kind == 1:
        return draw(st.binary(max_size=20)) + draw(_END)
    tokens = [draw(ADDRESSES), *draw(st.lists(NAMES, max_size=4))]
    line = draw(_PAD) + draw(_SPACE).join(tokens)
    if kind == 2:
        line += draw(st.sampled_from([b" # c", b"#c", b" # \xe9 caf\xc3\xa9", b"#\r x", b" \r# c", b" \r"]))
    return line + draw(_PAD) + draw(_END)


def hosts_texts() -> st.SearchStrategy[bytes]:
    """A file in hosts syntax."""
    return st.builds(lambda lines, cut: _cut(b"".join(lines), cut), st.lists(hosts_lines(), max_size=12), st.booleans())


@st.composite
def delimited_texts(draw: st.DrawFn, delimiter: bytes = b",", *, quotes: bool = True) -> bytes:
    """A file of delimited text: a header `ip,name,note`, then rows, good or odd."""
    rows = draw(st.lists(_rows(delimiter, quotes=quotes), max_size=10))
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    return _cut(delimiter.join([b"ip", b"name", b"note"]) + end + b"".join(rows), draw(st.booleans()))


@st.composite
def _rows(draw: st.DrawFn, delimiter: bytes, *, quotes: bool) -> bytes:
    kind = draw(st.integers(0, 13))
    ends = [b"\n"] * 8 + [b"\r\n", b"\r", b"\r\r\n", b"\n\n"]
    end = draw(st.sampled_from(ends))
    if kind == 0:
        return draw(st.sampled_from([b"", b"# comment", b" # c\xff", delimiter * 2, b" " + delimiter, b"#" + delimiter + b"x"])) + end
    if kind == 1:
        junk = draw(st.binary(max_size=20))
        return (junk if quotes else junk.replace(b'"', b"")) + end
    cells = [draw(ADDRESSES), draw(NAMES), *draw(st.lists(st.sampled_from([b"", b"x", b"Li, Wei", b"\xff", b"caf\xc3\xa9"]), max_size=3))]
    cells = cells[: draw(st.sampled_from([0, 1, 2, 3, 3, 3, 3, 3, 4, 5]))]
    if kind == 2 and cells:
        cells[draw(st.integers(0, len(cells) - 1))] = b""
    if kind == 3:
        cells = [b"" for _ in cells]
    written = []
    for i, cell in enumerate(cells):
        plain = cell.replace(b'"', b"") if not quotes else cell
        if i > 1 and not quotes:
            plain = plain.replace(delimiter, b"")
        style = draw(st.integers(0, 9)) if quotes else 9
        if style < 3:
            plain = b'"' + plain.replace(b'"', b'""') + b'"'
        elif style == 3:
            plain = b'"' + plain + draw(st.sampled_from([b"\n", b"\r\n", b'""', b""])) + draw(st.sampled_from([b'"', b"", b'"x']))
        written.append(draw(_PAD).replace(delimiter, b"") + plain + draw(_PAD).replace(delimiter, b""))
    return delimiter.join(written) + end


def _cut(text: bytes, cut: bool) -> bytes:
    """The text with or without its last line end."""
    return text[:-1] if cut and text.endswith(b"\n") else text


def check_options() -> st.SearchStrategy[dict[str, Any]]:
    """Combinations of options of a check."""
    codes = ["R102", "R109", "N110", "N111", "N112", "A203", "A210", "A211", "A212", "D301", "D302", "D304", "F501", "F502", "N105", "A213", "R110"]
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
            "levels": st.dictionaries(st.sampled_from(codes), st.sampled_from(["ignore", "error", "warn"]), max_size=4),
        },
    )  # fmt: skip
