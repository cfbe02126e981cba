"""Every odd line that hosts files are known to hold, and exactly what the rules say of it."""

from __future__ import annotations

import codecs
from collections import Counter
from pathlib import Path

import oracle
import pytest

from importer import check, read

NAMES_80 = b" ".join(b"h31n%02d" % i for i in range(80))

ODD_LINES: list[tuple[bytes, str, list[tuple[str, int]]]] = [
    # line, fate of each record (Ready, Merged, Skipped, eXcluded as refused), code and column of each finding
    (codecs.BOM_UTF8 + b"10.7.0.1 _bom", "X", [("N103", 10)]),
    (b"10.7.0.2 h02", "R", []),
    (b"10.7.0.3\t\t-h03", "X", [("N103", 11)]),
    (b" \t10.7.0.4  \t h04 ", "R", []),
    (b"  10.7.0.256 h04b", "X", [("A202", 3)]),
    (b"10.7.0.5 h05#glued 2x", "R", []),
    (b"10.7.0.6 h06 # 10.7.0.99 2x", "R", []),
    (b"10.7.0.7 h07# # #", "R", []),
    (b"# 10.7.0.8 2x", "", []),
    (b"#10.7.0.8 2x", "", []),
    (b"", "", []),
    (b" \t\v\f ", "", []),
    # addresses that are written in another form
    (b"010.7.0.10 h10", "X", [("A204", 1)]),
    (b"10.7.0.08 h10b", "X", [("A204", 1)]),
    (b"00000000010.7.0.10 h10c", "X", [("A204", 1)]),
    (b"10.7.0.0377 h10d", "X", [("A205", 1)]),
    (b"10.7.0.0400 h10e", "X", [("A202", 1)]),
    (b"10.7.11 h11", "X", [("A205", 1)]),
    (b"10.7.65535 h11b", "X", [("A205", 1)]),
    (b"10.7.65536 h11c", "X", [("A202", 1)]),
    (b"10.7.08 h11d", "X", [("A202", 1)]),
    (b"168230924 h12", "X", [("A205", 1)]),
    (b"4294967295 h12b", "X", [("A205", 1)]),
    (b"4294967296 h12c", "X", [("A202", 1)]),
    (b"0x0a.7.0.13 h13", "X", [("A205", 1)]),
    (b"0X0A07000D h13b", "X", [("A205", 1)]),
    (b"0x h13c", "X", [("A202", 1)]),
    (b"10.7.0.256 h14", "X", [("A202", 1)]),
    (b"256.7.0.14 h14b", "X", [("A202", 1)]),
    (b"10.7.0.14.1 h14c", "X", [("A202", 1)]),
    (b"10.7.0.15/24 h15", "X", [("A206", 1)]),
    (b"10.7.0.15/0 h15b", "X", [("A206", 1)]),
    (b"10.7.0.15/33 h15c", "X", [("A202", 1)]),
    (b"10.7.0.15/024 h15d", "X", [("A202", 1)]),
    (b"10.7.0.16:80 h16", "X", [("A206", 1)]),
    (b"10.7.0.16:65535 h16b", "X", [("A206", 1)]),
    (b"10.7.0.16:65536 h16c", "X", [("A202", 1)]),
    (b"10.7.0.16: h16d", "X", [("A202", 1)]),
    (b"10.7.0.17. h17", "X", [("A202", 1)]),
    (b"+10.7.0.18 h18", "X", [("A202", 1)]),
    (b"-10.7.0.18 h18b", "X", [("A202", 1)]),
    (b"[10.7.0.19] h19", "X", [("A202", 1)]),
    (b"10. 7.0.20 h20", "XX", [("A202", 1), ("N103", 5)]),
    (b"10.7.0.21,h21", "X", [("A202", 1)]),
    (b"h22 10.7.0.22", "X", [("A202", 1), ("N103", 5)]),
    (b"h23", "X", [("A202", 1)]),
    (b"10.7.0.24", "X", [("N101", 1)]),
    (b"\t10.7.0.24  # h24", "X", [("N101", 2)]),
    (b"\xef\xbc\x91\xef\xbc\x90.7.0.25 h25", "X", [("A202", 1)]),
    (b"\xd9\xa1\xd9\xa0.7.0.25 h25b", "X", [("A202", 1)]),
    # characters that only look like blanks, and bytes that are not UTF-8
    (b"10.7.0.26\vh26\fh_26", "RR", [("D304", 1), ("N112", 15)]),
    (b"10.7.0.27\xa0h27", "X", [("A202", 1)]),
    (b"10.7.0.27 h27\xa0x 2x", "XX", [("N104", 14), ("N103", 17)]),
    (b"10.7.0.28\xc2\xa0h28", "X", [("A202", 1)]),
    (b"10.7.0.28 h\xc2\xa028 2x", "XX", [("N104", 12), ("N103", 16)]),
    (b"10.7.0.29\xe3\x80\x80h29", "X", [("A202", 1)]),
    (b"10.7.0.30 h30\0 h30b", "XR", [("N104", 14)]),
    (b"10.7.0.31 " + NAMES_80, "R" * 80, [("D304", 1)]),
    (b"10.7.0.32 h32\x1b[0m", "X", [("N104", 14)]),
    (b"10.7.0.33 h\xf0\x9f\x98\x80 2x", "XX", [("N104", 12), ("N103", 14)]),
    (b"10.7.0.34 h34\xc3\xa9", "X", [("N104", 14)]),
    (b"10.7.0.35 h35 # caf\xe9", "R", [("R101", 20)]),
    (b"10.7.0.36 h36 # caf\xe9 \xff", "R", []),
    # names
    (b"10.7.0.40 h40.", "R", [("N110", 11)]),
    (b"10.7.0.41 h41..", "R", [("N111", 11)]),
    (b"10.7.0.42 .", "X", [("N103", 11)]),
    (b"10.7.0.42 ..", "X", [("N103", 11)]),
    (b"10.7.0.43 .h43", "X", [("N103", 11)]),
    (b"10.7.0.43 2x.", "X", [("N103", 11), ("N110", 11)]),
    (b"10.7.0.44 h44..x", "R", [("N111", 11)]),
    (b"10.7.0.45 h45-.x", "R", [("N111", 11)]),
    (b"10.7.0.45 h45.-x", "R", [("D305", 1), ("N111", 11)]),
    (b"10.7.0.46 h46-", "R", [("N111", 11)]),
    (b"10.7.0.47 H47Upper", "R", []),
    (b"10.7.0.48 h_48", "R", [("N112", 11)]),
    (b"10.7.0.49 h_49-.", "R", [("N110", 11), ("N111", 11), ("N112", 11)]),
    (b"10.7.0.50 50h", "X", [("N103", 11)]),
    (b"10.7.0.50 _h50", "X", [("N103", 11)]),
    (b"10.7.0.51 h51;c", "X", [("N104", 14)]),
    (b"10.7.0.52 *.h52", "X", [("N104", 11)]),
    (b'10.7.0.53 "h53"', "X", [("N104", 11)]),
    (b"10.7.0.54 h54!", "X", [("N104", 14)]),
    (b"10.7.0.55 h55 \\", "RX", [("N104", 15)]),
    (b"10.7.0.56 h56 ; c56 ;", "RX", [("R112", 15)]),
    (b"10.7.0.57 2\xc3\xa9!", "X", [("N103", 11), ("N104", 12)]),
    (b"10.7.0.60 h60" + b"x" * 58, "R", []),
    (b"10.7.0.61 h61" + b"x" * 60, "R", []),
    (b"10.7.0.62 h62" + b"x" * 61, "R", [("N111", 11)]),
    (b"10.7.0.63 h63" + b".bbbb" * 25, "R", []),
    (b"10.7.0.64 h64" + b".bbbb" * 25 + b".", "R", [("N110", 11)]),
    (b"10.7.0.65 h65x" + b".bbbb" * 25, "X", [("N102", 11)]),
    (b"10.7.0.66 h66." + b".".join([b"b" * 62] * 4), "X", [("N102", 11)]),
    (b"10.7.0.67 2" + b"x" * 99 + b"\xc3\xa9" * 28, "X", [("N103", 11), ("N104", 111)]),
    (b"10.7.0.67 2" + b"x" * 99 + b"\xc3\xa9" * 29, "X", [("N102", 11), ("N103", 11), ("N104", 111)]),
    (b"10.7.0.68 localhost", "X", [("N105", 11)]),
    (b"10.7.0.68 LocalHost4.", "X", [("N105", 11), ("N110", 11)]),
    (b"10.7.0.268 localhost", "X", [("A202", 1)]),
    # local, IPv6 and special addresses
    (b"127.0.0.1 localhost LOCALHOST.localdomain", "SS", [("A210", 1)]),
    (b"127.0.0.1 localhost. 2x", "SS", [("A212", 1)]),
    (b" 127.0.1.1 h70", "S", [("A212", 2)]),
    (b"127.0.0.1", "S", [("A210", 1)]),
    (b"0.0.0.0 h71", "S", [("A212", 1)]),
    (b"255.255.255.255 broadcasthost", "S", [("A210", 1)]),
    (b"::1 localhost 2x", "SS", [("A212", 1)]),
    (b":: h72", "S", [("A212", 1)]),
    (b"fe00::0 ip6-localnet", "S", [("A210", 1)]),
    (b"ff02::1 ip6-allnodes", "S", [("A210", 1)]),
    (b"fe80::1%lo0 h73", "S", [("A212", 1)]),
    (b"fe80::2 h73b", "S", [("A212", 1)]),
    (b"febf::2 h73c", "S", [("A212", 1)]),
    (b"fec0::2 h73d", "S", [("A203", 1)]),
    (b"::ffff:10.7.0.74 h74", "S", [("A203", 1)]),
    (b"2001:db8::75%1 2x \xc3\xa9", "SS", [("A203", 1)]),
    (b"2001:DB8::75", "S", [("A203", 1)]),
    (b"2001:db8:::75 h75b", "X", [("A202", 1)]),
    (b"0.0.0.1 h76", "R", [("A211", 1)]),
    (b"100.64.0.1 h77", "R", [("A211", 1)]),
    (b"100.63.255.255 h77b", "R", []),
    (b"169.254.1.1 h78", "R", [("A211", 1)]),
    (b"192.0.2.1 h79", "R", [("A211", 1)]),
    (b"198.19.255.255 h80", "R", [("A211", 1)]),
    (b"198.51.100.1 h81", "R", [("A211", 1)]),
    (b"203.0.113.1 2x", "X", [("A211", 1), ("N103", 13)]),
    (b"224.0.0.1 h83", "R", [("A211", 1)]),
    (b"255.255.255.254 h84", "R", [("A211", 1)]),
    # names and addresses that were there before
    (b"10.7.0.85 h85", "R", []),
    (b"10.7.1.85 h85", "X", [("D303", 11)]),
    (b"10.7.1.85 H85.", "X", [("D303", 11), ("N110", 11)]),
    (b"10.7.0.86 h86 h86 H86", "RMM", [("D301", 15), ("D302", 19)]),
    (b"10.7.0.86 h86.", "M", [("D301", 11), ("N110", 11)]),
    (b"10.7.0.87 h87", "R", []),
    (b"10.7.0.87 h87b # second", "R", [("D305", 1)]),
    (b"10.7.0.87 h87c # third", "R", []),
    (b"10.7.0.88 2h88", "X", [("N103", 11)]),
    (b"10.7.0.88 2h88", "X", [("N103", 11)]),
    (b"10.7.0.88 h88", "R", []),
    # line ends
    (b"10.7.0.90 h90\r", "R", []),
    (b"10.7.0.91 h91\r\r", "R", []),
    (b"10.7.0.92 h92 \r # c\r", "R", []),
    (b"10.7.0.93 h93 # c\r10.7.0.94 2x", "R", []),
    (b"10.7.0.94 h94\r10.7.1.94 2x \xc3\xa9", "X", [("R108", 14)]),
    (b"\r10.7.0.95 h95", "X", [("R108", 1)]),
    (b"h96\r2x\r\r", "X", [("R108", 4)]),
    (b"\r", "", []),
    (b"10.7.0.99 h_99", "R", [("N112", 11)]),
]
TEXT = b"\n".join(line for line, _, _ in ODD_LINES)


