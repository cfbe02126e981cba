"""Groups of options know their own: which were given, which name a file that is read; verbs are rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.cli import verbs
from importer.cli.groups import files_read, given, values
from importer.cli.groups.lists import JOBS, LISTS
from importer.cli.parser import VERBS, build_parser, parse

REQUIRED = {
    "check": ["f"],
    "fix": ["f"],
    "emit": ["f", "--as", "csv"],
    "plan": ["f"],
    "submit": ["f"],
    "pull": [],
    "rollback": ["b"],
    "status": [],
    "explain": [],
    "init": [],
    "schema": [],
    "sandbox": [],
    "completion": ["bash"],
}


def test_each_verb_has_a_module() -> None:
    """Each row of the list of verbs names a module with options and a run, and no module is without a row."""
    folder = Path(verbs.__path__[0])
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == VERBS.keys()


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_given(verb: str) -> None:
    """Without options no group says that one of them was given."""
    options = parse([verb, *REQUIRED[verb]])
    groups = {a.mark.group for a in options.parser._actions if hasattr(a, "mark")} - {"own", "files"}
    assert list(given(options, *groups)) == []


@pytest.mark.parametrize(
    ("words", "group", "told"),
    [
        (["--cidr", "10.0.0.0/8"], "judging", ["--cidr"]),
        (["--strict"], "verdict", ["--strict"]),
        (["--max-findings", "3"], "showing", ["--max-findings"]),
        (["--skip-refused"], "skipping", ["--skip-refused"]),
        (["--sheet", "1"], "reading", ["--sheet"]),
        (["--allow-outside"], "jobs", ["--allow-outside"]),
        (["--pool", "a", "--vpc", "v"], "connection", ["--vpc", "--pool"]),
        (["--token-stdin"], "account", ["--token-stdin"]),
        (["--journal", "j"], "journal", ["--journal"]),
        (["--wait"], "sending", ["--wait"]),
        (["-q"], "talk", ["--quiet"]),
    ],
)
def test_given(words: list[str], group: str, told: list[str]) -> None:
    """A group names those of its options that were given, in the order of the help, and no other one."""
    options = parse(["submit", "f", *words])
    assert list(given(options, group)) == told
    others = {a.mark.group for a in options.parser._actions if hasattr(a, "mark")} - {group, "files", "own"}
    assert list(given(options, *others)) == []


def test_groups_of_lists() -> None:
    """The names by which verbs ask for groups are names of groups."""
    options = parse(["submit", "f"])
    groups = {action.mark.group for action in options.parser._actions if hasattr(action, "mark")}
    assert {*LISTS, *JOBS, "connection", "account", "journal"} <= groups


def test_files_read() -> None:
    """Every file that the options name to be read is known, and standard input that holds a token."""
    words = [
        "--connection",
        "c.toml",
        "--journal",
        "j",
        "--credentials",
        "k",
        "--ca-bundle",
        "b",
        "-o",
        "out",
    ]
    assert set(files_read(parse(["plan", "a", "b", *words]))) == {"a", "b", "c.toml", "j", "k"} | {"b"}
    assert list(files_read(parse(["plan", "a", "--token-file", "t"]))) == ["a", "t"]
    assert list(files_read(parse(["submit", "a", "--token-stdin"]))) == ["a", "-"]
    assert list(files_read(parse(["emit", "-", "--as", "csv", "-o", "out"]))) == ["-"]


def test_values() -> None:
    """The values of a group are those that were given and the defaults; what has none is absent."""
    found = values(parse(["check", "f", "--sheet", "2", "--max-ratio", "9"]), "reading")
    assert found == {
        "syntax": "", "encoding": "", "delimiter": "", "header": "", "name_column": "", "ip_column": "",
        "sheet": "2", "max_ratio": 9,
    }  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_one_verb_is_as_all(verb: str) -> None:
    """A verb that is parsed alone has the options that it has beside all others, and the same help."""
    alone = parse([verb, *REQUIRED[verb]])
    beside = build_parser().parse_args([verb, *REQUIRED[verb]])
    assert alone.parser.format_help() == beside.parser.format_help()
    assert {k: v for k, v in vars(alone).items() if k != "parser"} == {
        k: v for k, v in vars(beside).items() if k != "parser"
    }
