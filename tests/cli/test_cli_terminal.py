"""The command and the world around it: colours, terminals, progress, signals."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from command import BAD, GOOD, PROGRAM, dli_hosts, environment
from terminal import dli_hosts_at_terminal

from importer.cli.main import main
from importer.cli.progress import Progress

MATRIX = list(product((None, "", "1"), (None, "1"), ("dumb", "xterm-256color"), (False, True)))


def test_colours(tmp_path: Path) -> None:
    """NO_COLOR forbids colours, FORCE_COLOR asks for them; else a terminal gets them unless it is dumb."""
    (tmp_path / "f").write_bytes(BAD)
    for no_color, force_color, term, at_terminal in MATRIX:
        named = {"NO_COLOR": no_color, "FORCE_COLOR": force_color, "TERM": term}
        env = {name: value for name, value in named.items() if value is not None}
        if at_terminal:
            outcome = dli_hosts_at_terminal("check", "f", cwd=tmp_path, stream="stdout", env=env)
        else:
            outcome = dli_hosts("check", "f", cwd=tmp_path, env=env)
        wanted = not no_color and bool(force_color or (at_terminal and term != "dumb"))
        assert (b"\x1b[" in outcome.raw) is wanted, (env, at_terminal)
        assert outcome.status == 1


def test_colours_change_no_text(tmp_path: Path) -> None:
    """Without its colours, the coloured report is the plain one."""
    (tmp_path / "f").write_bytes(BAD + b"10.20.0.11 kafka01\n10.20.0.99 kafka_1\n")
    plain = dli_hosts("check", "f", cwd=tmp_path).out
    painted = dli_hosts("check", "f", cwd=tmp_path, env={"FORCE_COLOR": "1"}).out
    for code in ("1;31", "1;33", "1", "31", "33", "34", "36", "0"):
        painted = painted.replace(f"\x1b[{code}m", "")
    assert painted == plain


def test_only_reports_are_coloured(tmp_path: Path) -> None:
    """JSON, emitted hosts and explanations have no colours, even at a terminal that has."""
    (tmp_path / "f").write_bytes(GOOD)
    env = {"FORCE_COLOR": "1", "TERM": "xterm"}
    for arguments in (
        ("check", "f", "--output-format", "json"),
        ("emit", "f", "--as", "hosts"),
        ("explain", "N103", "--output-format", "json"),
    ):
        outcome = dli_hosts_at_terminal(*arguments, cwd=tmp_path, stream="stdout", env=env)
        assert outcome.status == 0
        assert b"\x1b" not in outcome.raw


def test_report_of_a_refusal_follows_stderr(tmp_path: Path) -> None:
    """The report that `emit` writes on standard error is coloured if that is a terminal."""
    (tmp_path / "f").write_bytes(BAD)
    seen = dli_hosts_at_terminal(
        "emit", "f", "--as", "hosts", cwd=tmp_path, stream="stderr", env={"TERM": "xterm"}
    )
    assert (seen.status, seen.raw) == (1, b"")
    assert "\x1b[1;31mN103\x1b[0m" in seen.err
    assert "\x1b" not in dli_hosts("emit", "f", "--as", "hosts", cwd=tmp_path).err


END_OF_INPUT = b"\x04"
"""What Ctrl-D sends."""


@pytest.mark.parametrize(
    "typed", [b"10.20.0.11 kafka01\n10.20.0.12 kafka02\n", b"ip,name\n10.20.0.11,kafka01\n"]
)
def test_paste_into_a_terminal(typed: bytes, tmp_path: Path) -> None:
    """`-` at a terminal is a list that is typed or pasted, and ended with Ctrl-D."""
    piped = dli_hosts("emit", "-", "--as", "hosts", cwd=tmp_path, stdin=typed)
    pasted = dli_hosts_at_terminal(
        "emit", "-", "--as", "hosts", cwd=tmp_path, stream="stdin", typed=typed + END_OF_INPUT
    )
    assert (pasted.status, pasted.raw) == (0, piped.raw)
    assert pasted.raw.count(b"\n") == typed.count(b"kafka")


def test_nothing_is_pasted(tmp_path: Path) -> None:
    """Ctrl-D at once is an empty list."""
    outcome = dli_hosts_at_terminal("check", "-", cwd=tmp_path, stream="stdin", typed=END_OF_INPUT)
    assert outcome.status == 1
    assert "L402" in outcome.out


def test_short_run_at_a_terminal_has_no_bar(tmp_path: Path) -> None:
    """A run that is over at once leaves nothing on a terminal's standard error."""
    (tmp_path / "f").write_bytes(GOOD)
    seen = dli_hosts_at_terminal("check", "f", cwd=tmp_path, stream="stderr", env={"TERM": "xterm"})
    assert (seen.status, seen.err) == (0, "")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def monotonic(self) -> float:
        """The time that was set."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The progress display's own clock, set by hand."""
    hand = Clock()
    monkeypatch.setattr("importer.cli.progress.time", SimpleNamespace(monotonic=hand.monotonic))
    return hand