def pinned() -> list[tuple[str, int, int]]:
    """All findings above, as code, line and column, in the order of a report."""
    told = [(code, line, column) for line, (_, _, found) in enumerate(ODD_LINES, 1) for code, column in found]
    return sorted(told, key=lambda finding: (finding[1], finding[2], finding[0]))


@pytest.mark.parametrize("block_size", [1 << 20, 64, 1])
def test_odd_lines(block_size: int, tmp_path: Path) -> None:
    """Each odd line gets the findings that the rules demand, at their columns, and no others."""
    (tmp_path / "odd.hosts").write_bytes(TEXT)
    report = check(read(str(tmp_path / "odd.hosts"), block_size=block_size)).report
    assert [(f.code, f.line, f.column) for f in report.findings] == pinned()
    assert report.counts == Counter(code for code, _, _ in pinned())


def test_fates_of_odd_lines(tmp_path: Path) -> None:
    """Each record of an odd line is ready, merged, skipped or refused as the rules demand."""
    (tmp_path / "odd.hosts").write_bytes(TEXT)
    report = check(read(str(tmp_path / "odd.hosts"))).report
    fates = Counter("".join(fate for _, fate, _ in ODD_LINES))
    totals = report.totals
    assert totals.lines == len(ODD_LINES)
    assert totals.records == fates.total()
    assert {"R": totals.ready, "M": totals.merged, "S": totals.skipped, "X": totals.refused} == fates
    (source,) = report.sources
    assert source.blank == sum(not fate for _, fate, _ in ODD_LINES)
    assert (source.format, source.encoding) == ("hosts", "utf-8")


