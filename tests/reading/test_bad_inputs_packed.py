"""Packed inputs: found by their first bytes, read to the end or not at all, and bounded."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from command import GOOD, ROOT, assert_cannot_work, dli_hosts, memory_of

from importer import InputError, check, read

ENOUGH_MEMORY = 700
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
LINES = b"".join(b"10.20.%d.%d kafka-%d\n" % (i // 250, i % 250, i) for i in range(600))


def ready(path: Path) -> int:
    """How many hosts are ready in a file."""
    return check(read(str(path))).report.totals.ready


def ready_or_hint(path: Path) -> int | str:
    """The same, or what its owner is told to do where the file is damaged."""
    try:
        return ready(path)
    except InputError as error:
        return error.hint


@pytest.mark.parametrize("kind", PACKERS)
def test_packed(kind: str, tmp_path: Path) -> None:
    """Packed text is read like plain text, whatever the file is called, and so are several streams in one."""
    (tmp_path / "list.txt").write_bytes(PACKERS[kind](LINES))
    assert ready(tmp_path / "list.txt") == 600
    (tmp_path / "list.txt").write_bytes(PACKERS[kind](LINES[:5000]) + PACKERS[kind](LINES[5000:]))
    assert ready(tmp_path / "list.txt") == 600
    outcome = dli_hosts("emit", "-", "--as", "hosts", "-q", cwd=tmp_path, stdin=PACKERS[kind](GOOD))
    assert outcome.raw == GOOD


@pytest.mark.parametrize("kind", PACKERS)
def test_cut_short(kind: str, tmp_path: Path) -> None:
    """A packed file that was cut anywhere is an InputError, never a shorter list."""
    packed = PACKERS[kind](LINES)
    for size in (*range(12), *range(12, len(packed), 37), len(packed) - 1):
        (tmp_path / "list").write_bytes(packed[:size])
        if size == 0:
            assert ready(tmp_path / "list") == 0
            continue
        with pytest.raises(InputError) as caught:
            ready(tmp_path / "list")
        assert caught.value.hint, size


@pytest.mark.parametrize("kind", PACKERS)
def test_damaged(kind: str, tmp_path: Path) -> None:
    """A byte that was changed is an InputError, or harms nothing; it never costs a record silently."""
    packed = PACKERS[kind](LINES)
    for at in range(len(PACKERS[kind](b"")) // 2, len(packed), 23):
        damaged = bytearray(packed)
        damaged[at] ^= 0x55
        (tmp_path / "list").write_bytes(damaged)
        assert ready_or_hint(tmp_path / "list") not in ("", *range(600)), at


@pytest.mark.parametrize("where", [0, 1, 2, -1])
@pytest.mark.parametrize("kind", PACKERS)
def test_damaged_in_a_later_stream(kind: str, where: int, tmp_path: Path) -> None:
    """Where the second of two streams is damaged, its records are missing, so this is an InputError too."""
    half = LINES.index(b"\n", len(LINES) // 2) + 1
    first, second = PACKERS[kind](LINES[:half]), bytearray(PACKERS[kind](LINES[half:]))
    second[where if where >= 0 else len(second) // 2] ^= 0x55
    (tmp_path / "list").write_bytes(first + second)
    with pytest.raises(InputError):
        ready(tmp_path / "list")


@pytest.mark.parametrize("kind", PACKERS)
def test_cut_and_damaged_as_users_see_it(kind: str, tmp_path: Path) -> None:
    """The command says which file is cut or damaged, and what to do."""
    packed = PACKERS[kind](LINES)
    (tmp_path / "cut").write_bytes(packed[: len(packed) // 2])
    assert_cannot_work(dli_hosts("check", "cut", cwd=tmp_path), "cut: ", f"the {kind} data end early")
    half = len(packed) // 2
    (tmp_path / "hurt").write_bytes(packed[:half] + bytes(20) + packed[half + 20 :])
    assert_cannot_work(dli_hosts("check", "hurt", cwd=tmp_path), "hurt: ", f"the {kind} data are damaged")


@pytest.mark.parametrize(
    "filling", [bytes(1 << 20), b"10.20.0.11 kafka\n" * 61_680 + b"# filling up a MiB"[:16]]
)
@pytest.mark.parametrize("kind", PACKERS)
def test_bomb(kind: str, filling: bytes, tmp_path: Path) -> None:
    """A gibibyte packed into a few kilobytes is given up early, within bounded memory."""
    (tmp_path / "bomb").write_bytes(PACKERS[kind](filling) * 1024)
    outcome = dli_hosts("check", "bomb", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "bomb: ")
    if filling[0]:
        assert "200 times its size" in outcome.err
        assert "--max-ratio" in outcome.err


def test_bounds_are_options(tmp_path: Path) -> None:
    """Both bounds, met here by a single stream, can be lowered and raised."""
    (tmp_path / "list").write_bytes(gzip.compress(b"10.20.0.11 kafka\n" * 1_100_000))
    assert_cannot_work(dli_hosts("check", "list", cwd=tmp_path), "200 times its size")
    assert dli_hosts("check", "list", "--max-ratio", "2000", cwd=tmp_path).status == 0
    bounded = dli_hosts("check", "list", "--max-ratio", "2000", "--max-decompressed", "1000000", cwd=tmp_path)
    assert_cannot_work(bounded, "more than 1,000,000 bytes", "--max-decompressed")


def test_zstd_frames_of_other_makers(tmp_path: Path) -> None:
    """Frames that are to be skipped, frames without a size, and empty frames are what some packers write."""
    skipped = b"\x5a\x2a\x4d\x18\x03\0\0\0abc"
    streamed = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    packed = streamed.compress(LINES) + streamed.flush()
    (tmp_path / "list").write_bytes(skipped + PACKERS["zstd"](b"") + packed + skipped + packed)
    report = check(read(str(tmp_path / "list"))).report
    assert (report.totals.records, report.totals.ready) == (1200, 600)


def test_zstd_with_a_wide_window(tmp_path: Path) -> None:
    """A frame that asks for more than 128 MiB of memory is told as that, not as damage."""
    wide = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    (tmp_path / "list").write_bytes(packer.compress(LINES) + packer.flush())
    assert_cannot_work(dli_hosts("check", "list", cwd=tmp_path), "128 MiB", "zstd -d --long=31 FILE")


def test_zstd_without_its_package(tmp_path: Path) -> None:
    """Without the package the error names the extra that brings it."""
    (tmp_path / "zstandard.py").write_text("raise ImportError")
    (tmp_path / "list").write_bytes(PACKERS["zstd"](GOOD))
    outcome = dli_hosts("check", "list", cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path}:{ROOT}"})
    assert_cannot_work(outcome, "list: is a zstd file", "pip install 'dli-hosts[zst]'")


def test_xz_that_asks_for_much_memory(tmp_path: Path) -> None:
    """A stream whose dictionary is larger than any real one is told, and its memory is never taken."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": 1 << 20}]
    packed = bytearray(lzma.compress(LINES, filters=filters))
    size = packed.index(b"\x21\x01") + 2  # the property of the filter: 40 stands for 4 GiB
    packed[size] = 40
    header = packed[12 : 12 + 4 * (packed[12] + 1)]
    packed[12 + len(header) - 4 : 12 + len(header)] = zlib.crc32(header[:-4]).to_bytes(4, "little")
    (tmp_path / "list").write_bytes(packed)
    outcome = dli_hosts("check", "list", cwd=tmp_path, prepare=memory_of(ENOUGH_MEMORY))
    assert_cannot_work(outcome, "list: takes more than 192 MiB of memory", "xz -d")


