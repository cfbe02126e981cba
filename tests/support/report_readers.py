"""Readers of report formats that share nothing with their writers: each gives the findings by code.

Each asserts what its surface demands, and that nothing of the input acts there.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from typing import Any

from shared import SHARED

SCHEMAS = SHARED / "schemas"
"""Where the schemas of SARIF and JUnit are on machines that have them; without, the formats are read only."""
SEVERITIES = ("error", "warning", "info")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_inert(text: str) -> None:
    """No control character, bidi mark, surrogate or line separator is in a text but line feeds."""
    found = {char for char in text if char != "\n" and unicodedata.category(char) in _HIDDEN}
    assert not found, found


def read_json(text: str) -> Counter[str]:
    """The object of the contract."""
    assert text.isascii()
    found = json.loads(text)
    assert found["schema_version"] == 1
    kept = Counter(one["code"] for one in found["findings"])
    assert found["truncated"] == (sum(kept.values()) < sum(found["counts"].values()))
    return Counter(found["counts"])


def read_json_lines(text: str) -> Counter[str]:
    """A header, lists, findings, a summary; each one line of ASCII."""
    assert text.isascii()
    header, *middle, summary = map(json.loads, text.splitlines())
    assert (header["type"], header["schema_version"], summary["type"]) == ("header", 1, "summary")
    assert {one["type"] for one in middle} <= {"list", "finding"}
    if not summary["truncated"]:
        told = Counter(one["code"] for one in middle if one["type"] == "finding")
        assert told == Counter(summary["counts"])
    return Counter(summary["counts"])


def read_csv(text: str) -> Counter[str]:
    """A table whose numbers add up, and no cell of which a spreadsheet takes for a formula."""
    assert text.startswith("\ufeff")
    assert_inert(text[1:])
    rows = list(csv.DictReader(io.StringIO(text[1:], newline=""), strict=True))
    counts: Counter[str] = Counter()
    for row in rows:
        assert None not in row
        assert not any(cell.lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in row.values())
        assert row["severity"] in SEVERITIES
        counts[row["code"]] += int(row["number"])
    return counts


def read_sarif(text: str) -> Counter[str]:
    """A log of one run, after its schema; the results are of its rules, and no fingerprint is twice."""
    assert text.isascii()
    log = json.loads(text)
    if (SCHEMAS / "sarif-schema-2.1.0.json").exists():
        _validated(log, json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) <= 5_000
    marks = [one["partialFingerprints"]["dliHostsRecord/v1"] for one in run["results"]]
    assert len(marks) == len(set(marks))
    for one in run["results"]:
        assert rules[one["ruleIndex"]] == one["ruleId"]
        assert not re.search(r"\]\(", one["message"]["text"])
        for place in one.get("locations", ()):
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert re.fullmatch(r"(?:file:///)?[A-Za-z0-9._~%/-]+", uri), uri
    levels = [("error", "warning", "note").index(one["level"]) for one in run["results"]]
    assert levels == sorted(levels) or len(levels) < 5_000
    told = Counter(one["ruleId"] for one in run["results"])
    if not run["properties"]["truncated"]:
        assert told == Counter(run["properties"]["counts"])
    return Counter(run["properties"]["counts"])


def _validated(document: Any, schema: Any) -> None:
    import pytest

    pytest.importorskip("jsonschema").validate(document, schema)


def read_junit(text: str) -> Counter[str]:
    """Suites after the schema; the numbers in their heads are those of their cases."""
    root = ET.fromstring(text)
    schema = SCHEMAS / "JUnit.xsd"
    if schema.exists():
        import pytest

        pytest.importorskip("xmlschema").XMLSchema(str(schema)).validate(ET.ElementTree(root))
    counts: Counter[str] = Counter()
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        assert int(suite.attrib["errors"]) == len(suite.findall("testcase/error"))
        values = {one.attrib["name"]: int(one.attrib["value"]) for one in suite.iter("property")}
        counts.update({key: value for key, value in values.items() if re.fullmatch(r"[A-Z]\d{3}", key)})
        told = {case.attrib["name"].split()[0] for case in cases} - {"the"}
        assert told == {key for key in values if re.fullmatch(r"[A-Z]\d{3}", key)}
    assert_inert("".join(root.itertext()))
    return counts


def read_github(text: str) -> Counter[str]:
    """Commands as a runner of GitHub takes them, at most ten of each kind, and one line of text."""
    assert_inert(text)
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    *commands, verdict = text.splitlines()
    assert not verdict.lstrip().startswith("::")
    for line in commands:
        assert "##[" not in line
        found = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert found, line
        kinds[found[1]] += 1
        properties = dict(part.split("=", 1) for part in found[2].split(","))
        assert properties.keys() <= {"file", "line", "col", "title"}
        if rule := re.match(r"([A-Z]\d{3}) ", properties["title"]):
            counts[rule[1]] += int(found[3].split()[0].replace(",", ""))
        for further, number in re.findall(r"([A-Z]\d{3}) ([\d,]+\d|\d)", found[3]) if not rule else ():
            counts[further] += int(number.replace(",", ""))
    assert all(number <= 10 for number in kinds.values())
    return counts


def read_azure(text: str) -> Counter[str]:
    """Commands as an agent of Azure takes them; a line holds one at its beginning or none."""
    assert_inert(text)
    counts: Counter[str] = Counter()
    *lines, verdict = text.splitlines()
    assert "##" not in verdict.replace("\\x23#", "")
    for line in lines:
        found = re.fullmatch(r"(?:##vso\[task\.logissue ([^\]]*)\])?([A-Z]\d{3}) [a-z0-9-]+: (.*)", line)
        assert found, line
        assert "##vso[" not in found[3]
        assert "##[" not in found[3]
        counts[found[2]] += int(found[3].split()[0].replace(",", ""))
        if found[1]:
            properties = dict(part.split("=", 1) for part in found[1].rstrip(";").split(";"))
            assert properties["type"] in ("error", "warning")
            assert properties["code"] == found[2]
    return counts


def read_gitlab(text: str) -> Counter[str]:
    """An array of issues with the five fields that GitLab asks for, and no fingerprint twice."""
    assert text.isascii()
    issues = json.loads(text)
    marks = [one["fingerprint"] for one in issues]
    assert len(marks) == len(set(marks))
    counts: Counter[str] = Counter()
    for one in issues:
        assert one.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert isinstance(one["location"]["path"], str)
        assert one["location"]["lines"]["begin"] >= 1
        assert_inert(one["description"] + one["location"]["path"])
        more = re.match(r"([\d,]+) more findings? of [A-Z]\d{3} ", one["description"])
        counts[one["check_name"]] += int(more[1].replace(",", "")) if more else 1
    return counts


class _Tags(HTMLParser):
    """The tags and attributes of a document, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.text = ""
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def read_markdown(text: str) -> Counter[str]:
    """A summary below 900 KiB: no tag and no cell but its own."""
    assert len(text.encode()) <= 901 << 10
    assert_inert(text)
    assert _Tags(text).tags.keys() <= {"code", "b", "br", "details", "summary"}
    assert not re.search(r"https?://|www\.", text)
    counts: Counter[str] = Counter()
    tables = [line for line in text.splitlines() if line.startswith("|")]
    for line in tables:
        cells = line.strip("|").split("|")
        assert len(cells) == len(tables[0].strip("|").split("|")), line
        if rule := re.match(r" ([A-Z]\d{3}) ", unescape(cells[1])):
            counts[rule[1]] += int(cells[2].replace(",", ""))
    return counts


def read_html(text: str) -> Counter[str]:
    """A page with one style and one script, that names no other file and nothing that acts."""
    page = _Tags(text)
    assert (page.tags["script"], page.tags["style"]) == (1, 1)
    assert "default-src 'none'" in text
    assert not {"iframe", "img", "link", "object", "embed", "form", "base"} & page.tags.keys()
    assert not {name for name in page.attributes if name.startswith("on")} | ({"style"} & page.attributes)
    assert all(link.startswith("#") for link in page.links)
    assert len(text.encode()) < 2_000_000
    counts: Counter[str] = Counter()
    pattern = (
        r'<tr><th scope="row" class="(?:error|warning|info)">([A-Z]\d{3}) .*?<td class="n">([\d,]+)</td>'
    )
    for code, number in re.findall(pattern, text):
        counts[code] += int(number.replace(",", ""))
    return counts


READERS = {
    "json": read_json,
    "json-lines": read_json_lines,
    "csv": read_csv,
    "sarif": read_sarif,
    "junit": read_junit,
    "github": read_github,
    "azure": read_azure,
    "gitlab": read_gitlab,
    "markdown": read_markdown,
    "html": read_html,
}
