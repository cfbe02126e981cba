"""The kinds of fault by which hosts were lost or sent to a wrong address, one by one, each by its rule."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from agreement import Told, checked, told, written
from command import Outcome, assert_cannot_work, dli_hosts
from workbooks import workbook

from importer import InputError, check, read
from importer.checking.checked import Checked

Place = tuple[str, str, int | str | None, int | None]
"""Code, severity, line and column."""


def judged(text: str, **reading: Any) -> tuple[list[Place], list[tuple[str, str]]]:
    """The findings on a text and the pairs that are ready."""
    with written(text.encode()) as names:
        report, hosts = checked(names, {}, **reading)
    findings: list[Told] = [told(finding) for finding in report.findings]
    return [(code, level, line, column) for code, level, _, line, column, *_ in findings], list(hosts.pairs())


def places(text: str, **reading: Any) -> list[Place]:
    """The findings on a text."""
    return judged(text, **reading)[0]


def hosts_places(text: str) -> list[Place]:
    """The findings on hosts syntax."""
    return places(text, syntax="hosts")


# -- (1) a lost line end, a foreign comment


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("10.61.0.1 h1 h1.10.61.0.2 h2", 14),
        ("10.61.0.1 h1 10.61.0.2 h2", 14),
        ("10.61.0.1 h1;10.61.0.2 h2", 11),
        ("10.61.0.1 h1,10.61.0.2 h2", 11),
        (r"10.61.0.1 h1\n10.61.0.2 h2", 11),
        (r"10.61.0.1 h1 h1.lake\t10.61.0.2", 14),
        ("10.61.0.1 h110.61.0.2 h2", 11),
        ("10.61.0.1 h1 10.61.0.300", 14),
        ("10.61.0.1 h1 fd00:61::2 h2", 14),
        ("fd00:61::1 h1 10.61.0.2 h2", 15),
        ("10.61.0.1 (10.61.0.2) h1", 11),
    ],
)
def test_lost_line_end(line: str, column: int) -> None:
    """A line that holds another line's address is refused whole, at that address."""
    findings, ready = judged(f"10.61.0.9 good\n{line}\n", syntax="hosts")
    assert findings == [("R111", "error", 2, column)]
    assert ready == [("10.61.0.9", "good")]


@pytest.mark.parametrize(
    "line",
    [
        "10.61.0.1 ip-10.61.0.1 h1",  # its own address
        "10.61.0.1 h1 node.10.61.0.2",  # no token follows
        "10.61.0.1 h1 # 10.61.0.2",
        "10.61.0.1 v1.2.3.4.rack h1",
    ],
)
def test_no_lost_line_end(line: str) -> None:
    """What ends in the line's own address, ends the line, or goes on behind a quad is a name."""
    findings, ready = judged(line + "\n", syntax="hosts")
    assert "R111" not in [code for code, *_ in findings]
    assert ("10.61.0.1", "h1") in ready


def test_local_lines_are_told_otherwise() -> None:
    """Beside a local address the names that are left out are told."""
    assert hosts_places("127.0.0.1 localhost 10.61.0.2 h2\n10.61.0.3 h3\n") == [("A212", "warning", 1, 1)]


@pytest.mark.parametrize("sign", [";", "//", "/*", "--", "{{", "${"])
@pytest.mark.parametrize("gap", ["", " "])
def test_foreign_comment(sign: str, gap: str) -> None:
    """A foreign comment is one refused record from its sign on; the names before it are judged."""
    findings, ready = judged(
        f"10.62.0.1 h1 {sign}{gap}10.62.0.2 h2\n{sign}{gap}10.62.0.3 h3\n", syntax="hosts"
    )
    assert findings == [("R112", "error", 1, 14), ("R112", "error", 2, 1)]
    assert ready == [("10.62.0.1", "h1")]


def test_a_lost_line_end_before_a_foreign_comment() -> None:
    """What a foreign comment cut off is part of the one record that a lost line end refuses."""
    with written(b"10.62.0.1 h1 10.62.0.2 h2 ; old\n") as names:
        report, _ = checked(names, {}, syntax="hosts")
    assert (report.totals.records, report.totals.refused) == (1, 1)
    assert report.counts == {"R111": 1, "L402": 1}


# -- (2) headers


def test_a_comment_among_hosts_is_not_a_header() -> None:
    """A `#` line with two known headings, below a content line, is a comment: nobody above it is lost."""
    text = "10.63.0.1 h1\n10.63.0.2 h2\n# ip\thostname\n10.63.0.3\th3\n10.63.0.4\th4\n"
    findings, ready = judged(text)
    assert findings == []
    assert [name for _, name in ready] == ["h1", "h2", "h3", "h4"]


