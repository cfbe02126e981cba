"""Inputs that are not host lists, or barely: the right report, or one clear error with exit 2."""

from __future__ import annotations

import codecs
import gzip
import io
import random
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from command import GOOD, assert_cannot_work, dli_hosts, memory_of

from importer import InputError, Report, Totals, check, read

ENOUGH_MEMORY = 700


def codes(report: Report) -> list[tuple[str, int | str | None, int | None]]:
    """Code, line and column of every finding."""
    return [(finding.code, finding.line, finding.column) for finding in report.findings]


def judged(folder: Path, text: bytes) -> Report:
    """The report on a file with these bytes."""
    path = folder / "list"
    path.write_bytes(text)
    return check(read(str(path))).report


# -- nothing in it


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", 0),
        (b"\n", 1),
        (b" \t\r\n\n", 2),
        (b"# only\n# comments", 2),
        (b"  #c\n\n", 2),
        (codecs.BOM_UTF8, 0),
        (codecs.BOM_UTF8 + b"\n# c", 2),
    ],
)
def test_nothing_in_it(text: bytes, lines: int, tmp_path: Path) -> None:
    """A file of nothing but blanks and comments is hosts syntax with L402 alone, and exit 1."""
    report = judged(tmp_path, text)
    assert codes(report) == [("L402", None, None)]
    assert (report.sources[0].format, report.totals.records) == ("hosts", 0)
    assert report.sources[0].blank == report.totals.lines == lines
    assert dli_hosts("check", "list", cwd=tmp_path).status == 1


def test_header_alone(tmp_path: Path) -> None:
    """A table without rows is delimited text with L402."""
    report = judged(tmp_path, b"ip,name\n")
    assert codes(report) == [("L402", None, None)]
    assert (report.sources[0].format, report.totals.lines) == ("csv", 1)


