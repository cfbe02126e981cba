"""The command as a process: exit statuses, streams, usage errors, completion."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from command import BAD, GOOD, WARNED, assert_cannot_work, dli_hosts, run_process

VERBS = ("check", "emit", "explain", "completion")
CONNECTION = ("--as", "request", "--name", "mrs", "--vpc", "v", "--subnet", "s")


def write(folder: Path) -> None:
    """The three lists that most tests here look at."""
    (folder / "good.hosts").write_bytes(GOOD)
    (folder / "bad.hosts").write_bytes(BAD)
    (folder / "warned.hosts").write_bytes(WARNED)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("check", "good.hosts"), 0),
        (("check", "good.hosts", "--strict"), 0),
        (("check", "warned.hosts"), 0),
        (("check", "warned.hosts", "--strict"), 1),
        (("check", "warned.hosts", "--error", "N112"), 1),
        (("check", "warned.hosts", "--strict", "--ignore", "N112"), 0),
        (("check", "bad.hosts"), 1),
        (("check", "good.hosts", "bad.hosts"), 1),
        (("check", "bad.hosts", "--output-format", "json"), 1),
        (("check", "missing.hosts"), 2),
        (("check", "good.hosts", "missing.hosts"), 2),
        (("emit", "good.hosts", "--as", "hosts"), 0),
        (("emit", "warned.hosts", "--as", "hosts", "--strict"), 1),
        (("emit", "bad.hosts", "--as", "hosts"), 1),
        (("emit", "bad.hosts", "--as", "hosts", "--skip-refused"), 0),
        (("emit", "good.hosts", *CONNECTION), 0),
        (("emit", "good.hosts", "--as", "request", "--name", "a-b", "--vpc", "v", "--subnet", "s"), 2),
        (("emit", "good.hosts", "--as", "request"), 2),
        (("explain",), 0),
        (("explain", "n103"), 0),
        (("explain", "name-bad-start"), 0),
        (("explain", "--all"), 0),
        (("--help",), 0),
        (("--version",), 0),
        (("check", "--help"), 0),
        (("check", "-h"), 0),
    ],
)
def test_exit_status(arguments: tuple[str, ...], status: int, tmp_path: Path) -> None:
    """0 is clean, 1 findings at error (with `--strict` at warning), 2 could not work."""
    write(tmp_path)
    assert dli_hosts(*arguments, cwd=tmp_path).status == status


def test_results_on_stdout_only(tmp_path: Path) -> None:
    """A report, whatever it says, is a result: standard error stays empty."""
    write(tmp_path)
    for arguments in (
        ("check", "bad.hosts"),
        ("check", "bad.hosts", "--output-format", "json"),
        ("explain",),
    ):
        outcome = dli_hosts(*arguments, cwd=tmp_path)
        assert outcome.raw
        assert outcome.err == ""


def test_talk_on_stderr_only(tmp_path: Path) -> None:
    """`emit` writes the hosts and nothing else to standard output; what it remarks goes to standard error."""
    write(tmp_path)
    outcome = dli_hosts("emit", "good.hosts", "--as", "console", cwd=tmp_path)
    assert outcome.raw == GOOD
    assert "2 hosts written of 2 records" in outcome.err
    assert "replaces all hosts of the connection" in outcome.err


def test_refusal_on_stderr_only(tmp_path: Path) -> None:
    """When `emit` refuses, standard output is empty and the report is on standard error."""
    write(tmp_path)
    outcome = dli_hosts("emit", "bad.hosts", "--as", "hosts", cwd=tmp_path)
    assert outcome.status == 1
    assert outcome.raw == b""
    assert "N103 bad.hosts:2:12 error: " in outcome.err
    assert "nothing was written" in outcome.err


def test_skip_refused_says_how_many(tmp_path: Path) -> None:
    """`--skip-refused` says by code how many records were left out, and D303 stays an obstacle."""
    write(tmp_path)
    outcome = dli_hosts("emit", "bad.hosts", "--as", "hosts", "--skip-refused", cwd=tmp_path)
    assert outcome.raw == b"10.20.0.11 kafka01\n"
    assert "1 N103" in outcome.err
    (tmp_path / "conflict.hosts").write_bytes(b"10.20.0.11 kafka01\n10.20.0.12 kafka01\n")
    refused = dli_hosts("emit", "conflict.hosts", "--as", "hosts", "--skip-refused", cwd=tmp_path)
    assert (refused.status, refused.raw) == (1, b"")
    assert "--on-conflict" in refused.err


def test_quiet(tmp_path: Path) -> None:
    """`-q` silences the remarks; results and errors stay, and of a report for people its verdict."""
    write(tmp_path)
    outcome = dli_hosts("emit", "good.hosts", "--as", "hosts", "-q", cwd=tmp_path)
    assert (outcome.status, outcome.raw, outcome.err) == (0, GOOD, "")
    whole = dli_hosts("check", "bad.hosts", cwd=tmp_path).out
    assert dli_hosts("check", "bad.hosts", "-q", cwd=tmp_path).out == whole.splitlines(keepends=True)[-1]
    scripts = ("check", "bad.hosts", "--output-format", "json")
    assert dli_hosts(*scripts, "-q", cwd=tmp_path).raw == dli_hosts(*scripts, cwd=tmp_path).raw
    assert_cannot_work(dli_hosts("check", "missing.hosts", "-q", cwd=tmp_path), "missing.hosts")


def test_stdin(tmp_path: Path) -> None:
    """`-` is standard input, alone or among files, and the report calls it so."""
    write(tmp_path)
    alone = dli_hosts("check", "-", cwd=tmp_path, stdin=BAD)
    assert alone.status == 1
    assert "N103 <stdin>:2:12 error: " in alone.out
    among = dli_hosts("check", "good.hosts", "-", cwd=tmp_path, stdin=GOOD)
    assert among.status == 0
    assert "2 merged" in among.out
    assert_cannot_work(dli_hosts("check", "-", "-", cwd=tmp_path, stdin=GOOD), "more than once")


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("chek", "good.hosts"),
        ("check",),
        ("check", "good.hosts", "--strct"),
        ("check", "good.hosts", "--stric"),
        ("check", "good.hosts", "--max-findings", "many"),
        ("check", "good.hosts", "--max-findings", "-1"),
        ("check", "good.hosts", "--max-line", "0"),
        ("check", "good.hosts", "--output-format", "xml"),
        ("check", "good.hosts", "--on-conflict", "both"),
        ("check", "good.hosts", "--names", "some"),
        ("check", "good.hosts", "--from", "xlsx"),
        ("check", "good.hosts", "--cidr", "10.0.0.0/33"),
        ("check", "good.hosts", "--cidr", "net"),
        ("check", "good.hosts", "--only", "10.0.0.0/99"),
        ("check", "good.hosts", "--ignore", "X999"),
        ("check", "good.hosts", "--ignore", "N103"),
        ("check", "good.hosts", "--warn", "D303"),
        ("check", "good.hosts", "--warn", "A211", "--ignore", "A211"),
        ("check", "good.hosts", "--delimiter", "x"),
        ("check", "good.hosts", "--delimiter", ",,"),
        ("check", "good.hosts", "--encoding", "nope"),
        ("check", "good.hosts", "--encoding", "base64"),
        ("check", "good.hosts", "--from", "hosts", "--ip-column", "1"),
        ("check", ""),
        ("emit", "good.hosts"),
        ("emit", "good.hosts", "--as", "xml"),
        ("emit", "good.hosts", "--as", "request"),
        ("emit", "good.hosts", *CONNECTION, "--tag", "no-equals"),
        ("emit", "good.hosts", *CONNECTION, "--tag", "k=1", "--tag", "k=2"),
        ("emit", "good.hosts", "--as", "request", "--connection", "missing.toml"),
        ("explain", "X999"),
        ("completion",),
        ("completion", "ksh"),
    ],
    ids=" ".join,
)
def test_usage_error(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Every usage error is one message with one help line on standard error, and exit status 2."""
    write(tmp_path)
    assert_cannot_work(dli_hosts(*arguments, cwd=tmp_path))