@pytest.mark.parametrize("kind", ["gzip", "zstd", "xz", "bzip2"])
def test_packed_data_without_content(kind: str, tmp_path: Path) -> None:
    """A name of megabytes, frames to be skipped, padding and empty streams are bounded, though harmless."""
    filling = {
        "gzip": b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * (5 << 20),
        "zstd": b"\x50\x2a\x4d\x18" + (5 << 20).to_bytes(4, "little") + bytes(5 << 20),
        "xz": PACKERS["xz"](b"") + bytes(5 << 20),
        "bzip2": PACKERS["bzip2"](b"") * ((5 << 20) // 14),
    }[kind]
    rest = b"\0" + gzip.compress(LINES)[10:] if kind == "gzip" else PACKERS[kind](LINES)
    (tmp_path / "list").write_bytes(filling + rest)
    assert_cannot_work(dli_hosts("check", "list", cwd=tmp_path), "list: ", "without content")
    few = filling[: 1 << 16] if kind in ("gzip", "xz") else filling[: 14 * 1000]
    if kind == "zstd":
        few = b"\x50\x2a\x4d\x18" + (1 << 16).to_bytes(4, "little") + bytes(1 << 16)
    (tmp_path / "list").write_bytes(few + rest)
    assert ready(tmp_path / "list") == 600
