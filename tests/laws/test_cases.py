"""Small inputs that went wrong once, where they are at hand: the command says what their index says.

Each line of the index is a sentence. What can be read of it strictly (codes, exit status, lines, numbers of
ready records, options) is held against `RIGHT`, which says the rest, and the command is held against both.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from command import Outcome, dli_hosts
from shared import CASES

from importer import check, read

COLUMNS_1_2 = ("--name-column", "1", "--ip-column", "2")


@dataclass(frozen=True)
class Right:
    """What is right of one input."""

    counts: dict[str, int] = field(default_factory=dict)
    """Every code that is told, with its count; empty for an input that stops."""
    totals: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Ready, merged, skipped and refused records."""
    told: tuple[tuple[str, int, str], ...] = ()
    """Code, line and severity of findings that matter."""
    says: tuple[str, ...] = ()
    """Regular expressions, letter case aside, each found in what a person is shown."""
    silent: tuple[str, ...] = ()
    """Texts that nothing that is shown may hold."""
    options: tuple[str, ...] = ()
    """Options of the command, beside those of the index."""
    stops: bool = False
    """Whether the command stops with exit status 2."""

    @property
    def status(self) -> int:
        """The exit status."""
        errors = {"R103", "R107", "R108", "R110", "R111", "R112", "R115", "D303", "L402"}
        wrong = any(c in errors or (c[:2] in ("N1", "A2") and c not in WARNED) for c in self.counts)
        return 2 if self.stops else int(wrong)


WARNED = ("N110", "N111", "N112", "N113", "A203", "A210", "A211", "A212")


def stop(*says: str, silent: tuple[str, ...] = (), options: tuple[str, ...] = ()) -> Right:
    """An input that cannot be read, and what is said of it."""
    return Right(says=says, silent=silent, options=options, stops=True)


