"""What could not work and was an internal error, or was not told at all, is told."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from command import GOOD, PROGRAM, environment
from submitting import CONNECTION
from table_damage import records_of

from importer import InputError, check, read
from importer.calling.credentials import find_credentials
from importer.checking.threads import in_order
from importer.cli.main import main
from importer.errors import CredentialsError
from importer.sandbox.serve import start
from importer.sending.journal import open_journal

Says = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, home and place of the state folder, with a good list."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def not_readable(path: Path) -> None:
    """A link to itself: what is behind it nobody can read, not even an administrator."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path)


def journal(path: Path) -> None:
    """A journal in which nothing happened."""
    with open_journal(path, endpoint="https://dli.example.com", project_id="p", now=lambda: 0.0):
        pass


# -- folders


def test_credentials_that_cannot_be_looked_for(folder: Path) -> None:
    """That there are no credentials is said only where that is known."""
    with pytest.raises(CredentialsError, match="no credentials are given"):
        find_credentials({}, folder, loopback=False)
    (folder / ".huaweicloud").write_bytes(b"")  # a file, so that there is nothing in it
    with pytest.raises(CredentialsError, match="no credentials are given"):
        find_credentials({}, folder, loopback=False)
    (folder / ".huaweicloud").unlink()
    not_readable(folder / ".huaweicloud")
    with pytest.raises(CredentialsError, match=r"credentials cannot be read: Too many levels"):
        find_credentials({}, folder, loopback=False)


def test_a_state_folder_that_cannot_be_read(folder: Path, capsys: Says) -> None:
    """It is not said that nothing was submitted where that is not known."""
    assert main(["status"]) == 0
    assert "no journal in " in capsys.readouterr().out
    not_readable(folder / "state" / "dli-hosts" / "journals")
    assert main(["status"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "the folder cannot be read: Too many levels" in told.err


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("check", "{}/good.hosts"), 0, "ready: 2"),
        (("check", "good.hosts"), 2, "no such file"),
        (("check", "{}/good.hosts", "-o", "report"), 2, "-o report: cannot be written: No such file"),
        (("check", "{}/good.hosts", "--report", "json=x"), 2, "--report json=x: cannot be written: No such"),
        (("emit", "{}/good.hosts", "--as", "hosts", "-o", "x"), 2, "-o x: cannot be written"),
        (("plan", "{}/good.hosts", *CONNECTION, "-o", "x"), 2, "-o x: cannot be written"),
        (("plan", "{}/good.hosts", *CONNECTION), 0, "create: mrs"),
        (("plan", "jobs.toml"), 2, "jobs.toml: cannot be read"),
        (("status",), 0, "no journal in "),
    ],
)
def test_a_working_folder_that_is_gone(
    arguments: tuple[str, ...],
    status: int,
    words: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Says,
) -> None:
    """What needs no folder works, and everything else is told."""
    (folder / "gone").mkdir()
    monkeypatch.chdir(folder / "gone")
    (folder / "gone").rmdir()
    assert main([part.format(folder) for part in arguments]) == status
    told = capsys.readouterr()
    assert words in told.out + told.err
    assert "internal error" not in told.err
    monkeypatch.chdir(folder)


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", "good.hosts", *CONNECTION, "--sandbox", "--data", ""),
        ("sandbox", "--data", ""),
        ("submit", "good.hosts", *CONNECTION, "--journal", ""),
        ("plan", "good.hosts", *CONNECTION, "--online", "--journal", ""),
    ],
)
def test_the_name_of_no_file(arguments: tuple[str, ...], folder: Path, capsys: Says) -> None:
    """An empty name, as a shell makes of a variable that is not set, is told, and is no default."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 2
    assert f"argument {arguments[-2]}: names no file" in capsys.readouterr().err
    assert os.listdir(folder) == ["good.hosts"]


# -- journals


@pytest.mark.parametrize("content", [GOOD, b"ip,name\n10.0.0.1,a\n", b"\n", b"12345678901 ", b"{}"])
def test_a_list_named_as_the_journal(content: bytes, folder: Path, capsys: Says) -> None:
    """It is refused, it stays as it is, and no lock file lies beside it."""
    (folder / "list").write_bytes(content)
    keys = ("--endpoint", "http://127.0.0.1:9", "--project-id", "p", "--credentials", "keys")
    (folder / "keys").write_text("[basic]\nak = AKAKAKAKAKAKAKAKAKAK\nsk = SKSKSKSKSKSKSKSKSKSK\n")
    assert main(["submit", "good.hosts", *CONNECTION, *keys, "--journal", "list"]) == 2
    assert "journal list: is not a journal that this version can read" in capsys.readouterr().err
    assert sorted(os.listdir(folder)) == ["good.hosts", "keys", "list"]
    assert (folder / "list").read_bytes() == content


@pytest.mark.parametrize("cut", [0, 1, 3, 4, 20, 21, 40])
def test_a_journal_whose_first_line_was_torn(cut: int, folder: Path) -> None:
    """Whatever an interrupted first write has left is still a journal."""
    journal(folder / "a.journal")
    (folder / "a.journal").write_bytes((folder / "a.journal").read_bytes()[:cut])
    journal(folder / "a.journal")


def test_one_bad_journal(folder: Path, capsys: Says) -> None:
    """It is told, and hides no other one."""
    journals = folder / "state" / "dli-hosts" / "journals"
    journal(journals / "a.journal")
    journal(journals / "c.journal")
    (journals / "b.journal").write_bytes(GOOD)
    assert main(["status"]) == 2
    told = capsys.readouterr()
    assert told.out.count("https://dli.example.com, project p") == 2
    assert f"journal {journals / 'b.journal'}: is not a journal that this version can read" in told.err
    assert main(["status", "--output-format", "json"]) == 2
    body = json.loads(capsys.readouterr().out)
    assert [Path(one["path"]).name for one in body["journals"]] == ["a.journal", "c.journal"]
    assert [Path(one["path"]).name for one in body["unreadable"]] == ["b.journal"]
    (journals / "b.journal").unlink()
    assert main(["status"]) == 0


# -- the sandbox


def test_data_in_a_file_that_databases_take_for_memory(folder: Path) -> None:
    """`:memory:` is a file like any other: a second sandbox finds what the first one kept."""
    keys = []
    for _ in range(2):
        with start(data=":memory:") as sandbox:
            keys.append((sandbox.access_key, sandbox.secret_key))
    assert keys[0] == keys[1]
    assert (folder / ":memory:").stat().st_size


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
def test_no_journal_is_named_that_is_gone(folder: Path) -> None:
    """Where the sandbox of a run keeps nothing, nobody is told to look into its journal."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, "submit", "good.hosts", *CONNECTION, "--sandbox"],
            cwd=folder,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "  = help: check where it goes; nothing of its sandbox is left"


