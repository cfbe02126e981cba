"""A file that is read is never written, by whatever option, variable or default it is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import BAD, GOOD, PROGRAM, ROOT, environment
from submitting import CONNECTION

from importer.cli.main import main
from importer.errors import UsageError
from importer.sending.journal import journal_path, open_journal
from importer.system import atomic_file, clear_parts, note_read, remembering_reads, was_read

PROFILE = "[basic]\nak = AKAKAKAKAKAKAKAKAKAK\nsk = SKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSK\n"
KEPT = ("credentials", "certificates", "folder/certificate.pem", "home/.huaweicloud/credentials")


def around(folder: Path) -> dict[str, str]:
    """An environment that names files to be read, and these files."""
    for name in KEPT:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PROFILE)
    (folder / "good.hosts").write_bytes(GOOD)
    return {
        "HOME": str(folder / "home"),
        "HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(folder / "credentials"),
        "REQUESTS_CA_BUNDLE": str(folder / "certificates"),
        "SSL_CERT_FILE": str(folder / "folder"),
    }


WRITERS = (
    ("plan", "good.hosts", *CONNECTION, "-o"),
    ("check", "good.hosts", "-o"),
    ("emit", "good.hosts", "--as", "hosts", "-o"),
    ("emit", "good.hosts", "--as", "request", *CONNECTION, "-o"),
)


LINKED = ("", "symbolic", "hard")
CASES = [(WRITERS[i % 4], KEPT[(i + i // 4) % 4], LINKED[i % 3]) for i in range(12)]


@pytest.mark.parametrize(("command", "name", "linked"), CASES, ids=lambda part: str(part[:4]))
def test_what_the_environment_names(
    command: tuple[str, ...],
    name: str,
    linked: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Credentials and certificates are spared by each verb that writes, under any name of theirs."""
    for variable, value in around(tmp_path).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)
    target = name
    if linked:
        target = "link"
        (os.symlink if linked == "symbolic" else os.link)(name, target)
    assert main([*command, target]) == 2
    assert f"-o {target}: holds credentials or certificates" in capsys.readouterr().err
    assert (tmp_path / name).read_text() == PROFILE


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: " ".join(command[:4]))
@pytest.mark.parametrize("place", ["here", "state folder"])
def test_no_journal_is_replaced(
    command: tuple[str, ...],
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A journal is spared wherever it lies, whether this run looks into it or not."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = Path("kept") if place == "here" else journal_path("https://dli.example.com", "p")
    with open_journal(path, endpoint="https://dli.example.com", project_id="p", now=lambda: 0.0):
        before = path.read_bytes()
    assert before
    assert main([*command, str(path)]) == 2
    assert f"-o {path}: is a journal, without which nobody knows what" in capsys.readouterr().err
    assert path.read_bytes() == before


def write_while_reading(source: Path, target: Path) -> None:
    """Write a file, and read another one meanwhile."""
    with atomic_file(target) as file:
        file.write(b"x")
        note_read(source)


@pytest.mark.parametrize("early", [True, False])
def test_whatever_was_opened(early: bool, tmp_path: Path) -> None:
    """The last look is at device and inode of every file that the run has read, even while it writes."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(GOOD)
    os.link(source, target)
    with remembering_reads():
        if early:
            note_read(source)
        with pytest.raises(UsageError, match="is one of the inputs"):
            write_while_reading(source, target)
        assert was_read(target)
    assert not was_read(target)
    assert source.read_bytes() == target.read_bytes() == GOOD
    assert sorted(os.listdir(tmp_path)) == ["source", "target"]
    with atomic_file(target) as file:
        file.write(b"x")
    assert target.read_bytes() == b"x"


def test_every_file_that_is_opened_is_remembered() -> None:
    """No module opens a file to read it without saying so."""
    allowed = {"system.py", "sending/journal.py", "cli/inputs.py", "cli/console.py", "sandbox/store.py"}
    allowed |= {"repairing/fixing.py"}  # which opens again what was read
    for path in (ROOT / "importer").rglob("*.py"):
        text = path.read_text("utf-8")
        if path.relative_to(ROOT / "importer").as_posix() not in allowed:
            opened = text.count(' open(path, "rb")') + text.count(" open(name, ")
            assert opened == text.count("note_read(file.fileno())"), path


def test_a_list_that_is_appended_to(tmp_path: Path) -> None:
    """Nor is anything added to a list that is read, where standard output leads into it."""
    (tmp_path / "list").write_bytes(GOOD)
    with (tmp_path / "list").open("ab") as stdout:
        done = subprocess.run(
            [*PROGRAM, "emit", "list", "--as", "hosts"],
            cwd=tmp_path,
            env=environment(),
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 2
    assert b"standard output is one of the inputs" in done.stderr
    assert (tmp_path / "list").read_bytes() == GOOD


@pytest.mark.parametrize("option", ["--journal", "--data"])
def test_an_empty_list_that_a_run_would_fill(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty list among the inputs does not become a journal, nor the file of a sandbox."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    (tmp_path / "empty.hosts").write_bytes(b"")
    (tmp_path / "credentials").write_text(PROFILE)
    monkeypatch.chdir(tmp_path)
    account = ("--endpoint", "http://127.0.0.1:9", "--project-id", "p", "--credentials", "credentials")
    way = account if option == "--journal" else ("--sandbox",)
    assert main(["submit", "good.hosts", "empty.hosts", *CONNECTION, *way, option, "empty.hosts"]) == 2
    assert f"{option} empty.hosts: is one of the inputs" in capsys.readouterr().err
    assert (tmp_path / "empty.hosts").read_bytes() == b""
    assert sorted(os.listdir(tmp_path)) == ["credentials", "empty.hosts", "good.hosts"]


HELD = """
import sys, time
from pathlib import Path
from importer.system import atomic_file
with atomic_file(Path(sys.argv[1])) as file:
    file.write(b"x")
    file.flush()
    print("here", flush=True)
    time.sleep(600)
"""


def test_parts_that_a_kill_leaves(tmp_path: Path) -> None:
    """The next run clears away what a killed one left, and nothing that is being written or is another's."""
    held = [sys.executable, "-c", HELD, "target"]
    with subprocess.Popen(held, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE) as alive:
        assert alive.stdout is not None
        assert alive.stdout.readline() == b"here\n"
        (mine,) = os.listdir(tmp_path)
        with subprocess.Popen(held, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE) as killed:
            assert killed.stdout is not None
            assert killed.stdout.readline() == b"here\n"
            killed.send_signal(signal.SIGKILL)
        (tmp_path / ".dli-hosts-other").write_bytes(b"")
        (tmp_path / ".dli-hosts-link.part").symlink_to("good.hosts")
        os.mkfifo(tmp_path / ".dli-hosts-pipe.part")
        (tmp_path / "good.hosts").write_bytes(BAD)
        kept = {mine, ".dli-hosts-other", ".dli-hosts-link.part", ".dli-hosts-pipe.part", "good.hosts"}
        assert len(os.listdir(tmp_path)) == len(kept) + 1
        with atomic_file(tmp_path / "target") as file:
            file.write(b"y")
        assert set(os.listdir(tmp_path)) == kept | {"target"}
        alive.send_signal(signal.SIGKILL)
    clear_parts(tmp_path)
    assert set(os.listdir(tmp_path)) == (kept | {"target"}) - {mine}
    clear_parts(tmp_path / "missing")