def test_a_comment_is_a_header_above_its_rows() -> None:
    """A `#` line is the header where no content line stands above it and the next row fits it."""
    assert judged("#name;ip\nh1;10.63.0.1\n") == ([], [("10.63.0.1", "h1")])


def test_hosts_above_a_header() -> None:
    """A row with an address above the header is refused and told, a banner is not."""
    findings, ready = judged("Fleet;\nh1;10.63.0.1\nname;ip\nh2;10.63.0.2\n")
    assert findings == [("R104", "info", 1, 1), ("R115", "error", 2, 1)]
    assert ready == [("10.63.0.2", "h2")]


def test_header_of_hosts_syntax() -> None:
    """A first content line of an address heading and a name heading is no record."""
    findings, ready = judged("# mine\nIP_Address Hostname\n10.63.0.1 h1\n")
    assert findings == [("R104", "info", 2, 1)]
    assert ready == [("10.63.0.1", "h1")]


# -- (3) columns by number

BY_NUMBER = {"name_column": "1", "ip_column": "2", "syntax": "csv", "delimiter": ","}


@pytest.mark.parametrize(
    ("cell", "code"),
    [("", "A201"), ("10.64.0.300", "A202"), ("10.64.0.l", "A202"), ("TBD", "A202"), ("-", "A202")],
)
def test_first_row_by_number_is_a_record(cell: str, code: str) -> None:
    """With columns by number a first row whose address is missing or mistyped is not taken for a header."""
    findings, ready = judged(f"h1,{cell}\nh2,10.64.0.2\n", **BY_NUMBER)
    assert findings == [(code, "error", 1, 4)]
    assert ready == [("10.64.0.2", "h2")]


def test_first_row_by_number_is_a_header() -> None:
    """A first row whose address cell holds words is taken for the header, and that is told."""
    findings, ready = judged("Knoten,Adresse\nh2,10.64.0.2\n", **BY_NUMBER)
    assert findings == [("R113", "info", 1, 1)]
    assert ready == [("10.64.0.2", "h2")]


def report_of(folder: Path, text: str, *options: str) -> dict[str, Any]:
    """The JSON report on a text."""
    (folder / "list.csv").write_text(text, encoding="utf-8")
    outcome = dli_hosts("check", "list.csv", *options, "--output-format", "json", cwd=folder)
    assert outcome.status in (0, 1), outcome.err
    report: dict[str, Any] = json.loads(outcome.out)
    return report


def test_header_option(tmp_path: Path) -> None:
    """`--header` takes a physical line, or says that there is none."""
    text = "Knoten,Adresse\nh2,10.64.0.2\n"
    columns = ("--name-column", "1", "--ip-column", "2")
    assert report_of(tmp_path, text, *columns, "--header", "1")["counts"] == {}
    without = report_of(tmp_path, text, *columns, "--header", "none")
    assert without["counts"] == {"A202": 1}
    assert without["totals"]["records"] == 2
    below = report_of(tmp_path, "a,b\n\n" + text, *columns, "--header", "3")
    assert below["counts"] == {"R104": 1}
    assert below["sources"][0]["understood"]["header"] == 3


def test_header_option_of_workbooks(tmp_path: Path) -> None:
    """In a workbook `--header` takes a row: the one it says, or none, whatever known headings there are."""
    rows = [["Knoten", "Adresse"], ["a", "10.0.0.1"], ["name", "ip"], ["b", "10.0.0.2"]]
    (tmp_path / "fleet.xlsx").write_bytes(workbook({"S": rows}))

    def understood(*options: str) -> dict[str, Any]:
        arguments = (*options, "--name-column", "1", "--ip-column", "2", "--output-format", "json")
        report: dict[str, Any] = json.loads(dli_hosts("check", "fleet.xlsx", *arguments, cwd=tmp_path).out)
        return {"header": report["sources"][0]["understood"]["header"], "totals": report["totals"]}

    assert understood("--header", "1")["header"] == 1
    assert understood("--header", "3")["header"] == 3
    without = understood("--header", "none")
    assert (without["header"], without["totals"]["records"]) == (None, 4)
    outcome = dli_hosts("check", "fleet.xlsx", "--header", "50", cwd=tmp_path)
    assert_cannot_work(outcome)
    assert "has no row that begins in line 50" in outcome.err


@pytest.mark.parametrize("line", ["4", "5", "50", "999999999"])
def test_header_below_the_end(tmp_path: Path, line: str) -> None:
    """A line that the list does not have is no header, and no other line is taken in its place."""
    (tmp_path / "list.csv").write_text("ip,name\n10.0.0.1,a\n10.0.0.2,b\n", encoding="utf-8")
    outcome = dli_hosts("check", "list.csv", "--header", line, cwd=tmp_path)
    assert_cannot_work(outcome)
    assert f"has no row that begins in line {line}" in outcome.err