def test_each_odd_line_alone(tmp_path: Path) -> None:
    """A line that has no business with others gets the same findings without them."""
    path = tmp_path / "odd.hosts"
    for line, _, found in ODD_LINES:
        if any(code.startswith(("D", "R101")) for code, _ in found) or b" # caf" in line:
            continue
        path.write_bytes(line)
        alone = check(read(str(path), syntax="hosts")).report
        told = [(f.code, f.column) for f in alone.findings if f.code != "L402"]
        assert told == sorted(found, key=lambda finding: (finding[1], finding[0])), line


def test_oracle_says_the_same() -> None:
    """The slow reading of the rules that property tests trust agrees with these pins too."""
    verdict = oracle.judge([("odd.hosts", TEXT)], oracle.Options(syntax="hosts"))
    assert [(f.code, f.line, f.column) for f in verdict.findings] == pinned()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"ip name\n10.0.0.1 a\r10.0.0.2 b\n10.0.0.3 c\n", [("R104", 1, 1), ("R108", 2, 11)]),
        (b"ip name\n--x \ry\n10.0.0.1 a\n", [("R104", 1, 1), ("R108", 2, 5)]),
        (b"ip name\r\n \r \n", [("L402", None, None), ("R104", 1, 1)]),
    ],
)
def test_a_carriage_return_below_a_header(
    text: bytes, told: list[tuple[str, int | None, int | None]], tmp_path: Path
) -> None:
    """The line of headings does not shift the lines in which a lone CR is told."""
    (tmp_path / "odd.hosts").write_bytes(text)
    report = check(read(str(tmp_path / "odd.hosts"), syntax="hosts")).report
    assert [(f.code, f.line, f.column) for f in report.findings] == told
