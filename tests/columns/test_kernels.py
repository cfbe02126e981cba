"""Each clever kernel against its plain twin."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

import numpy as np
import strategies as some
from buffers import AROUND, BETWEEN, laid_out
from hypothesis import assume, given
from hypothesis import strategies as st
from profiles import examples

from importer import limits
from importer.columns.arrays import BoolArray, IntArray
from importer.columns.forms import address_code
from importer.columns.growing import Growing
from importer.columns.hashing import HashKeys, hash_names, hash_spelling
from importer.columns.ipv4 import UNSETTLED, kinds_of_faulty, parse_ipv4
from importer.columns.kernels import few_positions_of, gather, not_name_byte, positions_of

# -- addresses

OCTETS = st.one_of(
    st.integers(0, 260).map(str), st.sampled_from(["00", "01", "1e1", "", "٣", "-1", "+1", "0x1"])
)
DOTTED = st.builds(".".join, st.lists(OCTETS, min_size=3, max_size=5)).map(str.encode)
GOOD = st.ip_addresses(v=4).map(lambda address: str(address).encode())
TEXTS = st.one_of(GOOD, DOTTED, some.damaged(GOOD), some.ADDRESSES, st.binary(max_size=20), st.just(b""))


def ipv4(text: bytes) -> int | None:
    """The standard library's reading of an address."""
    try:
        return int(ipaddress.IPv4Address(text.decode("latin-1")))
    except ValueError:
        return None


@examples(4)
@given(st.lists(TEXTS, max_size=12), AROUND, BETWEEN)
def test_parse_ipv4(texts: list[bytes], around: bytes, between: bytes) -> None:
    """An address is read as `ipaddress` reads it, whatever stands beside it, in however small a buffer."""
    value, valid = parse_ipv4(*laid_out(texts, around, between))
    for text, number, good in zip(texts, value.tolist(), valid.tolist(), strict=True):
        assert (number, good) == (ipv4(text) or 0, ipv4(text) is not None), text


def test_every_octet() -> None:
    """Every number from 0 to 299, with up to two zeros before it, is right in each of the four places."""
    octets = [zeros + str(number) for number in range(300) for zeros in ("", "0", "00")]
    for place in range(4):
        texts = [
            ".".join([*["10", "2", "255"][:place], octet, *["10", "2", "255"][place:]]) for octet in octets
        ]
        raw = [text.encode() for text in texts]
        value, valid = parse_ipv4(*laid_out(raw, b"\n" * 64, b"\n"))
        assert [
            number if good else None for number, good in zip(value.tolist(), valid.tolist(), strict=True)
        ] == [ipv4(text) for text in raw]


NUMBERS = st.builds(
    "{}{}".format,
    st.sampled_from(["", "", "0", "00", "0" * 18]),
    st.one_of(st.integers(0, 300), st.integers(0, 1 << 34), st.integers(250, 260).map("{:o}".format)),
)
NUMERIC = st.builds(
    "{}{}".format,
    st.lists(st.one_of(NUMBERS, OCTETS), min_size=1, max_size=5).map(".".join),
    st.sampled_from(["", "", "", ".", "/24", "/032", "/33", ":80", ":65536", ":8020x", "/", "0x1"]),
).map(lambda text: text.encode())


@examples(4)
@given(st.lists(st.one_of(NUMERIC, TEXTS), max_size=12), AROUND, BETWEEN)
def test_kinds_of_faulty(texts: list[bytes], around: bytes, between: bytes) -> None:
    """What the kernel settles about texts that are no address is what is said of one text at a time."""
    faulty = [text for text in texts if ipv4(text) is None]
    kinds = kinds_of_faulty(*laid_out(faulty, around, between)).tolist()
    for text, kind in zip(faulty, kinds, strict=True):
        wanted = address_code(text.decode("utf-8", "replace"))
        assert kind == UNSETTLED or wanted == ("A201", "A204", "A205", "A206", "A202")[kind], text
        if re.fullmatch(rb"[0-9./]{,19}", text):
            assert kind != UNSETTLED, "the common mistakes are settled for whole columns"


# -- bytes


def test_not_name_byte() -> None:
    """Of the 256 bytes those are no name's that the service's own rule leaves out."""
    found = not_name_byte(np.arange(256, dtype=np.uint8))
    for byte in range(256):
        assert found[byte] == (re.fullmatch(rb"[A-Za-z0-9_.-]", bytes([byte])) is None)
    assert not found[list(limits.NAME_BYTES)].any()


@examples()
@given(st.lists(st.booleans()), st.sampled_from([positions_of, few_positions_of]))
def test_positions_of(mask: list[bool], of: Callable[[BoolArray], IntArray]) -> None:
    """The positions of what is true, in order."""
    assert of(np.array(mask, np.bool_)).tolist() == [i for i, true in enumerate(mask) if true]