def test_no_verb(tmp_path: Path) -> None:
    """The bare command shows its help before it says what is missing."""
    outcome, helped = dli_hosts(cwd=tmp_path), dli_hosts("--help", cwd=tmp_path)
    assert (outcome.status, outcome.raw) == (2, b"")
    assert outcome.err == f"{helped.out}dli-hosts: error: a verb is missing\n  = help: dli-hosts --help\n"


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("chek", "good.hosts"), "check"),
        (("emitt", "good.hosts"), "emit"),
        (("explian", "N103"), "explain"),
        (("check", "good.hosts", "--strct"), "--strict"),
        (("check", "good.hosts", "--output-fromat", "json"), "--output-format"),
        (("check", "good.hosts", "--max-finding", "3"), "--max-findings"),
        (("check", "good.hosts", "--ipcolumn=2"), "--ip-column"),
        (("emit", "good.hosts", "--as", "request", "--subnt", "s"), "--subnet"),
        (("explain", "--al"), "--all"),
        (("--versoin",), "--version"),
    ],
)
def test_near_miss(arguments: tuple[str, ...], meant: str, tmp_path: Path) -> None:
    """A mistyped verb or option is answered with the one that was meant."""
    write(tmp_path)
    outcome = dli_hosts(*arguments, cwd=tmp_path)
    assert_cannot_work(outcome, f"did you mean {meant}?")


