"""`fix` as users run it: what it writes, what it says, what it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command import assert_cannot_work, dli_hosts, run_process

from importer.cli.main import main

FAULTY = (
    "10.0.0.1/24 a\r\n# kept\r\n10.0.0.2 b. c\r\n10.0.0.0/24 d\r\n\uff11\uff10.0.0.3\u3000e\r\n10.0.0.2 c"
)
REPAIRED = "10.0.0.1 a\r\n# kept\r\n10.0.0.2 b c\r\n10.0.0.0/24 d\r\n10.0.0.3 e\r\n10.0.0.2 c"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a list that has faults."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.hosts").write_bytes(FAULTY.encode())
    return tmp_path


def test_diff(folder: Path) -> None:
    """Without a target, the diff is shown, nothing is written, and the status says that there are repairs."""
    outcome = dli_hosts("fix", "f.hosts", "-v", cwd=folder)
    assert outcome.status == 3
    assert outcome.raw.decode().split("\n") == [
        "--- f.hosts",
        "+++ f.hosts",
        "@@ -1,6 +1,6 @@",
        "-10.0.0.1/24 a\r",
        "+10.0.0.1 a\r",
        " # kept\r",
        "-10.0.0.2 b. c\r",
        "+10.0.0.2 b c\r",
        " 10.0.0.0/24 d\r",
        "-\uff11\uff10.0.0.3\u3000e\r",
        "+10.0.0.3 e\r",
        " 10.0.0.2 c",
        "\\ No newline at end of file",
        "",
    ]
    assert outcome.err.splitlines() == [
        "f.hosts:1:1: A206 '10.0.0.1/24' -> '10.0.0.1': a network mask",
        "f.hosts:3:10: N110 'b.' -> 'b': a dot at the end of the name",
        "f.hosts:5:1: A202 '\uff11\uff10.0.0.3\\u3000e' -> '10.0.0.3 e': "
        "a blank that is not a space, such as a no-break space, full-width characters",
        "  A202 address-not-ipv4   1 repaired",
        "  A206 address-suffix     1 repaired, 1 left (only you know what is meant)",
        "  N110 name-trailing-dot  1 repaired",
        "3 findings in 3 lines can be repaired; to do it: dli-hosts fix --in-place f.hosts",
    ]
    assert os.listdir(folder) == ["f.hosts"]
    patched = run_process(["patch", "--binary", "-s", "-p0"], folder, stdin=outcome.raw)
    assert patched.status == 0
    assert (folder / "f.hosts").read_bytes() == REPAIRED.encode()


def test_in_place(folder: Path) -> None:
    """The file is replaced, and kept beside it; a second run has nothing to do and touches neither."""
    (folder / "f.hosts").chmod(0o640)
    assert main(["fix", "f.hosts", "--in-place"]) == 1
    assert (folder / "f.hosts").read_bytes() == REPAIRED.encode()
    assert (folder / "f.hosts~").read_bytes() == FAULTY.encode()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o640}
    before = {path: path.stat() for path in folder.iterdir()}
    assert main(["fix", "f.hosts", "--in-place"]) == 1
    assert main(["fix", "f.hosts"]) == 1
    assert {path: path.stat() for path in folder.iterdir()} == before


def test_to_another_file(folder: Path) -> None:
    """`-o` writes a new file and leaves the list alone; `--select` repairs findings of one rule."""
    assert main(["fix", "f.hosts", "-o", "new", "--select", "name-trailing-dot"]) == 1
    assert (folder / "new").read_bytes() == FAULTY.replace("b.", "b").encode()
    assert (folder / "f.hosts").read_bytes() == FAULTY.encode()


def test_clean_after_repair(folder: Path) -> None:
    """Where all is repaired the status is 0."""
    (folder / "g.hosts").write_bytes(b"10.0.0.1/32 a\n10.0.0.1 b\n")
    assert main(["fix", "g.hosts", "-q", "--in-place"]) == 0
    assert main(["fix", "g.hosts", "-q", "--diff"]) == 0


def test_unsafe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What could be wrong is repaired only where that is asked for, and told."""
    (folder / "u.hosts").write_bytes(b'1O.0.0.l a\n10.0.0.2 "b"\n')
    assert main(["fix", "u.hosts"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "  A202 address-not-ipv4    1 left (1: with --unsafe)",
        "  N104 name-bad-character  1 left (1: with --unsafe)",
        "nothing to repair; next: dli-hosts check u.hosts",
    ]
    assert main(["fix", "u.hosts", "--unsafe", "-o", "new"]) == 0
    assert (folder / "new").read_bytes() == b"10.0.0.1 a\n10.0.0.2 b\n"


def test_held_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A repair that would take the place of a ready host is not made, and that is told."""
    (folder / "h.hosts").write_bytes(b"10.0.0.1/24 a b.\n10.0.0.2 a\n")
    assert main(["fix", "h.hosts", "-o", "new"]) == 1
    assert (folder / "new").read_bytes() == b"10.0.0.1/24 a b\n10.0.0.2 a\n"
    assert "A206 address-suffix     1 left (1: the name is ready on another line)" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_encodings(encoding: str, folder: Path) -> None:
    """A file is written in the encoding that it has, byte-order mark or none."""
    text = "IP\u5730\u5740,\u4e3b\u673a\u540d,\r\n10.0.0.1/24,a,\u5317\r\n\uff11\uff10.0.0.2,b\u3002,y\n"
    (folder / "c.csv").write_bytes(text.encode(encoding))
    given = ["--encoding", encoding] if encoding.endswith(("le", "be")) else []
    assert main(["fix", "c.csv", "--in-place", *given]) == 0
    expected = text.replace("/24", "").replace("\uff11\uff10", "10").replace("\u3002", "")
    assert (folder / "c.csv").read_bytes() == expected.encode(encoding)


def test_rows_that_repeat(folder: Path) -> None:
    """A row goes only where all of it is there already; other columns and comments are not lost."""
    rows = b"ip,name,rack\n10.0.0.1,a,1\n10.0.0.1,a,2\n10.0.0.1,a,1\n10.0.0.1/24,a,2\n"
    (folder / "c.csv").write_bytes(rows)
    assert main(["fix", "c.csv", "-o", "new"]) == 0
    assert (folder / "new").read_bytes() == rows[: rows.index(b"2\n") + 2]
    lines = b"10.0.0.1 a # x\n10.0.0.1 a\n10.0.0.1 a\n10.0.0.1\ta\n10.0.0.1 a # x\n"
    (folder / "h.hosts").write_bytes(lines)
    assert main(["fix", "h.hosts", "-o", "new2"]) == 0
    assert (folder / "new2").read_bytes() == b"10.0.0.1 a # x\n10.0.0.1 a\n10.0.0.1\ta\n"


def test_jobs_file(folder: Path) -> None:
    """All lists of a jobs file are repaired, each under its own options, a shared one once."""
    (folder / "g.hosts").write_bytes(b"10.0.0.9:80 g.\n")
    (folder / "jobs.toml").write_text(
        '[defaults]\nvpc = "v"\nsubnet = "s"\n[[connection]]\nname = "one"\nfiles = ["f.hosts", "g.hosts"]\n'
        '[[connection]]\nname = "two"\nfiles = ["g.hosts"]\n[connection.check]\nkeep_trailing_dot = true\n'
    )
    assert main(["fix", "jobs.toml", "-q"]) == 3
    assert main(["fix", "jobs.toml", "-q", "--in-place"]) == 1
    assert (folder / "f.hosts").read_bytes() == REPAIRED.encode()
    assert (folder / "g.hosts").read_bytes() == b"10.0.0.9 g\n"


def test_refused_files(folder: Path) -> None:
    """What cannot be edited is refused at once, and nothing is written."""
    import gzip

    (folder / "f.gz").write_bytes(gzip.compress(b"10.0.0.1 a\n"))
    (folder / "w.xlsx").write_bytes(b"PK\x03\x04" + bytes(30))
    (folder / "link").symlink_to("f.hosts")
    (folder / "r.hosts").write_bytes(FAULTY.encode())
    (folder / "r.hosts").chmod(0o444)
    (folder / "one").write_bytes(FAULTY.encode())
    (folder / "two").hardlink_to(folder / "one")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for arguments, words in (
        (["f.gz"], ["f.gz", "gzip", "emit f.gz --as csv"]),
        (["w.xlsx"], ["w.xlsx", "xlsx", "emit"]),
        (["link", "--in-place"], ["link"]),
        (["r.hosts", "--in-place"], ["read-only"]),
        (["one", "--in-place"], ["hard links"]),
        (["-"], ["standard input"]),
        (["f.hosts", "./f.hosts"], ["twice"]),
        (["f.hosts", "r.hosts", "-o", "new"], ["one list"]),
        (["f.hosts", "-o", "f.hosts"], ["one of the inputs"]),
        (["f.hosts", "-o", "new", "--in-place"], ["exclude"]),
        (["f.hosts", "--select", "X9"], ["no such rule"]),
        (["missing"], ["no such file"]),
        (["f.hosts", "-o", "no/new"], ["no/new"]),
    ):
        assert_cannot_work(dli_hosts("fix", *arguments, cwd=folder), *words)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_rejects(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is still refused moves to another file with its codes; both files together hold every record."""
    (folder / "r.hosts").write_bytes(
        b"\xef\xbb\xbf10.0.0.1 a 9x b # c\r\n10.0.0.0/24 d # rack\r\n10.0.0.7/24 e. 8y\r\n"
        b"10.0.0.8 a\n10.0.0.9 f;g"
    )
    assert main(["fix", "r.hosts", "--in-place", "--rejects", "rejects"]) == 0
    assert (folder / "r.hosts").read_bytes() == b"\xef\xbb\xbf10.0.0.1 a b # c\r\n10.0.0.7 e\r\n"
    assert (folder / "rejects").read_bytes() == (
        b"\xef\xbb\xbf10.0.0.1 9x # N103\r\n10.0.0.0/24 d # rack # A206\r\n10.0.0.7 8y # N103\r\n"
        b"10.0.0.8 a # D303\n10.0.0.9 f;g # N104\n"
    )
    assert (folder / "r.hosts~").exists()
    assert "5 lines moved to rejects" in capsys.readouterr().err
    assert main(["check", "r.hosts", "-q"]) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_rejected_rows(encoding: str, folder: Path) -> None:
    """Rejects of delimited text have its header and its encoding; a row of several lines stays."""
    rows = ["\u4e3b\u673a\u540d,IP\u5730\u5740,x\r\n", "9x,10.0.0.1,y\r\n", "b,10.0.0.2/24,y\n"]
    rows += ['c,10.0.0.3,"z\nz"\n', '9z,10.0.0.4,"z\nz"\n', ",10.0.0.5,y\n", "c,10.0.0.6,\n"]
    (folder / "c.csv").write_bytes("".join(rows).encode(encoding))
    assert main(["fix", "c.csv", "-q", "-o", "new", "--rejects", "rejects"]) == 1
    kept = "".join([rows[0], "b,10.0.0.2,y\n", *rows[3:5]])
    assert (folder / "new").read_bytes().decode(encoding) == kept
    assert (folder / "rejects").read_bytes().decode(encoding) == "".join([rows[0], rows[1], *rows[5:]])


def test_digit_prefix(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that begin with a digit get a prefix where that is asked for, and both names are written down."""
    (folder / "p.csv").write_bytes(
        b"name,ip\n9x,10.0.0.1\n8y.,10.0.0.2\n10.0.0.9,10.0.0.3\n7z,10.0.0.4\nh-7z,10.0.0.5\n"
    )
    assert main(["fix", "p.csv", "-o", "new", "--digit-prefix", "h-"]) == 1
    assert (folder / "new").read_bytes() == (
        b"name,ip\nh-9x,10.0.0.1\nh-8y,10.0.0.2\n10.0.0.9,10.0.0.3\n7z,10.0.0.4\nh-7z,10.0.0.5\n"
    )
    assert (folder / "new.names.csv").read_text() == "old,new\n9x,h-9x\n8y.,h-8y\n"
    assert "warning: clients must ask for the new names" in capsys.readouterr().err
    assert main(["fix", "p.csv", "--digit-prefix", "9h"]) == 2
