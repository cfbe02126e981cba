"""Addresses: what a text means, and every A2xx."""

import ipaddress
import re

from oracle.model import Options
from oracle.names import is_real

LOCAL_V4 = tuple(map(ipaddress.IPv4Network, ("127.0.0.0/8", "0.0.0.0/32", "255.255.255.255/32")))
LOCAL_V6 = tuple(map(ipaddress.IPv6Network, ("::1", "::", "fe00::", "fe80::/10", "ff00::/8")))
"""A210: '127/8, 0.0.0.0, 255.255.255.255, ::1, ::, fe00::, fe80::/10, ff00::/8'."""

SPECIAL = (
    *map(ipaddress.IPv4Network, ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")),
    *map(ipaddress.IPv4Network, ("100.64.0.0/10", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")),
    ipaddress.IPv4Network("198.18.0.0/15"),
)
"""A211: 'rest of 0/8, 169.254/16, 224/4, rest of 240/4, 100.64/10, ...'; the rest is what A210 leaves."""


def ipv4(text: str) -> ipaddress.IPv4Address | None:
    """'four decimal numbers 0-255', none with a leading zero (that is A204)."""
    numbers = re.fullmatch(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)", text)
    if numbers is None or any(len(number) > 3 or int(number) > 255 for number in numbers.groups()):
        return None
    return ipaddress.IPv4Address(text)


def ipv6(text: str) -> ipaddress.IPv6Address | None:
    """'an IPv6 address (zone allowed)', its zone taken off."""
    try:
        return ipaddress.IPv6Address(int(ipaddress.IPv6Address(text)))
    except ValueError:
        return None


def is_octal_like(text: str) -> bool:
    """A204: 'four decimal parts, each at most 255 read as decimal, one with a leading zero'."""
    parts = text.split(".")
    if len(parts) != 4 or not all(re.fullmatch("[0-9]+", part) for part in parts):
        return False
    at_most_255 = all(re.fullmatch("0*[0-9]{1,3}", part) and int(part[-3:]) <= 255 for part in parts)
    return at_most_255 and any(len(part) > 1 and part[0] == "0" for part in parts)


def is_short(text: str) -> bool:
    """A205: 'one to four parts, decimal, 0-octal or 0x-hex, all but the last at most 255, the
    last filling the bytes left'."""
    numbers = [c_number(part) for part in text.split(".")]
    known = [number for number in numbers if number is not None]
    if len(numbers) > 4 or len(known) < len(numbers):
        return False
    return all(number <= 255 for number in known[:-1]) and known[-1] < 256 ** (5 - len(known))


def c_number(part: str) -> int | None:
    """A number as C reads it: decimal, 0-octal or 0x-hex."""
    digits = part.lower()
    if re.fullmatch("0x[0-9a-f]+", digits):
        return int(digits, 16)
    if re.fullmatch("0[0-7]*", digits):
        return int(digits, 8)
    if re.fullmatch("[1-9][0-9]*", digits):
        # eleven digits already are too many, whatever they say, and Python bounds the digits it converts
        return int(digits[:11])
    return None


def has_suffix(text: str) -> bool:
    """A206: 'a valid IPv4 followed by `/` and 0-32 or `:` and 0-65535, one to five digits without a leading
    zero'."""
    found = re.fullmatch(r"([0-9.]+)([/:])(0|[1-9][0-9]{0,4})", text)
    if found is None or ipv4(found.group(1)) is None:
        return False
    return int(found.group(3)) <= (32 if found.group(2) == "/" else 65535)


def is_local_v4(address: ipaddress.IPv4Address) -> bool:
    """A210's IPv4 addresses, 'the IPv4 ones' of `--keep-local`."""
    return any(address in network for network in LOCAL_V4)


def is_local_v6(address: ipaddress.IPv6Address) -> bool:
    """A210's IPv6 addresses."""
    return any(address in network for network in LOCAL_V6)


def is_form_of_address(text: str) -> bool:
    """'a form of address': what somebody meant for an address, be it a good one or not."""
    # an address with anything behind a slash or its last colon was meant for one too, as in `10.0.0.1/024`
    quad = re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}){3}(/.*|:[^:]*)?", text, re.DOTALL) is not None
    return quad or ipv4(text) is not None or ipv6(text) is not None or is_octal_like(text) or has_suffix(text)


def local_code(names: list[str], in_block_list: bool) -> str:
    """A212 'in place of A210 for that line', where 'a real host is about to be left out'."""
    return "A212" if not in_block_list and any(map(is_real, names)) else "A210"


def address_codes(text: str, names: list[str], options: Options, in_block_list: bool = False) -> list[str]:
    """Every A2xx of one line, given its address and the names on it that are examined."""
    address = ipv4(text)
    if address is not None:
        return ipv4_codes(address, names, options, in_block_list)
    six = ipv6(text)
    if text == "":
        return ["A201"]
    if six is not None:
        return [local_code(names, in_block_list) if is_local_v6(six) else "A203"]
    if is_octal_like(text):
        return ["A204"]
    if is_short(text):
        return ["A205"]
    if has_suffix(text):
        return ["A206"]
    return ["A202"]


def ipv4_codes(
    address: ipaddress.IPv4Address, names: list[str], options: Options, in_block_list: bool
) -> list[str]:
    """A210 or A212, else A211 and A213: 'local is skipped, and its name is not examined'."""
    codes: list[str] = []
    if is_local_v4(address):
        if not options.keep_local:
            return [local_code(names, in_block_list)]
    elif any(address in network for network in SPECIAL):
        codes.append("A211")
    if options.cidr and not any(holds(cidr, address) for cidr in options.cidr):
        # A213: '`--cidr` was given (repeatable) and none holds it'
        codes.append("A213")
    return codes


def holds(cidr: str, address: ipaddress.IPv4Address) -> bool:
    """Whether a network holds an address; an IPv6 network holds no IPv4 address."""
    return address in ipaddress.ip_network(cidr, strict=False)
