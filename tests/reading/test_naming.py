"""Errors about an input have its name, wherever they arise, and no error has another one's."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from importer import InputError, check, read
from importer.columns.batch import Piece
from importer.errors import naming
from importer.reading import read as door

GOOD = b"10.0.0.1 a\n"


def test_a_name_is_put_once() -> None:
    """The innermost name stays, in the hint too; what was never named is its message alone."""
    with pytest.raises(InputError) as told, naming("outer"), naming("{source}"):
        raise InputError("is odd", hint="see {source}")
    assert (told.value.source, str(told.value)) == ("{source}", "{source}: is odd")
    assert told.value.hint == "see {source}"
    assert str(InputError("is odd")) == "is odd"


def test_other_errors_pass() -> None:
    """Only an InputError is given a name."""
    with pytest.raises(OSError, match="gone"), naming("list"):
        raise OSError("gone")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is longer than 1,048,576 bytes"),
        (gzip.compress(GOOD, mtime=0)[:-4], "end early"),
        (gzip.compress(GOOD, mtime=0)[:-8] + bytes(8), "are damaged"),
    ],
)
def test_an_error_in_the_middle(text: bytes, words: str, tmp_path: Path) -> None:
    """A later input of a list is named, not the one before it or the one behind it."""
    names = [str(tmp_path / name) for name in ("first", "second", "third")]
    for name in names:
        Path(name).write_bytes(GOOD)
    Path(names[1]).write_bytes(text or b"10.0.0.2 " + b"x" * (1 << 20))
    with pytest.raises(InputError, match=words) as told:
        check(read(*names))
    assert told.value.source == names[1]


@pytest.mark.parametrize("workers", [1, 4])
def test_an_error_of_a_piece(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong when records are found, on whatever thread, has the name of the input too."""

    def fails(piece: Piece) -> None:
        raise InputError("is odd", hint="see {source}")

    monkeypatch.setattr(door, "_with_stray_byte", fails)
    path = tmp_path / "list"
    path.write_bytes(GOOD * 1000)
    with pytest.raises(InputError) as told:
        check(read(str(path), workers=workers, block_size=100))
    assert (str(told.value), told.value.hint) == (f"{path}: is odd", f"see {path}")