RIGHT: dict[str, Right] = {
    "glued-mrs.hosts": Right(
        {"R111": 1, "D301": 1, "N110": 1}, (1, 1, 0, 1), (("R111", 1, "error"), ("D301", 2, "info"))
    ),
    "many-on-one-line.hosts": Right({"R111": 1, "D304": 1}, (2, 0, 0, 1), (("R111", 1, "error"),)),
    "glued-comment.hosts": Right({"R117": 1, "D304": 2}, (4, 0, 0, 0), (("R117", 1, "info"),)),
    "literal-escapes.hosts": Right(
        {"A210": 1, "A202": 3, "R111": 1, "N103": 1, "L402": 1},
        (0, 0, 1, 6),
        (("A202", 2, "error"), ("A202", 3, "error"), ("R111", 4, "error")),
        says=(r"\\n|\\t",),
    ),
    "address-alone.hosts": stop("separate lines|own line|line of its own|two lines"),
    "name-first.hosts": stop("name.*(before|first)|before.*address"),
    "html-page.hosts": stop("HTML"),
    "ascii-then-utf16.hosts": stop("part of this file is UTF-16", silent=("arriage return",)),
    "loopback-debian.hosts": Right(
        {"A210": 1, "A212": 1, "D304": 2}, (4, 0, 3, 0), (("A212", 2, "info"), ("D304", 3, "info"))
    ),
    "shared-address.hosts": Right({"D304": 5, "D305": 1}, (12, 0, 0, 0), (("D305", 5, "info"),)),
    "cat-n.hosts": stop("number"),
    "commas.hosts": Right(
        {"A210": 1, "N104": 6, "N103": 1, "R112": 2, "D304": 1},
        (8, 0, 1, 9),
        (("R112", 5, "error"), ("R112", 6, "error"), ("N104", 2, "error"), ("N104", 3, "error")),
        says=("comma",),
    ),
    "hostaliases.yaml": stop("YAML"),
    "inventory-nogroup.ini": stop("Ansible", silent=("Winter-2025",)),
    "corefile.txt": stop("Corefile"),
    "secret-comment.hosts": Right(
        {"A202": 1, "N112": 1},
        (2, 0, 0, 2),
        (("A202", 1, "error"), ("N112", 2, "warning")),
        says=(r"10\.48\.0\.256", r"nn2_a\.lake\.internal"),
        silent=("Winter-2025", "Sommer-2024", "root"),
    ),
    "all-nbsp.hosts": stop("no-break space"),
    "numeric-label.hosts": Right(
        {"N112": 5}, (5, 0, 0, 0), tuple(("N112", line, "warning") for line in range(1, 6))
    ),
    "ipv6-dual.hosts": Right(
        {"A203": 3, "A202": 1, "R111": 1, "D304": 1},
        (2, 0, 4, 2),
        (("A203", 1, "info"), ("A203", 3, "warning"), ("A203", 4, "warning"), ("A202", 5, "error")),
    ),
    "v6-loopback.hosts": Right(
        {"A210": 1, "A212": 1}, (2, 0, 5, 0), (("A212", 2, "warning"),), says=(r"A212(.|\n)*\bmaster\b",)
    ),
    "excel-errors.xlsx": Right(
        {"A202": 2, "N104": 2}, (2, 0, 0, 2), (("A202", 3, "error"), ("N104", 4, "error")), says=("#N/A",)
    ),
    "filtered-rows.xlsx": Right(
        {"R119": 1}, (4, 0, 0, 0), says=(r"\b2\b.*hidden|hidden.*\b2\b",), options=("-v",)
    ),
    "hidden-sheet.xlsx": stop("--sheet", "hidden", "old_2019"),
    "first-row-empty.csv": Right({"A201": 1}, (1, 0, 0, 1), (("A201", 1, "error"),)),
    "getmerge.csv": Right({"R116": 2}, (4, 0, 0, 0), (("R116", 4, "info"), ("R116", 6, "info"))),
    "hash-ids.csv": Right({"R117": 2}, (2, 0, 0, 0), (("R117", 3, "warning"), ("R117", 4, "warning"))),
    "sorted-header.csv": Right(
        {"R115": 3}, (2, 0, 0, 3), tuple(("R115", line, "error") for line in (1, 2, 3))
    ),
    "comment-header.hosts": Right({"A210": 2, "D304": 2}, (7, 0, 4, 0)),
    "vmname-beside-host.csv": stop("VMName", "Host", "--name-column"),
    "hive-ctrl-a.txt": stop(r"\\x01", "--delimiter"),
    "placeholders.csv": Right(
        {"N113": 4}, (5, 0, 0, 0), tuple(("N113", line, "warning") for line in (3, 4, 5, 6))
    ),
    "long-preamble.csv": Right({"R104": 11}, (60, 0, 0, 0), says=("line 13",)),
    "html.xls": stop("HTML"),
    "r105-quiet.csv": Right({"R105": 1}, (2, 0, 0, 0), says=("'IP'", "'Private IPv4 addresses'")),
    "spark-escape.csv": Right(
        {"R103": 3, "R110": 1},
        (3, 0, 0, 4),
        (("R103", 2, "error"), ("R103", 4, "error")),
        says=("backslash",),
    ),
    "sections.csv": Right({"R115": 2}, (1, 0, 0, 2), (("R115", 1, "error"), ("R115", 2, "error"))),
    "fullwidth-comma.csv": stop("full-width comma"),
    "whole-quoted.csv": stop("quotes"),
    "equals-quoted.csv": Right(
        {"N104": 2, "A202": 2, "L402": 1}, (0, 0, 0, 2), (("N104", 2, "error"), ("A202", 2, "error"))
    ),
    "double-bom.csv": Right(
        {"R106": 1}, (2, 0, 0, 0), says=("byte order mark|BOM|second mark|U.?FEFF",), options=("-v",)
    ),
    "footer.csv": Right({"R114": 1}, (2, 0, 0, 0), (("R114", 3, "info"),), options=COLUMNS_1_2),
    "header-in-hosts.hosts": Right({"R104": 1}, (2, 0, 0, 0), (("R104", 1, "info"),)),
}
"""What is right of the inputs that the command reads as they are."""