@examples()
@given(st.binary(max_size=80), st.data(), st.sampled_from([8, 16, 32, 64]))
def test_gather(data: bytes, draw: st.DataObject, width: int) -> None:
    """Words are slices of the buffer, little-endian, with zeros beyond its end."""
    at = draw.draw(st.lists(st.integers(0, len(data)), max_size=20))
    words = gather(np.frombuffer(data, np.uint8), np.array(at, np.int64), width)
    assert words.shape == (len(at), width // 8)
    assert [row.astype("<u8").tobytes() for row in words] == [
        data[i : i + width].ljust(width, b"\0") for i in at
    ]


# -- hashes

VALID = st.text(limits.NAME_BYTES.decode(), min_size=1, max_size=128).map(str.encode)
CASES = st.integers(0, (1 << 128) - 1)
KEYS, SPELLING_KEYS = HashKeys.random(), HashKeys.random(2)


def spelled(name: bytes, case: int) -> bytes:
    """The name with some of its letters in the other case."""
    return bytes(b ^ 32 if chr(b).isalpha() and case >> i & 1 else b for i, b in enumerate(name))


def hashes(
    names: list[bytes], around: bytes = b"", between: bytes = b""
) -> list[tuple[tuple[int, ...], int]]:
    """Hash of each name, and hash of how it is spelled."""
    where = laid_out(names, around, between)
    found, spelling = hash_names(*where, KEYS), hash_spelling(*where, SPELLING_KEYS)
    rows = zip(*(half.tolist() for half in found), strict=True)
    return list(zip(rows, spelling.tolist(), strict=True))


@examples(2)
@given(st.lists(st.tuples(VALID, CASES), min_size=1, max_size=8), AROUND, BETWEEN)
def test_names_are_equal_where_their_hashes_are(
    names: list[tuple[bytes, int]], around: bytes, between: bytes
) -> None:
    """Names have one hash exactly where they are equal, letter case aside, wherever they stand."""
    texts = [
        text for name, case in names for text in (name, spelled(name, case), name[:-1] or b"x", name[-64:])
    ]
    found = hashes(texts, around, between)
    for text, (sums, spelling) in zip(texts, found, strict=True):
        assert [(sums, spelling)] == hashes([text], b"\n" * 200)
        for other, (other_sums, other_spelling) in zip(texts, found, strict=True):
            assert (text.lower() == other.lower()) == (sums == other_sums)
            if text.lower() == other.lower():
                assert (text == other) == (spelling == other_spelling)


@examples()
@given(VALID, CASES)
def test_spelling(name: bytes, case: int) -> None:
    """The hash of the spelling is 0 exactly where there is no capital, so that it need not be asked for."""
    text = spelled(name, case)
    assert (hashes([text])[0][1] == 0) == (text == text.lower())


def test_every_length() -> None:
    """Names of 1 to 128 letters, each the beginning of the next, all differ, and so do their last letters."""
    names = [b"a" * length for length in range(1, 129)] + [b"a" * length + b"b" for length in range(128)]
    assert len({sums for sums, _ in hashes(names, b"\n" * 200, b"\n")}) == len(names)
    assert hashes(names, b"\n" * 200, b"\n") == hashes(names)


@examples()
@given(VALID, VALID, st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 32) - 1))
def test_pairs(name: bytes, other: bytes, ip: int, other_ip: int) -> None:
    """Pairs have one hash exactly where name and address are equal."""
    assume((name.lower(), ip) != (other.lower(), other_ip))
    texts = [name, spelled(name, -1), other, name, other]
    addresses = np.array([ip, ip, other_ip, other_ip, ip], np.uint32)
    found = hash_names(*laid_out(texts), KEYS, addresses)
    pairs = list(zip(*(half.tolist() for half in found), strict=True))
    assert pairs[0] == pairs[1]
    assert pairs[0] != pairs[2]
    assert (pairs[0] == pairs[3]) == (ip == other_ip)
    assert (pairs[0] == pairs[4]) == (name.lower() == other.lower())


def test_keys_are_secret() -> None:
    """Every run has keys of its own."""
    assert HashKeys.random().rows.tolist() != HashKeys.random().rows.tolist()


# -- growing


@examples()
@given(st.lists(st.lists(st.integers(0, 255), max_size=3000), max_size=6))
def test_growing(parts: list[list[int]]) -> None:
    """A growing column holds what was appended, in order."""
    column = Growing(np.uint8)
    for part in parts:
        column.append(np.array(part, np.uint8))
    assert column.array.tolist() == [value for part in parts for value in part]
    assert column.size == sum(map(len, parts))
