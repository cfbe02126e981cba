"""Is this text a form of address, or a name? One text at a time: for detection and for refused ones.

The vectorised checks of whole columns are in `columns.ipv4` and `columns.kernels`; here a text that they
do not accept gets its cause.
"""

from __future__ import annotations

import re

from importer import limits


def is_ipv4(text: str) -> bool:
    """Four decimal numbers 0-255 without leading zeros."""
    return _IPV4.fullmatch(text) is not None


_UP_TO_255 = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"(?:{_UP_TO_255}\.){{3}}{_UP_TO_255}")


def is_dotted_quad(text: str) -> bool:
    """Four runs of one to three digits with periods between them, whatever their values."""
    parts = text.split(".")
    return len(parts) == 4 and all(0 < len(part) <= 3 for part in parts) and _are_numbers(parts)


def is_ipv6(text: str) -> bool:
    """An IPv6 address, local or not, with or without a zone."""
    return ":" in text and bool(_ipv6_code(text))


def is_global_ipv6(raw: bytes) -> bool:
    """An IPv6 address that is not a local one, with or without a zone."""
    return b":" in raw and len(raw) <= _LONGEST_IPV6 and _ipv6_code(raw.decode("latin-1")) == "A203"


_LONGEST_IPV6 = 300
"""Characters of an address with a zone, which is the name of a network interface."""


def is_form_of_address(text: str) -> bool:
    """Whether a text is written like an address; a number by itself, such as a count, is not."""
    without_suffix = (text, text.partition("/")[0], text.rpartition(":")[0])
    return any(map(is_dotted_quad, without_suffix)) or is_ipv6(text) or address_code(text) in ("A204", "A206")


def is_name(text: str) -> bool:
    """A name by the service's own rule."""
    raw = text.encode("utf-8", "surrogateescape")
    return (
        0 < len(raw) <= limits.MAX_NAME_CHARS
        and raw[0] in limits.LETTERS
        and not raw.translate(None, limits.NAME_BYTES)
    )


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
    if len(parts) == 4 and _are_numbers(parts):
        significant = [part.lstrip("0") for part in parts]
        if all(len(part) < 3 or (len(part) == 3 and part <= "255") for part in significant):
            return "A204"  # four numbers in range and yet no IPv4: a leading zero
        if significant == parts:
            return "A202"
    if text[0] in "0123456789" and _is_inet_aton(parts):
        return "A205"
    for mark, top in (("/", 32), (":", 65535)):
        if mark in text:
            address, _, number = text.partition(mark)
            if is_ipv4(address) and _is_plain(number, top):
                return "A206"
    return "A202"


def is_address_like(text: str) -> bool:
    """Whether a text is a form of address, or four decimal numbers that miss being one."""
    parts = text.split(".")
    return (len(parts) == 4 and _are_numbers(parts)) or address_code(text) not in ("A201", "A202")


def _are_numbers(parts: list[str]) -> bool:
    return all(part.isascii() and part.isdecimal() for part in parts)


def _is_plain(digits: str, top: int) -> bool:
    """A decimal number up to `top`, at most five digits, without a leading zero."""
    if not (0 < len(digits) <= 5 and digits.isascii() and digits.isdecimal()):
        return False
    return (digits == "0" or digits[0] != "0") and int(digits) <= top


def _is_inet_aton(parts: list[str]) -> bool:
    """Whether C's inet_aton reads it: one to four numbers, the last filling the bytes left."""
    if len(parts) > 4:
        return False
    numbers = []
    for part in parts:
        value = _c_number(part)
        if value is None:
            return False
        numbers.append(value)
    return all(n <= 255 for n in numbers[:-1]) and numbers[-1] < 256 ** (5 - len(numbers))


def _c_number(part: str) -> int | None:
    """The value of a C integer literal without sign; None for what is none, or is far too large."""
    lowered = part.lower()
    base = 16 if lowered.startswith("0x") else 8 if part.startswith("0") and len(part) > 1 else 10
    written = lowered[2:] if base == 16 else lowered
    digits = written.lstrip("0") or "0"
    if not written or len(digits) > 11 or not set(digits) <= _DIGITS[base]:
        return None
    return int(digits, base)


_DIGITS = {8: set("01234567"), 10: set("0123456789"), 16: set("0123456789abcdef")}


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
