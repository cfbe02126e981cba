"""The lines of hosts in a plan: judged line by line and as columns alike, and by the rules of the service."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.errors import ConnectionInvalid
from importer.planning.host_columns import hosts_of_large
from importer.planning.host_lines import first_fault, host_block, hosts_of, hosts_of_small
from importer.planning.identity import host_lines, hosts_digest
from importer.planning.request import CreateRequest

# Few different ones, so that hosts repeat and share addresses.
addresses = st.sampled_from(["0.0.0.0", "10.0.0.1", "10.0.0.10", "10.0.0.2", "255.255.255.255"]) | (
    st.ip_addresses(v=4).map(str)
)
names = st.sampled_from(["a", "A", "a-", "a.", "a0", "ab", "a_", "x" * 128]) | st.from_regex(
    r"[A-Za-z][A-Za-z0-9_.-]{0,40}", fullmatch=True
)
good = st.lists(
    st.builds(lambda ip, name: {"ip": ip, "name": name}, addresses, names), min_size=1, max_size=12
)
odd_texts = (
    st.sampled_from(
        ["", "10.0.0.256", "10.0.0.01", "10.0.0", "1.2.3.4.5", "_a", "1a", "a b", "a,", "x" * 129]
    )
    | st.text('a1.,:"{}\n ', max_size=6)
    | names
    | addresses
)
edits = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 2), st.sampled_from(list(b'a1.,:"{} \n\r\0_-Z'))),
    max_size=2,
)


def is_taken(block: bytes) -> bool:
    """By another way: each line is the compact JSON of a host that the model of the request takes."""
    if block and not block.endswith(b"\n"):
        return False
    for line in block.split(b"\n")[:-1]:
        try:
            host = json.loads(line.decode("ascii"))
            if json.dumps(host, separators=(",", ":")).encode() != line or list(host) != ["ip", "name"]:
                return False
            CreateRequest.of_body({"name": "n", "dest_vpc_id": "v", "dest_network_id": "s", "hosts": [host]})
        except (ValueError, TypeError, ConnectionInvalid):
            return False
    return True


@examples(3)
@given(good)
def test_what_is_found_of_good_hosts(hosts: list[dict[str, str]]) -> None:
    """Digest and number of the distinct hosts are those by which connections are compared."""
    block = host_block(hosts)
    lines = host_lines(hosts)
    assert block == "".join(json.dumps(host, separators=(",", ":")) + "\n" for host in hosts).encode()
    assert hosts_of(block) == hosts_of_small(block) == hosts_of_large(block)
    assert hosts_of(block) == (hosts_digest(lines), len(lines))


@examples(5)
@given(good, st.lists(st.tuples(odd_texts, odd_texts), max_size=1), edits)
def test_what_is_no_host_is_found(
    hosts: list[dict[str, str]], odd: list[tuple[str, str]], changes: list[tuple[int, int, int]]
) -> None:
    """A block is taken if and only if each of its lines is what the service takes, by both ways alike."""
    block = bytearray(host_block([*hosts, *({"ip": ip, "name": name} for ip, name in odd)]))
    for place, kind, byte in changes:
        at = place % len(block)
        block[at : at + (kind > 0)] = b"" if kind == 2 else bytes([byte])
    found = bytes(block)
    taken = is_taken(found)
    assert (hosts_of_small(found) is not None) is taken
    assert (hosts_of_large(found) is not None) is (taken and found != b"")
    if not taken:
        lines = found.split(b"\n")
        first = first_fault(found)
        assert all(is_taken(line + b"\n") for line in lines[:first])
        assert not is_taken(lines[first] + b"\n" * (first < len(lines) - 1))


@pytest.mark.parametrize("number", [1, 2_000, 20_000])
def test_large_and_small(number: int) -> None:
    """Whatever the size, and in whatever order hosts stand, the same is found."""
    hosts = [{"ip": f"10.{n * 7 % 256}.{n >> 8}.{n & 255}", "name": f"node-{n}"} for n in range(number)]
    block = host_block(hosts)
    assert (
        hosts_of(block) == hosts_of_small(block) == hosts_of_large(block) == hosts_of(host_block(hosts[::-1]))
    )
    assert hosts_of(block + b"\n") is None
    assert hosts_of(block + block) == hosts_of(block)


def test_no_hosts() -> None:
    """An empty block is a list without hosts."""
    assert host_block([]) == b""
    assert hosts_of(b"") == (hosts_digest(()), 0)