# -- reading


@pytest.mark.parametrize("size", [1, 7, 64, 1 << 20])
def test_line_ends_whatever_the_size_of_a_block(size: int, tmp_path: Path) -> None:
    """That the lines end with a lone CR is said of a line in which there is one."""
    windows = b"10.0.0.1 a\r\n" * 50 + b"x" * 200 + b"\r\n" + b"10.0.0.2 b\r\n" * 50
    mac = b"10.0.0.1 a\r\n" * 50 + b"10.0.0.2 b\r" * 50
    for content, said in ((windows, False), (mac, True)):
        (tmp_path / "list").write_bytes(content)
        with pytest.raises(InputError, match="line 51 is longer than 100 bytes") as told:
            check(read(str(tmp_path / "list"), syntax="hosts", max_line=100, block_size=size))
        assert ("lone CR" in told.value.hint) is said


def test_what_is_read_is_what_is_there(tmp_path: Path) -> None:
    """The helper of the tests of damage pairs names with the addresses of their lines."""
    (tmp_path / "list").write_bytes(b"10.0.0.1 a b\n10.0.0.2 c\n")
    assert records_of(tmp_path / "list") == [
        (1, b"10.0.0.1", b"a"),
        (1, b"10.0.0.1", b"b"),
        (2, b"10.0.0.2", b"c"),
    ]


# -- runs at the same time


def test_threads_take_turns_as_before() -> None:
    """However runs overlap, the interval of the interpreter is the old one when all have ended."""
    before = sys.getswitchinterval()
    pieces: Callable[[], list[Callable[[], int]]] = lambda: [lambda: 1] * 9  # noqa: E731
    for ends in ((0, 1), (1, 0)):
        runs = [in_order(iter(pieces()), 2) for _ in range(2)]
        for one in runs:
            for _ in range(5):
                assert next(one) == 1
        assert sys.getswitchinterval() < before
        for number in ends:
            assert sum(runs[number]) == 4
        assert sys.getswitchinterval() == before
    threads = [threading.Thread(target=lambda: sum(in_order(iter(pieces()), 2))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sys.getswitchinterval() == before


class Panic(BaseException):
    """What a library in Rust raises where it gives up."""

    __module__ = "pyo3_runtime"


def test_a_library_that_panics(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Says) -> None:
    """What is not even an Exception is told, too; what ends the program is let through."""
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"ip": ["10.0.0.1"], "name": ["a"]}), folder / "list")

    def panics(*_: object, **__: object) -> None:
        raise Panic("at no place")

    with monkeypatch.context() as patch:
        patch.setattr(pyarrow.parquet, "ParquetFile", panics)
        with pytest.raises(InputError, match="a Parquet file that cannot be read: at no place"):
            check(read(str(folder / "list")))
    with monkeypatch.context() as patch:
        patch.setattr(io, "BufferedReader", panics)
        assert main(["check", "good.hosts"]) == 2
    assert "internal error: Panic: at no place" in capsys.readouterr().err
