"""Forms of address, one text at a time, against the standard library."""

from __future__ import annotations

import ipaddress
import re
import socket

import oracle
import pytest
import strategies as some
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples

from importer.columns.forms import address_code, is_address_like, is_ipv4, is_name

PARTS = st.one_of(
    st.integers(0, 300).map(str),
    st.integers(0, 1 << 34).map(str),
    st.integers(0, 1 << 34).map(hex),
    st.integers(0, 1 << 34).map(lambda n: f"0{n:o}"),
    st.integers(0, 300).map("{:04d}".format),
    st.sampled_from(
        ["0x", "0X1F", "08", "", " 1", "1 ", "-1", "+1", "1_0", "٣", "0b1", "1e3", "a", "0" * 30 + "1"]
    ),
)
DOTTED = st.builds(".".join, st.lists(PARTS, min_size=1, max_size=5))
SUFFIXED = st.builds(
    lambda address, mark, number: f"{address}{mark}{number}",
    st.one_of(st.ip_addresses(v=4).map(str), DOTTED),
    st.sampled_from("/:"),
    st.one_of(st.integers(0, 70000).map(str), st.sampled_from(["", "00", "024", "-1", "+1", "٣", "1 "])),
)
V6 = st.builds(
    lambda address, zone: f"{address}{zone}",
    st.one_of(
        st.ip_addresses(v=6).map(str),
        st.ip_addresses(v=6).map(lambda address: address.exploded.upper()),
        st.sampled_from(
            ["::1", "::", "fe00::", "fe00::1", "fe80::1", "febf::", "fec0::", "ff02::1", "::ffff:10.0.0.1"]
        ),
    ),
    st.sampled_from(["", "", "%lo", "%", "%a%b", "/64", "]"]),
)
TEXTS = st.one_of(
    st.ip_addresses(v=4).map(str),
    DOTTED,
    SUFFIXED,
    V6,
    st.text(max_size=12),
    st.text("0123456789abcdefx.:/%", max_size=16),
)


def inet_aton(text: str) -> bool:
    """What C reads as an address; it stops at a blank, which no cell or token holds."""
    try:
        socket.inet_aton(text)
    except (OSError, ValueError):
        return False
    return re.search(r"\s", text) is None


@examples(10)
@given(TEXTS)
def test_address_code(text: str) -> None:
    """The code of an address is the oracle's."""
    local = text and oracle.ipv4(text)
    expected = "" if local else oracle.address_codes(text, [], oracle.Options())[0]
    assert address_code(text) == expected


@examples(10)
@given(TEXTS.filter(str.isascii))
def test_address_code_by_the_standard_library(text: str) -> None:
    """The standard library agrees about IPv4 and IPv6, and C about the other forms of address."""
    code = address_code(text)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        assert code not in ("", "A203", "A210")
        if code != "A204" and text.count(".") < 4:
            assert (code == "A205") == inet_aton(text)
    else:
        assert code == ("" if address.version == 4 else code)
        assert address.version == 4 or code in ("A203", "A210")


@examples(3)
@given(st.one_of(TEXTS, some.NAMES.map(lambda name: name.decode("utf-8", "surrogateescape"))))
def test_is_name(text: str) -> None:
    """A name is what the service's rule says, without a line end behind it."""
    assert is_name(text) == (re.fullmatch(r"[A-Za-z][A-Za-z0-9_.\-]{0,127}", text) is not None)
    assert not is_name(text + "\n")


@examples(3)
@given(TEXTS)
def test_is_ipv4(text: str) -> None:
    """An IPv4 address is what `ipaddress` takes for one."""
    try:
        ipaddress.IPv4Address(text)
        expected = True
    except ValueError:
        expected = False
    assert is_ipv4(text) == expected
    assert not is_ipv4(text + "\n")


EXAMPLES = {
    "": "10.0.0.1",
    "A202": "10.0.0.256 1.2.3.4.5 4294967296 08 10.0.0.1/33 10.0.0.1/024 10.0.0.1:65536 10.0.0.01/24",
    "A203": "2001:db8::1 fe00::1 fec0::1 ::ffff:10.0.0.1",
    "A210": "fe80::1%eth0 fe00:: ::1 :: ff02::1",
    "A204": "010.0.0.1 08.1.1.1 0000010.0.0.1 192.168.001.001",
    "A205": "127.1 0300.1.1.1 10.0.0.0256 0x0a.1.0.13 167837708 4294967295",
    "A206": "10.0.0.1/24 10.0.0.1/0 10.0.0.1:65535",
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_examples(code: str) -> None:
    """The forms that people really write."""
    for text in EXAMPLES[code].split():
        assert address_code(text) == code, text
        assert is_address_like(text) == (code != "A202" or text == "10.0.0.256"), text