@pytest.mark.parametrize("line", ["0", "-1", "two", "1.5", "\u0663", "1234567890", "9" * 5000])
def test_header_that_is_no_line(tmp_path: Path, line: str) -> None:
    """A header is in a line from 1 of at most nine digits; all else is a mistake in the command."""
    (tmp_path / "list.csv").write_text("ip,name\n10.0.0.1,a\n", encoding="utf-8")
    outcome = dli_hosts("check", "list.csv", f"--header={line}", cwd=tmp_path)
    assert_cannot_work(outcome)
    assert "is neither a line from 1 nor none" in outcome.err


# -- (4) error cells


def test_error_cells_of_workbooks(tmp_path: Path) -> None:
    """A row of error cells is judged as its text: it does not vanish."""
    content = workbook({"S": [["hostname", "ip"], ["h1", "10.65.0.1"], ["#N/A", "#N/A"], ["h3", "#REF!"]]})
    (tmp_path / "list.xlsx").write_bytes(content)
    found: Checked = check(read(str(tmp_path / "list.xlsx")))
    assert [(f.code, f.line) for f in found.report.findings] == [("N104", 3), ("A202", 3), ("A202", 4)]
    assert (found.report.totals.ready, found.report.totals.refused) == (1, 2)


# -- (5) real names on local addresses


@pytest.mark.parametrize("address", ["127.0.1.1", "::1", "0.0.0.0", "fe80::1%eth0"])
def test_real_name_on_a_local_address(address: str) -> None:
    """A real host on a local address is told, as an info where it is ready elsewhere."""
    lost = hosts_places(f"{address} h1.lake h1\n10.66.0.2 h2\n")
    assert lost == [("A212", "warning", 1, 1)]
    below = hosts_places(f"{address} h1.lake h1\n10.66.0.1 H1.lake\n10.66.0.2 h1\n")
    assert below == [("A212", "info", 1, 1)]
    half = hosts_places(f"10.66.0.1 h1.lake\n{address} h1.lake h1\n")
    assert half == [("A212", "warning", 2, 1)]


@pytest.mark.parametrize(
    "name",
    [
        *("localhost", "ip6-allnodes", "ipv6-localhost", "loopback", "local", "localhost.lake"),
        *("x.localdomain", "host.docker.internal", "LOCALHOST4.localdomain4", "localhost."),
    ],
)
def test_names_that_are_local(name: str) -> None:
    """Names that mean this machine on a local address are left out as ever."""
    assert hosts_places(f"127.0.0.1 {name}\n10.66.0.2 h2\n") == [("A210", "info", 1, 1)]


def test_block_list() -> None:
    """In a block list a name on a local address is what the list is for."""
    blocked = "".join(f"0.0.0.0 ads{i}.example\n" for i in range(25))
    codes = {code for code, *_ in hosts_places(blocked + "10.66.0.2 h2\n")}
    assert codes == {"A210"}


def test_ipv6_beside_ipv4() -> None:
    """An IPv6 record is an info where each of its names is ready at an IPv4 address."""
    text = "fd00:66::1 h1 h1.lake\nfd00:66::2 h2\n10.66.0.1 h1.lake h1\n"
    assert hosts_places(text) == [
        ("A203", "info", 1, 1),
        ("A203", "warning", 2, 1),
        ("D304", "info", 3, 1),
    ]


# -- (6) nothing guessed, everything said

TWO_NAMES = "hostname,name,ip\nh1,n1,10.67.0.1\n"


def test_two_name_columns_stop(tmp_path: Path) -> None:
    """Two known name headings stop the run, name both, and name the option."""
    (tmp_path / "list.csv").write_text(TWO_NAMES, encoding="utf-8")
    outcome = dli_hosts("check", "list.csv", cwd=tmp_path)
    assert_cannot_work(outcome, "hostname", "name", "--name-column")


def said(outcome: Outcome) -> str:
    """Everything that a run shows."""
    return outcome.out + outcome.err


@pytest.mark.parametrize("verb", ["check", "emit", "plan"])
def test_every_verb_says_how_it_understood(verb: str, tmp_path: Path) -> None:
    """Each verb says delimiter, header and columns of a source, with their headings and numbers."""
    text = "rack;Name;IP;Private IP addresses\nr1;h1;10.67.0.1;10.67.1.1\n"
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    more = {"check": (), "emit": ("--as", "csv"), "plan": ("--name", "c", "--vpc", "V", "--subnet", "S")}
    outcome = dli_hosts(verb, "list.csv", *more[verb], cwd=tmp_path)
    assert outcome.status == 0
    lines = said(outcome).splitlines()
    (line,) = [line for line in lines if line.startswith("list.csv: delimited by ';'")]
    for words in ("header in line 1", "'Name' (column 2)", "'IP' (column 3)", "not 'Private IP addresses'"):
        assert words in line
    if verb != "check":
        assert "delimited by" in outcome.err


