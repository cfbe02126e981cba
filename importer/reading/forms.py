"""Is this text a form of address, or a name? One text at a time: for detection and for refused ones.

The vectorised check of whole columns is in `columns.kernels`; here a text that it does not accept
gets its cause.
"""

from __future__ import annotations

import re

from importer import limits

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_DECIMAL_PARTS = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)")
_SUFFIX = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}(?:/(?P<mask>[0-9]{{1,2}})|:(?P<port>[0-9]{{1,5}}))")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9_.-]{{0,{limits.MAX_NAME_CHARS - 1}}}")


def is_ipv4(text: str) -> bool:
    """Four decimal numbers 0-255 without leading zeros."""
    return _IPV4.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """A name by the service's own rule."""
    return _NAME.fullmatch(text) is not None


def address_code(text: str) -> str:
    """Which rule an address breaks: `` for IPv4, A201 to A206, or A210 for local IPv6."""
    if not text:
        return "A201"
    if is_ipv4(text):
        return ""
    if ":" in text:
        code = _ipv6_code(text)
        if code:
            return code
    parts = text.split(".")
    if len(parts) == 4 and text.isascii() and all(map(str.isdecimal, parts)):
        significant = [part.lstrip("0") for part in parts]
        if all(len(part) < 3 or (len(part) == 3 and part <= "255") for part in significant):
            return "A204"  # four numbers in range and yet no IPv4: a leading zero
        if significant == parts:
            return "A202"
    if _is_inet_aton(parts):
        return "A205"
    suffix = _SUFFIX.fullmatch(text)
    if suffix is not None and _plain_number(
        suffix["mask"] or suffix["port"], 32 if suffix["mask"] else 65535
    ):
        return "A206"
    return "A202"


def is_address_like(text: str) -> bool:
    """Whether a text is a form of address, or four decimal numbers that miss being one."""
    return address_code(text) not in ("A201", "A202") or _DECIMAL_PARTS.fullmatch(text) is not None


def _plain_number(digits: str, top: int) -> bool:
    return (digits == "0" or not digits.startswith("0")) and int(digits) <= top


def _is_inet_aton(parts: list[str]) -> bool:
    """Whether C's inet_aton reads it: one to four numbers, the last filling the bytes left."""
    if len(parts) > 4:
        return False
    numbers = []
    for part in parts:
        if _NUMBER.fullmatch(part) is None:
            return False
        value = _c_number(part)
        if value is None:
            return False
        numbers.append(value)
    return all(n <= 255 for n in numbers[:-1]) and numbers[-1] < 256 ** (5 - len(numbers))


def _c_number(part: str) -> int | None:
    """The value of a C integer literal; None where it has an 8 or 9 in octal, or is far too large."""
    lowered = part.lower()
    base = 16 if lowered.startswith("0x") else 8 if part.startswith("0") and len(part) > 1 else 10
    digits = (lowered[2:] if base == 16 else lowered).lstrip("0") or "0"
    if len(digits) > 11 or (base == 8 and not set(digits) <= set("01234567")):
        return None
    return int(digits, base)


def _ipv6_code(text: str) -> str:
    """A210 for a local IPv6 address, A203 for another one, `` for what is none."""
    import ipaddress

    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return ""
    number = int(address)
    local = number in (0, 1, 0xFE00 << 112) or number >> 118 == 0xFE80 >> 6 or number >> 120 == 0xFF
    return "A210" if local else "A203"
