"""Kinds of files that are not host lists: an example of each is told exactly, and no kind has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer import InputError, check, read
from importer.reading import unknown

NAMED = "write each address and its names on one line, for example from ansible-inventory --list"
ONE_LINE = "write each address and its name on one line"
EXAMPLES: dict[bytes, tuple[str, str]] = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": (
        "looks like an Excel workbook of the old kind (.xls), or one with a password",
        "save it as .xlsx without a password, or save the sheet as CSV UTF-8",
    ),
    b"FEA1\0\0\0\0": (
        "looks like a Feather file of version 1, whose readers fail on damaged files",
        "write it again as Feather version 2, or export it as CSV",
    ),
    b"PARE\x15\x04": (
        "looks like an encrypted Parquet file",
        "write it without encryption, or export it as CSV",
    ),
    b"\xff\xff\xff\xff\x78\0\0\0": (
        "looks like an Arrow stream",
        "write it as a Feather file, or export it as CSV",
    ),
    b"fleet.csv".ljust(257, b"\0") + b"ustar\0": (
        "looks like a tar archive",
        "unpack it, and name the list that is in it",
    ),
    b"%PDF-1.7\n": ("looks like a PDF document", "export the list as CSV or text"),
    b"\x7fELF\x02\x01\x01": ("looks like a program", "name the host list instead"),
    b"SQLite format 3\0": ("looks like a SQLite database", "export the table as CSV"),
    b'{\n"format": "dli-hosts plan",\n}\n': ("is a plan", "dli-hosts submit {source} sends it"),
    b"[[connection]]\nname = 'a'\n": ("is a jobs file", "dli-hosts plan {source} checks all its lists"),
    b'[{"ip": "10.0.0.1", "name": "a"}]\n': (
        "looks like JSON",
        "turn it into lines first, for example with jq -r '.hosts[] | \"\\(.ip) \\(.name)\"'",
    ),
    b"[kafka]\n10.0.0.1 a\n10.0.0.2 b\n": ("looks like an Ansible inventory: it has [group] lines", NAMED),
    b"\x01\x02\x03\n": ("looks like binary data", "name a text file with one host on each line"),
    b"a IN A 10.0.0.1\nb IN A 10.0.0.2\n": ("looks like a DNS zone file", f"take its A records: {ONE_LINE}"),
    b"/ip dns static\nadd address=10.0.0.1 name=a\n": ("looks like a RouterOS script", ONE_LINE),
    b"a ansible_host=10.0.0.1\n": ("looks like an Ansible inventory: it has key=value words", NAMED),
    b"10.0.0.1\n10.0.0.2\n": ("looks like a bare list of addresses", "put a name behind each address"),
    b"a\nb\n": ("looks like a bare list of names", "put an address before each name"),
    b"a 10.0.0.1\nb 10.0.0.2\n": (
        "has the name before the address",
        "swap the two: awk '{print $2, $1}' FILE > NEW, or give it a header such as name,ip",
    ),
}


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: EXAMPLES[text][0])
def test_is_told(text: bytes, tmp_path: Path) -> None:
    """The error says what the file looks like and what to do, with the name of the file."""
    path = tmp_path / "{source}"
    path.write_bytes(text)
    message, hint = EXAMPLES[text]
    with pytest.raises(InputError) as told:
        check(read(str(path)))
    assert str(told.value) == f"{path}: {message}"
    assert told.value.source == str(path)
    assert told.value.hint == hint.replace("{source}", str(path))


def test_every_kind_has_an_example() -> None:
    """A row that is added to a table needs an example here."""
    kinds = [f"looks like {kind.what}" for kind in unknown._MARKS]
    kinds += [kind.says for kind in unknown._FIRST + unknown._LAST]
    assert sorted(kinds) == sorted(message for message, _ in EXAMPLES.values())