def test_no_near_miss_for_a_good_option(tmp_path: Path) -> None:
    """A known option with a bad value, or a word like no verb, gets no guess."""
    write(tmp_path)
    for arguments in (
        ("check", "good.hosts", "--max-findings", "x"),
        ("frobnicate",),
        ("check", "good.hosts", "--zz"),
    ):
        assert "did you mean" not in dli_hosts(*arguments, cwd=tmp_path).err


def test_module_and_script_agree(tmp_path: Path) -> None:
    """`python -m importer` is `dli-hosts`: the same words, under the same name."""
    write(tmp_path)
    script = Path(sys.executable).with_name("dli-hosts")
    if not script.exists():
        pytest.skip("the script is not installed")
    for arguments in (("--version",), ("--help",), ("check", "bad.hosts"), ("chek",)):
        assert run_process([str(script), *arguments], tmp_path) == dli_hosts(*arguments, cwd=tmp_path)


@pytest.mark.parametrize("verb", ["check", "emit", "explain"])
def test_help(verb: str, tmp_path: Path) -> None:
    """The help of a verb goes to standard output and ends with an example of that verb."""
    outcome = dli_hosts(verb, "--help", cwd=tmp_path)
    assert outcome.err == ""
    assert outcome.out.startswith(f"usage: dli-hosts {verb} ")
    assert f"example: dli-hosts {verb} " in outcome.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh", "powershell"])
def test_completion(shell: str, tmp_path: Path) -> None:
    """The completion script of every shell knows every verb, and the options of one."""
    outcome = dli_hosts("completion", shell, cwd=tmp_path)
    assert (outcome.status, outcome.err) == (0, "")
    for word in (*VERBS, "on-conflict", "output-format"):
        assert word in outcome.out, word


@pytest.mark.parametrize("closed", [1, 2])
def test_closed_stream(closed: int, tmp_path: Path) -> None:
    """A stream that is closed from the start is no internal error and sends nothing to the other one."""
    write(tmp_path)
    outcome = dli_hosts("check", "bad.hosts", cwd=tmp_path, prepare=lambda: os.close(closed))
    assert "internal error" not in outcome.out + outcome.err
    if closed == 2:
        assert outcome.raw == dli_hosts("check", "bad.hosts", cwd=tmp_path).raw
        assert outcome.status == 1
    else:
        assert outcome.status in (1, 2)
        assert "N103" not in outcome.err