APART = ("numbers-in-cells.xlsx", "tsv-headerless.tsv")
"""Inputs with a test of their own below."""

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the small inputs are not at hand")


def index() -> dict[str, str]:
    """The sentence about each input."""
    if not CASES.is_dir():
        return {}
    with (CASES / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        first, *rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert first == ["file", "what is right (options in brackets)"]
    assert all(len(row) == 2 for row in rows), rows
    return dict(rows)


INDEX = index()


def options_of(name: str) -> tuple[str, ...]:
    """The options that the index and the table give an input."""
    brackets = re.match(r"\[([^]]*)\]", INDEX[name])
    return (*shlex.split(brackets.group(1) if brackets else ""), *RIGHT[name].options)


def test_every_input_has_a_test() -> None:
    """The index, the table and the folder name the same inputs."""
    assert INDEX.keys() == RIGHT.keys() | set(APART)
    assert INDEX.keys() == {path.name for path in CASES.iterdir()} - {"INDEX.tsv"}


@pytest.mark.parametrize("name", [name for name in INDEX if name not in APART])
def test_table_says_what_the_index_says(name: str) -> None:
    """Codes, exit status, lines and numbers of ready records in a sentence are those of the table."""
    sentence, right = INDEX[name], RIGHT[name]
    for status in re.findall(r"exit ([0-9])", sentence):
        assert right.status == int(status)
    for code in re.findall(r"\b[RNADLF][0-9]{3}\b", sentence):
        assert code in right.counts, f"{code} of the index is not in the table"
    for code, line in re.findall(r"([RNADLF][0-9]{3}) (?:on|at) line ([0-9]+)", sentence):
        assert (code, int(line)) in [(told, at) for told, at, _ in right.told]
    for ready in re.findall(r"\b([0-9]+) ready\b", sentence):
        assert right.totals[0] == int(ready)
    for code, severity in re.findall(r"([RNADLF][0-9]{3})(?: is)? (info|warning)", sentence):
        assert (code, severity) in [(told, level) for told, _, level in right.told]
    if "no error" in sentence:
        assert right.status == 0


def shown(outcome: Outcome) -> str:
    """Everything that a run shows."""
    return outcome.out + outcome.err


@pytest.mark.parametrize("name", [name for name in RIGHT if name in INDEX])
def test_report(name: str) -> None:
    """The command says what is right: exit status, codes with counts, totals, lines, severities, words."""
    right = RIGHT[name]
    json_only = tuple(option for option in options_of(name) if option != "-v")
    machine = dli_hosts("check", name, *json_only, "--output-format", "json", cwd=CASES)
    text = dli_hosts("check", name, *options_of(name), cwd=CASES)
    assert machine.status == text.status == right.status, shown(text)
    for wanted in right.says:
        assert re.search(wanted, shown(text), re.IGNORECASE), f"{wanted!r} is not in {shown(text)!r}"
    for secret in right.silent:
        assert secret not in shown(text)
        assert secret not in shown(machine)
    if right.stops:
        assert machine.raw == b""
        return
    report = json.loads(machine.out)
    told = [(f["code"], f["line"], f["severity"]) for f in report["findings"]]
    assert report["counts"] == right.counts
    assert Counter(code for code, _, _ in told) == right.counts
    totals = report["totals"]
    assert tuple(totals[fate] for fate in ("ready", "merged", "skipped", "refused")) == right.totals
    for finding in right.told:
        assert finding in told


def report_of(name: str, *options: str) -> dict[str, Any]:
    """The JSON report on an input."""
    outcome = dli_hosts("check", name, *options, "--output-format", "json", cwd=CASES)
    report: dict[str, Any] = json.loads(outcome.out)
    return report


# -- what one sentence of the index says beyond codes and totals


def test_names_first_hides_no_lost_line_end() -> None:
    """many-on-one-line.hosts: R111 is decided before the other names of the line are left out."""
    report = report_of("many-on-one-line.hosts", "--names", "first")
    assert report["counts"] == {"R111": 1, "F502": 1}
    assert (report["totals"]["ready"], report["totals"]["refused"]) == (1, 1)


@pytest.mark.parametrize("name", ["glued-mrs.hosts", "many-on-one-line.hosts"])
def test_nothing_of_a_glued_line_is_sent(name: str) -> None:
    """No name of a line that lost its end is sent, at whatever address."""
    line = (CASES / name).read_text("utf-8").splitlines()[0].split()
    sent = {text for pair in check(read(str(CASES / name))).pairs() for text in pair}
    assert sent
    assert not sent & set(line)


def test_kept_names_beside_a_comment_header() -> None:
    """comment-header.hosts: hosts above a `#` line with two headings are hosts."""
    names = [name for _, name in check(read(str(CASES / "comment-header.hosts"))).pairs()]
    assert {"kdc", "oms", "manager", "kdc.corp.internal"} < set(names)


def test_control_a() -> None:
    """hive-ctrl-a.txt: with the delimiter that the stop names the list is read."""
    report = report_of("hive-ctrl-a.txt", "--delimiter", r"\x01")
    assert report["counts"] == {}
    assert report["totals"]["ready"] == 2


def test_names_before_addresses_keep_their_aliases() -> None:
    """name-first.hosts: a recipe, where one is offered, loses none of the six names and no address."""
    stopped = dli_hosts("check", "name-first.hosts", cwd=CASES)
    assert stopped.status == 2
    if "awk" in stopped.err:
        assert "$NF" in stopped.err or "for" in stopped.err, "the recipe takes two words of each line only"


def test_equals_signs_are_the_cause() -> None:
    """equals-quoted.csv: the hint of each finding names what a spreadsheet put around the value."""
    findings = [f for f in report_of("equals-quoted.csv")["findings"] if f["code"] != "L402"]
    assert len(findings) == 4
    assert all("the = and quotes" in f["hint"] for f in findings)


@pytest.mark.parametrize("verb", ["check", "emit", "plan"])
def test_every_verb_says_which_column(verb: str, tmp_path: Path) -> None:
    """r105-quiet.csv: which address column was taken, and which was not."""
    list_file = str(CASES / "r105-quiet.csv")
    connection = ("--name", "c", "--vpc", "V", "--subnet", "S")
    more = {"check": (), "emit": ("--as", "csv"), "plan": connection}[verb]
    said = shown(dli_hosts(verb, list_file, *more, cwd=tmp_path))
    assert "'IP'" in said
    assert "'Private IPv4 addresses'" in said


def test_header_far_below() -> None:
    """long-preamble.csv: the header is in line 13."""
    (source,) = report_of("long-preamble.csv", *options_of("long-preamble.csv"))["sources"]
    assert source["understood"]["header"] == 13


def test_columns_of_a_footer_are_not_guessed() -> None:
    """footer.csv: without a word about columns, no rack is sent for a host."""
    outcome = dli_hosts("check", "footer.csv", "--output-format", "json", cwd=CASES)
    if outcome.status != 2:
        pairs = set(check(read(str(CASES / "footer.csv"))).pairs())
        assert pairs == {("10.0.0.1", "kafka01"), ("10.0.0.2", "kafka02")}


def test_numbers_in_cells() -> None:
    """numbers-in-cells.xlsx: what the workbook holds as a number or a date is refused and said to be one."""
    report = report_of("numbers-in-cells.xlsx")
    totals = report["totals"]
    assert (totals["ready"], totals["refused"]) == (1, 5)
    for line in range(3, 8):
        words = " ".join(f["message"] + f["hint"] for f in report["findings"] if f["line"] == line)
        assert re.search("number|date", words), f"row {line}: {words}"


def test_table_without_a_header(tmp_path: Path) -> None:
    """tsv-headerless.tsv: a table whose third column is not an alias in any line looks like one."""
    outcome = dli_hosts("check", str(CASES / "tsv-headerless.tsv"), "--output-format", "json", cwd=tmp_path)
    report = json.loads(outcome.out)
    assert report["counts"]["R118"] == 1
    assert [f["severity"] for f in report["findings"] if f["code"] == "R118"] == ["warning"]