def test_progress_lines(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard error is no terminal, a line every 30 seconds tells how far it is, none before."""
    progress = Progress(4_000_000, quiet=False)
    for second in range(1, 76):
        clock.now = float(second)
        progress(10_000)
    progress.close()
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 2
    assert all(line.startswith("reading: ") and "4 MB" in line for line in err.splitlines())
    assert "\r" not in err


def test_progress_bar(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At a terminal a bar shows after half a second, on standard error, and is gone at the end."""
    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress(4_000_000, quiet=False)
    clock.now = 0.4
    progress(1_000_000)
    assert screen.getvalue() == ""
    clock.now = 0.6
    progress(1_000_000)
    assert "reading" in screen.getvalue()
    progress.close()
    assert screen.getvalue().endswith("\r")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_no_progress_when_quiet(
    stream: type[io.StringIO], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-q` shows neither a bar nor a line, however long it takes."""
    screen = stream()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress(4_000_000, quiet=True)
    clock.now = 3600.0
    progress(1_000_000)
    progress.close()
    assert screen.getvalue() == ""


def hear_interrupts() -> None:
    """A test run in the background may have been told to ignore them, and its children would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def opened_by(process: subprocess.Popen[bytes], pipe: Path) -> int:
    """The writing end of a named pipe, to be had as soon as the process has opened the other one."""
    while process.poll() is None:
        with contextlib.suppress(OSError):
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    raise AssertionError(f"the command ended with {process.returncode} before it read {pipe}")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
@pytest.mark.parametrize("arguments", [("check", "pipe"), ("emit", "pipe", "--as", "hosts", "-o", "out")])
def test_signal_while_reading(
    arguments: tuple[str, ...], number: signal.Signals, status: int, tmp_path: Path
) -> None:
    """A signal ends a run that waits for input with one line, its status, and no file half written."""
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=hear_interrupts,
    ) as process:
        pipe = opened_by(process, tmp_path / "pipe")
        os.write(pipe, GOOD)
        process.send_signal(number)
        out, err = process.communicate(timeout=300)
        os.close(pipe)
    assert process.returncode == status
    assert out == b""
    assert len(err.splitlines()) == 1
    assert err.startswith(b"dli-hosts: ")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_signal_while_reading_stdin(number: signal.Signals, status: int, tmp_path: Path) -> None:
    """The same holds for standard input, once more was read of it than a pipe holds."""
    with subprocess.Popen(
        [*PROGRAM, "check", "-"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=hear_interrupts,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(GOOD * 100_000)
        process.stdin.flush()
        process.send_signal(number)
        err = process.stderr.read()
        out = process.stdout.read()
        process.stdin.close()
    assert (process.returncode, out) == (status, b"")
    assert len(err.splitlines()) == 1
    assert b"Traceback" not in err


def test_nothing_hostile_reaches_a_terminal(tmp_path: Path) -> None:
    """No escape sequence, control character or bidi mark of a list or a file name is written as such."""
    name = "f\x1b[2J\u202e"
    text = "10.20.0.1 a\x1b[31mb\n10.20.0.2 c\u202ed\n10.20.0.3 e\x9bf\n10.20.0.4\x07 g\n# \x1b\n"
    text += "10.20.0.5 _h \x1b]0;t\x07\n"
    (tmp_path / name).write_bytes(text.encode() + b"10.20.0.6 i\x9bj\n10.20.0.7 \xe2\x80\xa8k\n")
    shown = dli_hosts("check", name, "--max-findings", "0", "-v", cwd=tmp_path).out
    assert "N104" in shown
    refused = dli_hosts("check", name, "--from", "csv", cwd=tmp_path).err
    assert refused != ""
    for text in (shown, refused):
        assert all(c.isprintable() or c == "\n" for c in text), [c for c in text if not c.isprintable()]


def test_json_at_a_terminal(tmp_path: Path) -> None:
    """JSON at a terminal is the JSON of a pipe."""
    (tmp_path / "f").write_bytes(BAD)
    arguments = ("check", "f", "--output-format", "json")
    seen = dli_hosts_at_terminal(*arguments, cwd=tmp_path, stream="stdout", env={"TERM": "xterm"})
    assert json.loads(seen.raw) == json.loads(dli_hosts(*arguments, cwd=tmp_path).raw)


def test_another_encoding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal gets its own encoding; anything else gets UTF-8 (see `test_output_is_utf8_with_lf`)."""
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="gbk")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["explain", "N101", "--lang", "zh"]) == 0
    assert "级别：错误" in raw.getvalue().decode("gbk")
    assert capsys.readouterr().err == ""