# -- cannot be opened or read


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.hosts", "no such file"),
        ("folder", "is a directory"),
        ("folder/", "is a directory"),
        ("file/below", "cannot be opened"),
        ("", ""),
        ("x" * 300, "cannot be opened"),
    ],
)
def test_cannot_be_opened(name: str, words: str, tmp_path: Path) -> None:
    """What cannot be opened is one clear error that names it, alone or behind a good file."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(GOOD)
    assert_cannot_work(dli_hosts("check", name, cwd=tmp_path), name, words)
    assert_cannot_work(dli_hosts("check", "file", name, cwd=tmp_path), name, words)
    assert_cannot_work(dli_hosts("emit", name, "--as", "hosts", cwd=tmp_path), name, words)


def test_no_permission(tmp_path: Path) -> None:
    """A file that may not be read is one clear error."""
    path = tmp_path / "secret.hosts"
    path.write_bytes(GOOD)
    path.chmod(0)
    try:
        path.read_bytes()
    except PermissionError:
        assert_cannot_work(dli_hosts("check", path.name, cwd=tmp_path), "secret.hosts", "Permission denied")
    else:
        pytest.skip("this user may read everything")


def test_vanished(tmp_path: Path) -> None:
    """A file that is gone when its turn comes is an InputError that names it."""
    path = tmp_path / "list"
    path.write_bytes(GOOD)
    reading = read(str(path))
    path.unlink()
    with pytest.raises(InputError, match="no such file") as caught:
        check(reading)
    assert caught.value.source == str(path)
    assert caught.value.hint


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no file here whose reading fails")
def test_read_error(tmp_path: Path) -> None:
    """A read that fails halfway is one clear error, not a shorter list."""
    assert_cannot_work(dli_hosts("check", "/proc/self/mem", cwd=tmp_path), "cannot be read to the end")


# -- not a host list


INVENTORY_GROUPS = b"[kafka]\n10.20.0.11\n10.20.0.12\n\n[kafka:vars]\nansible_user=ops\n"
INVENTORY_WORDS = b"kafka01 ansible_host=10.20.0.11 ansible_user=ops\nkafka02 ansible_host=10.20.0.12\n"
ZONE_RECORDS = b"kafka01 IN A 10.20.0.11\nkafka02 IN A 10.20.0.12\nkafka03 3600 IN A 10.20.0.13\n"
ZONE = b"$ORIGIN example.com.\n$TTL 3600\n@ IN SOA ns admin 1 2 3 4 5\n" + ZONE_RECORDS
ROUTER = b"/ip dns static\nadd address=10.20.0.11 name=kafka01\nadd address=10.20.0.12 name=kafka02\n"


def tar_of(text: bytes) -> bytes:
    """A tar archive with one list in it."""
    made, member = io.BytesIO(), tarfile.TarInfo("fleet.csv")
    member.size = len(text)
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(member, io.BytesIO(text))
    return made.getvalue()


NO_HOST_LISTS: Mapping[str, tuple[bytes, str]] = {
    "inventory-groups": (INVENTORY_GROUPS, "inventory"),
    "inventory-words": (INVENTORY_WORDS, "inventory"),
    "zone-file": (ZONE, "zone file"),
    "zone-records": (ZONE_RECORDS, "zone file"),
    "router-script": (ROUTER, "RouterOS"),
    "addresses": (b"10.20.0.11\n10.20.0.12\n10.20.0.13\n", "bare list of addresses"),
    "one-address": (b"10.20.0.11", "bare list of addresses"),
    "names": (b"kafka01\nkafka02.example.com\nkafka03\n", "bare list of names"),
    "name-first": (b"kafka01 10.20.0.11\nkafka02 10.20.0.12\n", "name before the address"),
    "name-only-header": (b"name,os\nkafka01,linux\nkafka02,linux\n", "without an address column"),
    "address-only-header": (b"ip;os;on\n10.20.0.11;a1;b1\n10.20.0.12;a2;b2\n", "without a name column"),
    "two-addresses": (
        b"name,ip,address\nkafka01,10.20.0.11,10.30.0.11\n",
        "2 address columns: 2 'ip', 3 'address'",
    ),
    "two-names": (b"name,ip,hostname\nkafka01,10.20.0.11,k1\n", "2 name columns: 1 'name', 3 'hostname'"),
    "two-addresses-no-header": (b"kafka01,10.20.0.11,10.30.0.11\n" * 3, "2 address columns"),
    "xlsx": (b"PK\x03\x04\x14\0\x06\0\x08\0" + bytes(200), "Excel"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(200), "Excel"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x58\x01\0\0", "zstd"),
    "zeros": (bytes(100_000), "binary"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(500), "program"),
    "arrow-stream": (b"\xff\xff\xff\xff\x78\x00\x00\x00" + bytes(200), "Arrow stream"),
    "tar": (tar_of(b"10.20.0.11 kafka01\n"), "looks like a tar archive"),
    "tar.gz": (gzip.compress(tar_of(b"name,ip\nkafka01,10.20.0.11\n")), "looks like a tar archive"),
    "utf-32": ("10.20.0.11 kafka01\n".encode("utf-32"), "UTF-32"),
    "utf-32-no-mark": ("10.20.0.11 kafka01\n".encode("utf-32-le"), ""),
    "prose": (b"This is a letter about hosts.\nIt has no list in it.\n", ""),
    "html": (b"<html>\n<body>\n<p>10.20.0.11 kafka01</p>\n</body>\n</html>\n", ""),
    "json": (b'{"hosts": [\n {"ip": "10.20.0.11",\n  "name": "kafka01"}\n]}\n', ""),
}


@pytest.mark.parametrize("kind", NO_HOST_LISTS)
def test_no_host_list(kind: str, tmp_path: Path) -> None:
    """A file of another kind gives an error that says what it looks like and what to do, not a report."""
    text, words = NO_HOST_LISTS[kind]
    (tmp_path / "list").write_bytes(text)
    assert_cannot_work(dli_hosts("check", "list", cwd=tmp_path), "list: ", words)


@pytest.mark.parametrize(
    ("kind", "option"), [("two-addresses", "--ip-column"), ("two-names", "--name-column")]
)
def test_option_that_settles_is_named(kind: str, option: str, tmp_path: Path) -> None:
    """Where two columns are candidates, the hint names the option that settles it, and it does."""
    (tmp_path / "list").write_bytes(NO_HOST_LISTS[kind][0])
    assert_cannot_work(dli_hosts("check", "list", cwd=tmp_path), f"{option} ")
    for column in ("3", "address" if option == "--ip-column" else "hostname"):
        outcome = dli_hosts("check", "list", option, column, cwd=tmp_path)
        assert (outcome.status, outcome.err) == (0, "")


def totals_or_hint(folder: Path, text: bytes) -> Totals | str:
    """The totals of a file with these bytes, or what its owner is told to do if it is not a list."""
    try:
        return judged(folder, text).totals
    except InputError as error:
        return error.hint


def test_binary_junk(tmp_path: Path) -> None:
    """Any bytes give a report or an InputError with a hint, never another exception."""
    for seed in range(60):
        dice = random.Random(seed)
        junk = dice.randbytes(dice.choice((1, 2, 7, 100, 5_000, 70_000)))
        if seed % 3 == 0:
            junk = GOOD + junk
        if seed % 3 == 1:
            junk = b"ip,name\n" + junk
        totals = totals_or_hint(tmp_path, junk)
        if isinstance(totals, str):
            assert totals
        else:
            assert totals.records == totals.ready + totals.merged + totals.skipped + totals.refused


# -- odd bytes in a list


def test_nul_in_every_field_of_hosts(tmp_path: Path) -> None:
    """A NUL is a character that neither names nor addresses may hold; in a comment it harms nothing."""
    text = b"10.20.0.1 a\n10.20.0.2 b # \0\n10.20.0.3 c\0d \0e\n10.20.0.\x004 f\n10.20.0.5 g\0\n"
    report = judged(tmp_path, text)
    assert codes(report) == [("N104", 3, 12), ("N104", 3, 15), ("A202", 4, 1), ("N104", 5, 12)]
    assert (report.totals.ready, report.totals.refused) == (2, 4)


def test_nul_in_every_field_of_csv(tmp_path: Path) -> None:
    """In delimited text too: N104 and A202 in the two columns that matter, nothing in the others."""
    text = b"ip,name,note\n10.20.0.1,a,\0\n10.20\0.0.2,b,\0\n10.20.0.3,c\0,\0\n\0,\0,\0\n"
    report = judged(tmp_path, text)
    assert codes(report) == [("A202", 3, 1), ("N104", 4, 12), ("A202", 5, 1), ("N104", 5, 3)]
    assert (report.totals.ready, report.totals.refused) == (1, 3)


def test_unclosed_quote_in_a_long_file(tmp_path: Path) -> None:
    """A quote left open on line 2 costs that line, told once; every other row is read."""
    rows = b"".join(b"kafka%d,10.%d.%d.%d,ops\n" % (i, i >> 16, i >> 8 & 255, i & 255) for i in range(90_000))
    report = judged(tmp_path, b'name,ip,owner\nbroken,10.99.0.1,"ops\n' + rows)
    assert [row for row in codes(report) if row[0] != "L401"] == [("R103", 2, 18)]
    assert report.counts["R103"] == 1
    assert (report.totals.ready, report.totals.refused, report.totals.lines) == (90_000, 1, 90_002)


def test_unclosed_quote_in_a_short_file(tmp_path: Path) -> None:
    """The same where the file ends before a megabyte has passed."""
    report = judged(
        tmp_path, b'name,ip,owner\nbroken,10.99.0.1,"ops\nkafka1,10.20.0.1,ops\nkafka2,10.20.0.2,x'
    )
    assert codes(report) == [("R103", 2, 18)]
    assert (report.totals.ready, report.totals.refused) == (2, 1)


def test_mixed_line_ends_in_hosts(tmp_path: Path) -> None:
    """LF and CRLF may be mixed; a lone CR inside a line refuses that line alone."""
    report = judged(
        tmp_path, b"10.20.0.1 a\r\n10.20.0.2 b\n10.20.0.3 c\r10.20.0.4 d\r\n10.20.0.5 e\r\r\n10.20.0.6 f\r"
    )
    assert codes(report) == [("R108", 3, 12)]
    totals = report.totals
    assert (totals.lines, totals.records, totals.ready, totals.refused) == (5, 5, 4, 1)


def test_mixed_line_ends_in_csv(tmp_path: Path) -> None:
    """LF, CRLF and a lone CR all end a row; lines and columns stay the physical ones."""
    report = judged(tmp_path, b"ip,name\r\n10.20.0.1,a\n10.20.0.2,b\r10.20.0.3,-c\r\n10.20.0.4,_d")
    assert codes(report) == [("N103", 3, 23), ("N103", 4, 11)]
    assert (report.totals.lines, report.totals.records, report.totals.ready) == (4, 4, 2)


def test_old_mac_line_ends(tmp_path: Path) -> None:
    """A file whose only line end is CR is read in delimited text and refused as one line in hosts syntax."""
    table = judged(tmp_path, b"ip,name\r10.20.0.1,a\r10.20.0.2,b\r")
    assert (codes(table), table.totals.ready, table.totals.lines) == ([], 2, 1)
    hosts = judged(tmp_path, b"10.20.0.1 a\r10.20.0.2 b\r")
    assert codes(hosts) == [("L402", None, None), ("R108", 1, 12)]
    assert (hosts.totals.records, hosts.totals.refused) == (1, 1)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_encodings_that_are_found(codec: str, tmp_path: Path) -> None:
    """A byte-order mark decides; UTF-16 without one is seen by its zeros, and told (R106)."""
    text = "".join(f"10.20.0.{i} kafka{i}\n" for i in range(1, 30))
    report = judged(tmp_path, text.encode(codec))
    assert report.totals.ready == 29
    assert report.counts.get("R106", 0) == (1 if codec in ("utf-16-le", "utf-16-be") else 0)
    assert report.sources[0].encoding == ("utf-8" if codec == "utf-8-sig" else "utf-16")


@pytest.mark.parametrize(
    "codec", ["utf-32", "utf-32-le", "utf-32-be", "utf-16-be", "cp500", "gb18030", "utf-8"]
)
def test_encoding_that_is_named(codec: str, tmp_path: Path) -> None:
    """`--encoding` overrides, for every text encoding that Python knows."""
    (tmp_path / "list").write_bytes("10.20.0.1 kafka1\n10.20.0.2 -x # \u4e3b\n".encode(codec, "replace"))
    outcome = dli_hosts("check", "list", "--encoding", codec, cwd=tmp_path)
    assert outcome.err == ""
    assert "N103 list:2:11 error" in outcome.out


def test_hint_for_utf_32_works(tmp_path: Path) -> None:
    """What the error about UTF-32 tells to do can be done."""
    (tmp_path / "list").write_bytes(GOOD.decode().encode("utf-32"))
    assert_cannot_work(dli_hosts("check", "list", cwd=tmp_path), "--encoding utf-32")
    assert dli_hosts("check", "list", "--encoding", "utf-32", cwd=tmp_path).status == 0


# -- options that do not fit


TABLE = b"name,ip,site\nkafka01,10.20.0.11,north\nkafka02,10.20.0.12,south\n"


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (TABLE, ("--ip-column", "nix"), "'nix'"),
        (TABLE, ("--name-column", "nix"), "'nix'"),
        (TABLE, ("--ip-column", "9"), "9"),
        (TABLE, ("--ip-column", "0"), "0"),
        (TABLE, ("--ip-column", "2", "--name-column", "2"), "column"),
        (TABLE, ("--ip-column", "ip", "--name-column", "ip"), "column"),
        (TABLE, ("--ip-column", "1"), "column"),
        (TABLE, ("--delimiter", ";"), "list: "),
        (TABLE, ("--encoding", "klingon"), "klingon"),
        (TABLE, ("--encoding", "rot13"), "rot13"),
        (GOOD, ("--ip-column", "ip"), "'ip'"),
        (GOOD, ("--from", "csv"), "list: "),
        (GOOD, ("--from", "hosts", "--delimiter", ","), "--delimiter"),
        (GOOD, ("--from", "hosts", "--name-column", "2"), "--name-column"),
        (GOOD, ("--warn", "A211", "--error", "A211"), "A211"),
        (GOOD, ("--ignore", "a211", "--error", "A211"), "A211"),
        (GOOD, ("--max-records", "1"), "--max-records"),
        (b"10.20.0.1 " + b"x" * 200 + b"\n", ("--max-line", "100"), "line 1 is longer than 100 bytes"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_options_that_do_not_fit(text: bytes, options: tuple[str, ...], words: str, tmp_path: Path) -> None:
    """An option that does not fit the file, or contradicts another, is one clear error that names it."""
    (tmp_path / "list").write_bytes(text)
    assert_cannot_work(dli_hosts("check", "list", *options, cwd=tmp_path), words)


# -- too much


def write_long(path: Path, start: bytes, megabytes: int) -> None:
    """A file whose last line is this long."""
    with open(path, "wb") as file:
        file.write(start)
        for _ in range(megabytes):
            file.write(b"x" * (1 << 20))


@pytest.mark.parametrize("start", [b"", b"10.20.0.11 ", b"ip,name\n10.20.0.11,", b'ip,name\n10.20.0.11,"'])
def test_line_of_100_megabytes(start: bytes, tmp_path: Path) -> None:
    """A line beyond 1 MiB is one clear error, and is never held whole."""
    write_long(tmp_path / "list", start, 100)
    outcome = dli_hosts("check", "list", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "list: ", "line" if start else "")


def test_long_line_behind_good_ones(tmp_path: Path) -> None:
    """The error names the line."""
    write_long(tmp_path / "list", GOOD, 3)
    assert_cannot_work(dli_hosts("check", "list", cwd=tmp_path), "line 3 is longer than 1,048,576 bytes")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_endless_input(device: str, tmp_path: Path) -> None:
    """An input without an end is given up within the bounds."""
    if not Path(device).exists():
        pytest.skip(f"there is no {device}")
    outcome = dli_hosts("check", device, cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, device)
