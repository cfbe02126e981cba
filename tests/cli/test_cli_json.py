"""`check --output-format json`, the machine contract: every key, type and order of schema version 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import BAD, GOOD, WARNED, dli_hosts

FINDING_KEYS = [
    *("code", "slug", "severity", "source", "line", "column"),
    *("field", "value", "ip", "name", "message", "hint", "related", "fix"),
]


def report(folder: Path, *arguments: str, stdin: bytes = b"") -> dict[str, Any]:
    """The parsed report; the order of keys is kept."""
    outcome = dli_hosts("check", *arguments, "--output-format", "json", cwd=folder, stdin=stdin)
    assert outcome.err == ""
    parsed: dict[str, Any] = json.loads(outcome.raw)
    assert outcome.status == (0 if parsed["ok"] else 1)
    return parsed


def test_keys_and_types(tmp_path: Path) -> None:
    """Keys stand in the order of the contract and hold what it says."""
    text = b"10.20.0.11 kafka01\n\n10.20.0.99 kafka01 # again"
    (tmp_path / "f.hosts").write_bytes(text)
    found = report(tmp_path, "f.hosts")
    version = found["tool"].pop("version")
    assert isinstance(version, str)
    finding = found["findings"][0]
    for words in ("message", "hint"):
        assert isinstance(finding[words], str)
        assert finding.pop(words)
    assert list(found.items()) == [
        ("schema_version", 1),
        ("tool", {"name": "dli-hosts"}),
        ("ok", False),
        (
            "sources",
            [
                {
                    "name": "f.hosts",
                    "format": "hosts",
                    "encoding": "utf-8",
                    "lines": 3,
                    "blank": 1,
                    "records": 2,
                    "understood": {
                        "delimiter": None,
                        "header": None,
                        "name_column": None,
                        "ip_column": None,
                        "passed_over": [],
                        "sheet": None,
                    },
                }
            ],
        ),
        ("totals", {"lines": 3, "records": 2, "ready": 1, "merged": 0, "skipped": 0, "refused": 1}),
        ("counts", {"D303": 1}),
        (
            "findings",
            [
                {
                    "code": "D303",
                    "slug": "name-conflict",
                    "severity": "error",
                    "source": "f.hosts",
                    "line": 3,
                    "column": 12,
                    "field": "name",
                    "value": "kafka01",
                    "ip": "10.20.0.99",
                    "name": "kafka01",
                    "related": {"source": "f.hosts", "line": 1},
                    "fix": None,
                }
            ],
        ),
        ("truncated", False),
    ]


def test_key_order(tmp_path: Path) -> None:
    """Objects inside the report have their keys in the order of the contract too."""
    (tmp_path / "f.hosts").write_bytes(b"10.20.0.11 kafka01\n10.20.0.99 kafka01\n")
    found = report(tmp_path, "f.hosts")
    assert list(found["tool"]) == ["name", "version"]
    source = found["sources"][0]
    assert list(source) == ["name", "format", "encoding", "lines", "blank", "records", "understood"]
    understood = ["delimiter", "header", "name_column", "ip_column", "passed_over", "sheet"]
    assert list(source["understood"]) == understood
    assert list(found["totals"]) == ["lines", "records", "ready", "merged", "skipped", "refused"]
    assert list(found["findings"][0]) == FINDING_KEYS
    assert list(found["findings"][0]["related"]) == ["source", "line"]


@pytest.mark.parametrize(
    ("text", "plain", "strict"), [(GOOD, True, True), (WARNED, True, False), (BAD, False, False)]
)
def test_ok(text: bytes, plain: bool, strict: bool, tmp_path: Path) -> None:
    """`ok` says whether the run is clean, with `--strict` of warnings too; the exit status agrees."""
    assert report(tmp_path, "-", stdin=text)["ok"] is plain
    assert report(tmp_path, "-", "--strict", stdin=text)["ok"] is strict


def test_strict_changes_no_fate(tmp_path: Path) -> None:
    """`--strict` changes `ok` and nothing else."""
    plain, strict = report(tmp_path, "-", stdin=WARNED), report(tmp_path, "-", "--strict", stdin=WARNED)
    assert plain | {"ok": False} == strict


def test_values(tmp_path: Path) -> None:
    r"""`value` is the field alone, null for row and file; an undecodable byte in it is written `\xNN`."""
    text = b"name,ip,password\nkafka\xff1,10.20.0.1,hunter2\n,,hunter2\nkafka02\n"
    text += b"kafka03,10.20.0.999,hunter2\nkafka04,10.20.0.4,hunter2\n"
    found = report(tmp_path, "-", stdin=text)
    assert [(f["code"], f["line"], f["column"], f["field"], f["value"]) for f in found["findings"]] == [
        ("N104", 2, 6, "name", "kafka\\xff1"),
        ("R109", 3, 1, "row", None),
        ("R107", 4, 1, "row", None),
        ("A202", 5, 9, "ip", "10.20.0.999"),
    ]
    assert "hunter2" not in json.dumps(found)


def test_nothing_to_send_has_no_place(tmp_path: Path) -> None:
    """L402 has neither line nor column."""
    (finding,) = report(tmp_path, "-", stdin=b"")["findings"]
    assert (finding["code"], finding["line"], finding["column"], finding["field"]) == (
        "L402",
        None,
        None,
        "file",
    )
    assert (finding["value"], finding["related"]) == (None, None)


def test_related_is_for_duplicates_only(tmp_path: Path) -> None:
    """`related` is the first record, perhaps of another file, for D3xx, and null for all other rules."""
    (tmp_path / "a.hosts").write_bytes(b"# first\n10.20.0.1 k1\n10.20.0.2 k_2\n")
    (tmp_path / "b.hosts").write_bytes(b"10.20.0.1 k1\n10.20.0.1 K1\n10.20.0.9 k1\n10.20.0.1 k3\n")
    found = report(tmp_path, "a.hosts", "b.hosts")
    first = {"source": "a.hosts", "line": 2}
    assert [(f["code"], f["source"], f["line"], f["related"]) for f in found["findings"]] == [
        ("N112", "a.hosts", 3, None),
        ("D301", "b.hosts", 1, first),
        ("D302", "b.hosts", 2, first),
        ("D303", "b.hosts", 3, first),
        ("D305", "b.hosts", 4, first),
    ]


def test_order(tmp_path: Path) -> None:
    """Findings come in the order of source, line, column, code, with sources as named on the command line."""
    (tmp_path / "z.hosts").write_bytes(b"10.20.0.1 1a_b. c\xc3\xa9\n10.20.0.300 -x y!\n")
    (tmp_path / "a.hosts").write_bytes(b"10.20.0.2 d_d 9z\n")
    found = report(tmp_path, "z.hosts", "a.hosts")
    assert [(f["source"], f["line"], f["column"], f["code"]) for f in found["findings"]] == [
        ("z.hosts", 1, 11, "N103"),
        ("z.hosts", 1, 11, "N110"),
        ("z.hosts", 1, 18, "N104"),
        ("z.hosts", 2, 1, "A202"),
        ("z.hosts", 2, 13, "N103"),
        ("z.hosts", 2, 17, "N104"),
        ("a.hosts", 1, 11, "N112"),
        ("a.hosts", 1, 15, "N103"),
    ]


def test_ascii_safe(tmp_path: Path) -> None:
    """The report is plain ASCII without control characters, whatever is in names and file names."""
    name = "h\u00f6sts\u202e\x1b[31m"
    (tmp_path / name).write_bytes(
        "10.20.0.1 a\x1b]0;x\x07b\n10.20.0.2 \u4e3b\u202e\u2028\n10.20.0.3 \x9b\n".encode()
    )
    outcome = dli_hosts("check", name, "--output-format", "json", cwd=tmp_path)
    assert outcome.raw.isascii()
    assert all(byte >= 32 or byte == 10 for byte in outcome.raw)
    assert 127 not in outcome.raw
    assert json.loads(outcome.raw)["sources"][0]["name"] == name


def numbered(count: int, line: bytes) -> bytes:
    """A list with one good record and as many others as wanted."""
    return b"10.20.0.1 good\n" + b"".join(line % (i, i // 250, i % 250) for i in range(count))


@pytest.mark.parametrize(("limit", "kept"), [("0", 70), ("1", 1), ("69", 69), ("70", 70), ("71", 70)])
def test_max_findings(limit: str, kept: int, tmp_path: Path) -> None:
    """At most N findings of each code are listed, 0 lists all; counts are exact and `truncated` tells."""
    text = numbered(70, b"10.20.0.2 9h%d-%d-%d\n")
    found = report(tmp_path, "-", "--max-findings", limit, stdin=text)
    assert found["counts"] == {"N103": 70}
    assert [f["line"] for f in found["findings"]] == list(range(2, 2 + kept))
    assert found["truncated"] is (kept < 70)


def test_default_cap_in_json(tmp_path: Path) -> None:
    """JSON lists at most 10,000 findings of each code, the first ones; counts stay exact."""
    text = numbered(10_007, b"10.20.0.2 9h%d_%d_%d\n") + b"10.20.0.300 x\n"
    found = report(tmp_path, "-", stdin=text)
    assert found["counts"] == {"N103": 10_007, "A202": 1}
    assert found["totals"]["refused"] == 10_008
    lines = [f["line"] for f in found["findings"]]
    assert lines == [*range(2, 10_002), 10_009]
    assert found["truncated"] is True


def test_default_cap_in_text(tmp_path: Path) -> None:
    """Text shows at most 50 findings of each code and counts the rest; infos are one line a code."""
    text = numbered(57, b"10.20.0.2 9h%d_%d_%d\n") + b"10.20.0.3 dot.\n10.20.0.4 dots.\n"
    outcome = dli_hosts("check", "-", cwd=tmp_path, stdin=text)
    shown = [line for line in outcome.out.splitlines() if line.startswith("N103 ")]
    assert [line.split()[1] for line in shown] == [f"<stdin>:{i}:11" for i in range(2, 52)]
    assert "7 more findings not shown" in outcome.out
    assert "  57 N103 " in outcome.out
    (info,) = [line for line in outcome.out.splitlines() if "N110" in line]
    assert info.startswith("   2 N110 name-trailing-dot")
    assert info.endswith("first at line 59")


def test_text_shows_all(tmp_path: Path) -> None:
    """`--max-findings 0` shows every finding, and `-v` the infos one by one as well."""
    text = numbered(57, b"10.20.0.2 9h%d_%d_%d\n") + b"10.20.0.3 dot.\n10.20.0.4 dots.\n"
    outcome = dli_hosts("check", "-", "--max-findings", "0", "-v", cwd=tmp_path, stdin=text)
    starts = [line.split()[0] for line in outcome.out.splitlines() if line[:1] in ("N", "A", "D", "R")]
    assert starts == ["N103"] * 57 + ["N110"] * 2
    assert "not shown" not in outcome.out
