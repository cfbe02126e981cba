"""Input that was made to harm: each case once broke, leaked or stalled something."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from command import dli_hosts

from importer import Connection, ConnectionInvalid, InputError, check, read
from importer.columns.index import AddressIndex
from importer.planning.connection import connection_from_file


@pytest.mark.parametrize(
    ("encoding", "letter"), [("utf-16", "host"), ("utf-32", "host"), ("gb18030", "host"), ("cp874", "# ก")]
)
def test_decoded_text_longer_than_a_block(encoding: str, letter: str, tmp_path: Path) -> None:
    """Text that grows when it is decoded is cut into blocks without losing or inventing a record."""
    lines = [f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255} h{i} # {letter}\n" for i in range(60_000)]
    path = tmp_path / "list"
    path.write_bytes("".join(lines).encode(encoding))
    report = check(read(str(path), encoding="" if encoding == "utf-16" else encoding), split=True).report
    assert report.totals.ready == 60_000
    assert report.totals.lines == 60_000


def test_a_pipe_that_does_not_wait(tmp_path: Path) -> None:
    """A pipe left not blocking is read to its end, not to its first pause."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    process = subprocess.Popen(
        [sys.executable, "-m", "importer", "emit", "-", "--as", "hosts"],
        stdin=reader,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    paused = threading.Event()

    def feed() -> None:
        os.write(writer, b"10.0.0.1 a\n10.0.0.2 b\n")
        paused.wait(1.0)
        os.write(writer, b"10.0.0.3 c\n")
        os.close(writer)

    threading.Thread(target=feed).start()
    out, _ = process.communicate(timeout=60)
    os.close(reader)
    assert (process.returncode, out) == (0, b"10.0.0.1 a\n10.0.0.2 b\n10.0.0.3 c\n")


def test_buckets_of_addresses_are_secret() -> None:
    """Two runs put the same addresses into different buckets, so that none can be aimed at."""
    address = np.arange(1, 1000, dtype=np.uint32)
    one, other = (AddressIndex() for _ in range(2))
    assert (one._spread(address) != other._spread(address)).any()
    assert one.add_addresses(address)[0].tolist() == other.add_addresses(address)[0].tolist()


@pytest.mark.parametrize(
    "text",
    [
        b"pw,name,ip\nx,a!,10.0.0.1\rSecr3t,b,10.0.0.2\n",
        b"password,ip,name\nSecr3t,10.0.0.1,a\rSecr3t,10.0.0.2,b!\rSecr3t,10.0.0.3,c\n",
        b'password,ip,name\n"Secr3t",10.0.0.1,a!\n"Secr3t\nSecr3t",10.0.0.2,b!\n',
        b"vm,web01,Secr3t\nvm,web02,Secr3t\n",
        b"web01,Secr3t\nweb02,Secr3t\n",
        b"ip,name,password\n10.0.0.1,a,Secr3t\xff\n10.0.0.2\n10.0.0.3,c,Secr3t,x\n",
    ],
)
def test_cells_of_other_columns_stay_unseen(text: bytes, tmp_path: Path) -> None:
    """No cell but the name and the address is ever shown, in no report and in no error."""
    (tmp_path / "list.csv").write_bytes(text)
    for form in ("text", "json"):
        outcome = dli_hosts("check", "list.csv", "-v", "--output-format", form, cwd=tmp_path)
        assert "Secr3t" not in outcome.out + outcome.err


def test_many_findings_on_one_long_line(tmp_path: Path) -> None:
    """Every finding of a long line is shown with a short stretch of it."""
    (tmp_path / "list").write_bytes(b"10.0.0.1 " + b"_ " * 20_000 + b"\n")
    outcome = dli_hosts("check", "list", "--max-findings", "0", cwd=tmp_path)
    assert outcome.out.count("N103 list:1:") == 20_000
    assert max(map(len, outcome.out.splitlines())) < 250


@pytest.mark.parametrize("codec", ["utf-7", "unicode_escape", "utf-16"])
def test_a_codec_that_fails(codec: str, tmp_path: Path) -> None:
    """A codec that yields what is no text stops the run with an error that names it."""
    path = tmp_path / "list"
    path.write_bytes(b"10.0.0.1 a # +2AA- \\ud800\n")
    with pytest.raises(InputError, match="cannot be read as"):
        check(read(str(path), encoding=codec))


@pytest.mark.parametrize(
    "text", ["name = " + "[" * 100_000, "name = " + "9" * 5_000, "name = '\udcff'", "#" * 2_000_000]
)
def test_a_connection_file_that_is_none(text: str, tmp_path: Path) -> None:
    """A connection file that cannot be parsed is an error, however it fails."""
    path = tmp_path / "connection.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConnectionInvalid):
        connection_from_file(str(path))


@pytest.mark.parametrize("text", ["\u202e", "a\x1b[31m", "a\u2028", "\x9b"])
def test_no_unseen_character_in_a_connection(text: str) -> None:
    """An ID with a character that cannot be seen was not meant."""
    for field in ("vpc", "subnet", "route_table"):
        with pytest.raises(ConnectionInvalid, match="cannot be seen"):
            Connection(**({"name": "a", "vpc": "v", "subnet": "s"} | {field: text}))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--max-findings", "9" * 20),
        ("--delimiter", "\udcff"),
        ("--from", "csv", "--ip-column", "9" * 5_000),
        ("--foo\x1b[31m\u202e",),
        ("--encoding", "\x1b[31m"),
        ("--only", "10.0.0.1/\x1b[31m"),
    ],
)
def test_option_values(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """An impossible value of an option is a usage error that shows no control character."""
    (tmp_path / "list").write_bytes(b"10.0.0.1,a\n10.0.0.2,b!\n")
    outcome = dli_hosts("check", "list", *arguments, cwd=tmp_path)
    assert (outcome.status, outcome.out) == (2, "")
    assert "internal error" not in outcome.err
    assert "\x1b" not in outcome.err
    assert "\u202e" not in outcome.err


def test_parts_stay_in_their_folder(tmp_path: Path) -> None:
    """Parts of a split list are named by a connection's name only, into a folder without other files."""
    (tmp_path / "list").write_bytes(
        b"".join(b"10.0.%d.%d h%d\n" % (i >> 8, i & 255, i) for i in range(20_001))
    )
    emit = ("emit", "list", "--as", "console", "--split", "-o", "parts")
    assert dli_hosts(*emit, "--name", "../escaped", cwd=tmp_path).status == 2
    assert dli_hosts(*emit, "--name", "prod", cwd=tmp_path).status == 0
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["prod_1.txt", "prod_2.txt"]
    again = dli_hosts(*emit, "--name", "prod", cwd=tmp_path)
    assert again.status == 2
    assert "is not empty" in again.err


def test_the_mode_of_a_replaced_file_stays(tmp_path: Path) -> None:
    """A private file stays private when it is replaced, and a link stays a link."""
    (tmp_path / "list").write_bytes(b"10.0.0.1 a\n")
    target = tmp_path / "private"
    target.write_bytes(b"old")
    target.chmod(0o600)
    (tmp_path / "link").symlink_to("private")
    assert dli_hosts("emit", "list", "--as", "hosts", "-o", "link", cwd=tmp_path).status == 0
    assert target.read_bytes() == b"10.0.0.1 a\n"
    assert target.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "link").is_symlink()
