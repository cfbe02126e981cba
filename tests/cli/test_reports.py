"""Reports of one run: many lists, several targets, one verdict, and what is told before anything is read."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from command import BAD, GOOD, WARNED, assert_cannot_work, dli_hosts

from importer.rendering.reports import FORMATS

JOBS = """
[defaults]
vpc = "v"
subnet = "s"

[[connection]]
name = "mrs_good"
files = ["lists/good.hosts"]

[[connection]]
name = "mrs_bad"
files = ["lists/bad.hosts"]

[[connection]]
name = "kafka"
hosts = ["10.0.0.1 kafka01"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lists, and a jobs file that names them."""
    (tmp_path / "lists").mkdir()
    for place in (tmp_path, tmp_path / "lists"):
        (place / "good.hosts").write_bytes(GOOD)
        (place / "bad.hosts").write_bytes(BAD)
        (place / "warned.hosts").write_bytes(WARNED)
    (tmp_path / "jobs.toml").write_text(JOBS)
    return tmp_path


def test_jobs_file(folder: Path) -> None:
    """A list without a fault is one line, one with a fault is shown whole, and the verdict names it."""
    outcome = dli_hosts("check", "jobs.toml", cwd=folder)
    lines = outcome.out.splitlines()
    assert (outcome.status, outcome.err) == (1, "")
    assert lines[0] == "mrs_good: 2 records: 2 ready, 0 merged, 0 skipped, 0 refused"
    assert lines[1] == "kafka: 1 record: 1 ready, 0 merged, 0 skipped, 0 refused"
    assert "== mrs_bad ==" in lines
    assert any(line.startswith("N103 lists/bad.hosts:2:12 error: ") for line in lines)
    assert lines[-1] == (
        "3 connections: 2 ready, 1 with errors (1 finding): mrs_bad; "
        "next: dli-hosts check jobs.toml --connection mrs_bad"
    )


def test_verdict_names_what_is_broken_on_one_screen(tmp_path: Path) -> None:
    """Of sixty connections, the last 24 lines of 80 columns name the four that are broken."""
    tables = []
    for number in range(60):
        broken = number in (3, 20, 41, 59)
        (tmp_path / f"{number}.hosts").write_bytes(BAD * 12 if broken else GOOD)
        tables.append(f'[[connection]]\nname = "mrs_{number}"\nfiles = ["{number}.hosts"]\n')
    (tmp_path / "jobs.toml").write_text('[defaults]\nvpc = "v"\nsubnet = "s"\n' + "".join(tables))
    out = dli_hosts("check", "jobs.toml", cwd=tmp_path, env={"COLUMNS": "80"}).out
    cut = [line[at : at + 80] for line in out.splitlines() for at in range(0, max(len(line), 1), 80)]
    screen = "\n".join(cut[-24:])
    assert all(f"mrs_{number}: " in screen for number in (3, 20, 41, 59))
    assert out.splitlines()[-1].startswith(
        "60 connections: 56 ready, 4 with errors (48 findings): mrs_3, mrs_20, mrs_41, mrs_59; next: "
    )


def test_jobs_file_as_json(folder: Path) -> None:
    """`lists` has an object for each connection; above it stands what is said of all."""
    found = json.loads(dli_hosts("check", "jobs.toml", "--output-format", "json", cwd=folder).raw)
    assert [(one["list"], one["ok"]) for one in found["lists"]] == [
        ("mrs_good", True),
        ("mrs_bad", False),
        ("kafka", True),
    ]
    assert (found["ok"], found["totals"]["records"], found["counts"]) == (False, 5, {"N103": 1})
    assert found["lists"][1]["findings"][0]["ip"] == "10.20.0.12"


@pytest.mark.parametrize(
    ("picked", "names"),
    [
        (("mrs_good",), ["mrs_good"]),
        (("mrs_*",), ["mrs_good", "mrs_bad"]),
        (("kafka", "mrs_g*"), ["mrs_good", "kafka"]),
    ],
)
def test_connections_are_picked(picked: tuple[str, ...], names: list[str], folder: Path) -> None:
    """`--connection` takes names and globs; the order is that of the jobs file."""
    options = [part for name in picked for part in ("--connection", name)]
    found = json.loads(dli_hosts("check", "jobs.toml", *options, "--output-format", "json", cwd=folder).raw)
    assert [one["list"] for one in found["lists"]] == names


def test_each_file_is_a_list(folder: Path) -> None:
    """With `--each` the same name at two addresses in two files is not a conflict; without, it is."""
    (folder / "other.hosts").write_bytes(GOOD.replace(b"10.20.", b"10.30."))
    assert dli_hosts("check", "good.hosts", "other.hosts", cwd=folder).status == 1
    outcome = dli_hosts("check", "--each", "good.hosts", "other.hosts", cwd=folder)
    assert (outcome.status, outcome.out.splitlines()[-1]) == (0, "2 lists: 2 ready")


def test_a_list_that_cannot_be_read(folder: Path) -> None:
    """It is told, the others are checked, and the exit status is 2."""
    outcome = dli_hosts("check", "--each", "missing.hosts", "bad.hosts", "good.hosts", cwd=folder)
    assert outcome.status == 2
    assert "missing.hosts" in outcome.err
    assert outcome.out.splitlines()[-1].startswith(
        "3 lists: 1 ready, 1 with errors (1 finding), 1 that cannot be read: bad.hosts, missing.hosts"
    )


def test_faults_of_the_jobs_file_and_of_lists_at_once(folder: Path) -> None:
    """A connection at fault does not keep the lists of the others from being checked."""
    (folder / "jobs.toml").write_text(JOBS + '[[connection]]\nname = "no name"\nfiles = []\n')
    outcome = dli_hosts("check", "jobs.toml", cwd=folder)
    assert outcome.status == 2
    assert "no name" in outcome.err
    assert "N103 lists/bad.hosts:2:12" in outcome.out


def test_globs_in_a_jobs_file(folder: Path) -> None:
    """`files` may hold a glob: its matches are sorted; one that matches nothing is a fault."""
    table = '[[connection]]\nname = "all"\nvpc = "v"\nsubnet = "s"\nfiles = ["lists/{}"]\n'
    (folder / "jobs.toml").write_text(table.format("[bg]*.hosts"))
    found = json.loads(dli_hosts("check", "jobs.toml", "--output-format", "json", cwd=folder).raw)
    assert [one["name"] for one in found["lists"][0]["sources"]] == ["lists/bad.hosts", "lists/good.hosts"]
    (folder / "jobs.toml").write_text(table.format("x*.hosts"))
    assert_cannot_work(dli_hosts("check", "jobs.toml", cwd=folder), "'lists/x*.hosts' matches no file")


def test_several_reports_of_one_run(folder: Path) -> None:
    """Each report is the one that a run for it alone makes; standard input is read once."""
    forms = [name for name in FORMATS if not FORMATS[name].package and name != "junit"]
    options = [part for name in forms for part in ("--report", f"{name}=out.{name}")]
    shown = dli_hosts("check", "-", *options, cwd=folder, stdin=BAD)
    assert shown.status == 1
    for name in forms:
        alone = dli_hosts("check", "-", "--output-format", name, cwd=folder, stdin=BAD)
        assert (folder / f"out.{name}").read_bytes() == alone.raw, name
    assert shown.raw == (folder / "out.text").read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--report", "json=there/is/no/folder"), "its folder does not exist"),
        (("--report", "json=lists"), "is a folder"),
        (("--report", "json=lists/"), "is a folder"),
        (("--report", "json=/dev/null"), "is not a regular file"),
        (("--report", "json=a", "--report", "csv=./a"), "already has a report"),
        (("--report", "json=a", "-o", "a"), "already has a report"),
        (("--report", "json=-"), "already has a report"),
        (("--report", "json=bad.hosts"), "is one of the inputs"),
        (("--report", "json"), "is not FORMAT=FILE"),
        (("--report", "jsn=a"), "did you mean json?"),
        (("--output-format", "json", "--statistics"), "has counts by itself"),
        (("--connection", "x"), "name a jobs file"),
    ],
    ids=" ".join,
)
def test_mistakes_are_told_first(options: tuple[str, ...], words: str, folder: Path) -> None:
    """What cannot be written is told before the input is read, and nothing is changed."""
    before = sorted(path.name for path in folder.iterdir())
    assert_cannot_work(dli_hosts("check", "missing.hosts", "bad.hosts", *options, cwd=folder), words)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert (folder / "bad.hosts").read_bytes() == BAD


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("jobs.toml", "good.hosts"), "stands alone"),
        (("jobs.toml", "--each"), "stands alone"),
        (("jobs.toml", "--keep-local"), "--keep-local does not apply"),
        (("jobs.toml", "--connection", "mrs_god"), "did you mean mrs_good?"),
        (("jobs.toml", "--report", "csv=lists/good.hosts"), "is one of the inputs"),
    ],
    ids=" ".join,
)
def test_mistakes_with_a_jobs_file(arguments: tuple[str, ...], words: str, folder: Path) -> None:
    """A jobs file stands alone and answers itself how its lists are read."""
    assert_cannot_work(dli_hosts("check", *arguments, cwd=folder), words)
    assert (folder / "lists" / "good.hosts").read_bytes() == GOOD


def test_statistics_and_verdict_only(folder: Path) -> None:
    """`--statistics` leaves the reasons and the verdict, `-q` the verdict; `--exit-zero` changes 1 alone."""
    verdict = "not ready: 1 error in 1 record; next: dli-hosts explain N103"
    outcome = dli_hosts("check", "bad.hosts", "--statistics", "--exit-zero", cwd=folder)
    assert outcome.status == 0
    assert outcome.out.splitlines() == ["  1 N103 name-bad-start  error, first at line 2", verdict]
    assert dli_hosts("check", "bad.hosts", "-q", cwd=folder).out == f"{verdict}\n"
    assert dli_hosts("check", "missing.hosts", "--exit-zero", cwd=folder).status == 2


def test_verdict_with_strict(folder: Path) -> None:
    """Warnings forbid with `--strict`, and the verdict says so."""
    outcome = dli_hosts("check", "warned.hosts", "--strict", "-q", cwd=folder)
    assert outcome.out == "not ready: 1 warning, and --strict allows none; next: dli-hosts explain N112\n"


def test_plan_tells_the_same_verdict(folder: Path) -> None:
    """`plan` tells the lists that may not be sent after all others, then the verdict; as JSON the reports."""
    outcome = dli_hosts("plan", "jobs.toml", cwd=folder)
    assert (outcome.status, outcome.raw) == (1, b"")
    assert outcome.err.splitlines()[-1].startswith(
        "3 connections: 2 ready, 1 with errors (1 finding): mrs_bad; next: "
    )
    found = json.loads(dli_hosts("plan", "jobs.toml", "--output-format", "json", cwd=folder).raw)
    assert (found["digest"], found["requests"]) == (None, [])
    assert [one["ok"] for one in found["lists"]] == [True, False, True]
    assert found["lists"][1]["counts"] == {"N103": 1}


def test_plan_ends_with_the_verdict(folder: Path) -> None:
    """Faults of the jobs file and of lists are told at once, then the verdict; JSON has all of them."""
    extra = '[[connection]]\nname = "no name"\nfiles = []\n[[connection]]\nname = "gone"\nfiles = ["gone"]\n'
    (folder / "jobs.toml").write_text(JOBS + extra)
    outcome = dli_hosts("plan", "jobs.toml", cwd=folder)
    assert (outcome.status, outcome.raw) == (2, b"")
    lines = outcome.err.splitlines()
    assert lines[0] == "mrs_good: 2 records: 2 ready, 0 merged, 0 skipped, 0 refused"
    assert "== mrs_bad ==" in lines
    assert lines[-1] == (
        "3 connections: 2 ready, 1 with errors (1 finding): mrs_bad; the jobs file has 2 faults; "
        "next: dli-hosts check jobs.toml --connection mrs_bad"
    )
    outcome = dli_hosts("plan", "jobs.toml", "--output-format", "json", cwd=folder)
    found = json.loads(outcome.raw)
    assert (outcome.status, found["ok"], found["totals"]["refused"]) == (2, False, 1)
    assert "no name" in found["faults"][0]
    assert [one["list"] for one in found["lists"]] == ["mrs_good", "mrs_bad", "kafka"]


def test_plan_says_how_much_there_is_to_do(folder: Path) -> None:
    """The last line of a plan counts what there is to do, and names the command that does it."""
    (folder / "jobs.toml").write_text(JOBS.replace("bad.hosts", "warned.hosts"))
    (folder / "lists" / "warned.hosts").write_bytes(WARNED)
    lines = dli_hosts("plan", "jobs.toml", cwd=folder).err.splitlines()
    assert lines[1] == "mrs_bad: 2 records: 2 ready, 0 merged, 0 skipped, 0 refused; 1 warning (N112 1)"
    assert lines[-1] == (
        "plan: 3 to create, 0 to update, 0 unchanged, 0 in conflict; next: dli-hosts submit jobs.toml"
    )


@pytest.mark.parametrize("name", ["GITHUB_ACTIONS", "TF_BUILD"])
def test_nothing_commands_a_runner(name: str, folder: Path) -> None:
    """Names of files and of lists that look like commands are shown broken to a runner."""
    (folder / "::stop-commands::x").write_bytes(BAD)
    (folder / "##vso[task.x]y").write_bytes(BAD + b"10.0.0.1 ##[error]x\n")
    for arguments in (("--each",), ("--output-format", "concise"), ("--output-format", "grouped")):
        outcome = dli_hosts(
            "check", "::stop-commands::x", "##vso[task.x]y", *arguments, cwd=folder, env={name: "true"}
        )
        lines = (outcome.out + outcome.err).splitlines()
        assert not any(line.lstrip().startswith("::") or "##[" in line or "##vso[" in line for line in lines)
    outcome = dli_hosts("check", "::missing", "--each", cwd=folder, env={name: "true"})
    assert not any(line.startswith("::") for line in outcome.err.splitlines())


def test_annotations_name_files_from_where_the_run_is(folder: Path) -> None:
    """Lists of a jobs file in another folder are named from the folder of the run."""
    outcome = dli_hosts("check", f"{folder.name}/jobs.toml", "--output-format", "github", cwd=folder.parent)
    assert outcome.out.startswith(f"::error file={folder.name}/lists/bad.hosts,line=2,col=12,title=N103 ")


def test_reports_keep_the_mode_of_a_file(folder: Path) -> None:
    """A report that replaces a file keeps its mode, and is whole."""
    (folder / "out").write_text("old")
    (folder / "out").chmod(0o640)
    assert dli_hosts("check", "bad.hosts", "--report", "csv=out", cwd=folder).status == 1
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o640