def test_understood_in_json(tmp_path: Path) -> None:
    """JSON says the same in `understood`."""
    (source,) = report_of(tmp_path, "rack;Name;IP;Mgmt\nr1;h1;10.67.0.1;10.67.1.1\n")["sources"]
    understood = source["understood"]
    assert (understood["delimiter"], understood["header"], understood["sheet"]) == (";", 1, None)
    assert understood["name_column"] == {"number": 2, "heading": "Name"}
    assert understood["ip_column"] == {"number": 3, "heading": "IP"}
    assert understood["passed_over"] == [{"number": 4, "heading": "Mgmt", "role": "ip"}]


# -- (7) rows that are passed over


def test_commented_rows() -> None:
    """A row that begins with `#` and holds a host is told, as a warning where no heading begins so."""
    rows = "T-1,h1,10.68.0.1\n#4711,h2,10.68.0.2\n# no host,x\n#4712,2bad,10.68.0.3\n"
    assert places("Ticket,Hostname,IP\n" + rows) == [("R117", "warning", 3, 1)]
    assert places("#Ticket,Hostname,IP\n" + rows) == [("R117", "info", 3, 1)]


def test_hosts_in_comments() -> None:
    """A comment of hosts syntax that holds a host is told once a line, as an info."""
    text = "#10.68.0.1 h1 10.68.0.2 h2\n10.68.0.3 h3 # x10.68.0.4 h4\n# 10.68.0.5\n# see h6 10.68.0.6\n"
    found = [(code, level, line) for code, level, line, _ in hosts_places(text)]
    assert found == [("R117", "info", 1), ("R117", "info", 2)]


def test_table_read_as_hosts() -> None:
    """A table without a header whose last column is not an alias is told once.

    From five lines on more than half of them must show it, and in a shorter one, of three or four, all.
    """
    rows = [f"10.68.1.{i}\thost{i}\tDataNode\n" for i in range(1, 6)]
    alias = "10.68.1.9\thost9.lake\thost9\n"
    for text, times in (
        ("".join(rows), 1),
        ("".join(rows[:4]) + alias, 1),
        ("".join(rows[:3]), 1),
        ("".join(rows[:3]) + alias, 0),
        ("".join(rows[:2]), 0),
    ):
        assert [code for code, *_ in hosts_places(text)].count("R118") == times
    aliases = "".join(f"10.68.1.{i}\thost{i}.lake\thost{i}\n" for i in range(1, 6))
    assert "R118" not in [code for code, *_ in hosts_places(aliases)]


def test_repeated_header_and_footer() -> None:
    """The header again is an info and no record, and so is what ends a report."""
    text = "name,ip,rack\nh1,10.68.0.1,r\nname,ip,rack\nh2,10.68.0.2,r\nTotal: 2,,\n合计 2\n"
    findings, ready = judged(text)
    assert findings == [("R116", "info", 3, 1), ("R114", "info", 5, 1), ("R114", "info", 6, 1)]
    assert len(ready) == 2


@pytest.mark.parametrize("row", ["Total", "10.68.0.9", "h9", ",10.68.0.9,"])
def test_what_is_not_a_footer(row: str) -> None:
    """A last row that could be half of a host is an error."""
    findings = places(f"name,ip,rack\nh1,10.68.0.1,r\n{row}\n")
    assert [(level, line) for _, level, line, _ in findings] == [("error", 3)]


# -- (8) what is shown of a line

SECRETS = """\
10.69.0.256 h1 h2 # root / Herbst-2023!
10.69.0.2 h_3 # pw: Winter-2024!
10.69.0.3 h4 ; pw=Fruehling-2025! h5
10.69.0.4 h6 10.69.0.5 Sommer-2026!
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_masked(form: str, tmp_path: Path) -> None:
    """Comments and tokens that were not judged are masked; the names beside a bad address are shown."""
    (tmp_path / "list.hosts").write_text(SECRETS, encoding="utf-8")
    outcome = dli_hosts("check", "list.hosts", "--output-format", form, "-v", cwd=tmp_path)
    assert outcome.status == 1, outcome.err
    for secret in ("Herbst", "Winter", "Fruehling", "Sommer", "root"):
        assert secret not in said(outcome)
    if form == "text":
        assert re.search(r"10\.69\.0\.256 +h1 +h2", outcome.out)


def test_an_inventory_keeps_its_secrets() -> None:
    """A stop that quotes a file quotes no password of it."""
    text = b"10.69.0.1 ansible_user=root ansible_ssh_pass=Herbst-2023!\n" * 3
    with written(text) as names, pytest.raises(InputError) as caught:
        check(read(*names))
    assert "Herbst" not in caught.value.message + caught.value.hint
