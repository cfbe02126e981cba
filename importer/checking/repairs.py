"""Repairs of one line or row: what may be written in the place of a fault, and nothing that would be a guess.

    10.0.0.1，kafka01.      ->  10.0.0.1 kafka01         full-width comma, comma, final dot
    10.1.0.15/24 kafka02    ->  10.1.0.15 kafka02        a network mask
    kafka03 10.0.0.3        ->  10.0.0.3 kafka03         swapped

Pure functions of the text of one record. A repair is offered only if it makes the name or address valid, so
what is repaired once needs no repair again. Positions are characters of the physical line, from 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from importer import limits
from importer.columns.forms import is_ipv4, is_name

REPAIRABLE = ("N103", "N104", "N110", "A202", "A206")
"""The codes of the findings that a repair of a name or an address may settle."""


class Edit(NamedTuple):
    """A stretch of a line, and what is written in its place."""

    start: int
    end: int
    text: str


class Repair(NamedTuple):
    """What settles one fault, or the faults of one name and its address."""

    at: tuple[int, ...]
    """Where the names and addresses begin that it is about."""
    causes: tuple[str, ...]
    """What was wrong: keys of `CAUSES` in `repair_words`."""
    safe: bool
    edits: tuple[Edit, ...]

    @property
    def neutral(self) -> bool:
        """Whether it changes nothing that is sent: a final dot is looked past anyway."""
        return self.causes == ("dot",)


BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
UNSEEN = "\u200b\u200c\u200d\u200e\u202a\u202c\u2060\ufeff"
_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | {
    "\u3002": ".",
    "\uff61": ".",
    "\u3001": ",",
}
_PLAIN = str.maketrans({**dict.fromkeys(BLANKS, " "), **dict.fromkeys(UNSEEN, ""), **_FULL_WIDTH})
_DIGITS = tuple("0123456789")
_LOOK_ALIKE = str.maketrans("OolISB", "001158")
_TOKEN = re.compile(r"[^ \t\v\f\r]+")
_SIGNS = (";", "//", "/*", "--", "{{", "${")
_QUAD = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_SUFFIX = re.compile(r"([0-9.]{7,15})([/:])(0|[1-9][0-9]{0,4})")
_LONGEST = 512
"""Characters of a text that is worth a look: no name and no address is nearly as long."""
_APART = re.compile(r"([^ ,;]+)( *)([,;]?)( *)(?![,;])(.*)")


class Mended(NamedTuple):
    """A name or an address as it should be written."""

    text: str
    causes: tuple[str, ...]
    safe: bool = True


def plain_causes(text: str) -> tuple[str, ...]:
    """Which characters of a text have a plain ASCII form that is meant."""
    if text.isascii():
        return ()
    kinds = (("blank", BLANKS), ("unseen", UNSEEN), ("full_width", _FULL_WIDTH))
    return tuple(cause for cause, chars in kinds if any(char in chars for char in text))


@lru_cache(1024)
def mended_address(text: str) -> Mended | None:
    """The IPv4 address that a text can only mean; None where it is one, or where nobody can know."""
    if len(text) > _LONGEST:
        return None
    causes = list(plain_causes(text))
    plain = text.translate(_PLAIN).strip(" ") if causes else text
    safe = True
    for unwrap, cause, is_safe in _WRAPPED:
        inner = unwrap(plain)
        if inner != plain:
            plain, safe = inner, safe and is_safe
            causes.append(cause)
    bare, cause = _without_suffix(plain)
    if cause:
        plain = bare
        causes.append(cause)
    if not is_ipv4(plain) and is_ipv4(plain.translate(_LOOK_ALIKE)):
        plain, safe = plain.translate(_LOOK_ALIKE), False
        causes.append("letters")
    return Mended(plain, tuple(causes), safe) if causes and is_ipv4(plain) else None


def _without_suffix(text: str) -> tuple[str, str]:
    """An address without its mask or port, and which it was; as it is where that would be a guess.

    The first and the last address of a network name the network, so a host cannot be meant.
    """
    found = _SUFFIX.fullmatch(text)
    if found is None or not is_ipv4(found[1]):
        return text, ""
    address, mark, number = found[1], found[2], int(found[3])
    if mark == ":":
        return (address, "port") if number <= 65535 else (text, "")
    bits = 32 - number
    if bits < 0:
        return text, ""
    value = int.from_bytes(bytes(map(int, address.split("."))), "big") & ((1 << bits) - 1)
    return (address, "mask") if not bits or 0 < value < (1 << bits) - 1 else (text, "")


def _unwrapped(text: str) -> str:
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return text[2:-1]
    if text.startswith("'") and len(text) > 1:
        return text[1:].removesuffix("'")
    return text


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text


_WRAPPED = ((_unwrapped, "wrapped", True), (_unquoted, "quotes", False))


@lru_cache(1024)
def mended_name(text: str, keep_dot: bool = False, prefix: str = "") -> Mended | None:
    """The name that a text can only mean, without a final dot; None where nothing is to be done.

    `prefix` goes before names that begin with a digit, where somebody asked for that.

    Blanks that are not ASCII become spaces, so the result may be several names.
    """
    if len(text) > _LONGEST:
        return None
    causes = list(plain_causes(text))
    plain = text.translate(_PLAIN).strip(" ") if causes else text
    safe = True
    for unwrap, cause, is_safe in _WRAPPED:
        inner = unwrap(plain)
        if inner != plain:
            plain, safe = inner, safe and is_safe
            causes.append(cause)
    names = plain.split(" ") if causes else [plain]
    if not keep_dot:
        bare = [name[:-1] if is_dotted(name) else name for name in names]
        if bare != names:
            names = bare
            causes.append("dot")
    if prefix:
        longer = [prefix + name if name[:1] in _DIGITS else name for name in names]
        if longer != names and all(names):
            names = longer
            causes.append("digit")
    if not causes or not all(_is_readable(name) for name in names):
        return None
    if causes != ["dot"] and any(name.lower() in limits.LOCAL_NAMES for name in names):
        return None  # it would be refused as before, for another reason
    return Mended(" ".join(names), tuple(causes), safe)


def is_dotted(name: str) -> bool:
    """Whether a name ends in exactly one dot (N110)."""
    return len(name) > 1 and name.endswith(".") and name[-2] != "."


def _is_readable(name: str) -> bool:
    """Whether a text is a name that holds no address: such a line may have lost a line end."""
    return is_name(name.removesuffix(".")) and not _QUAD.search(name)


# --- hosts syntax ---------------------------------------------------------------------------------


def repairs_of_line(line: str, *, keep_dot: bool = False, prefix: str = "") -> Iterator[Repair]:
    """The repairs of one line of hosts syntax."""
    tokens = list(_TOKEN.finditer(line.partition("#")[0]))
    for number, token in enumerate(tokens):
        if token[0].startswith(_SIGNS):
            del tokens[number:]
            break
    if not tokens:
        return
    first, *names = tokens
    good = is_ipv4(first[0])
    swapped = _swapped(first[0], names[0][0]) if len(names) == 1 and not good else None
    if swapped is not None:
        (name, address), causes, safe = swapped
        edits = Edit(*first.span(), address), Edit(*names[0].span(), name)
        yield Repair((first.start(), names[0].start()), causes, safe, edits)
        return
    if not good:
        mended = _mended_beginning(first[0], bool(names), keep_dot=keep_dot)
        if mended is not None and not any(":" in token[0] or _QUAD.search(token[0]) for token in names):
            edit = Edit(*first.span(), mended.text)
            yield Repair((first.start(),), mended.causes, mended.safe, (edit,))
            good = " " not in mended.text
    for number, token in enumerate(names):
        own = mended_name(token[0], keep_dot, prefix)
        if own is None and number == 0 and good:
            own = _behind_comma(token[0], alone=len(names) == 1, keep_dot=keep_dot)
        if own is not None:
            yield Repair((token.start(),), own.causes, own.safe, (Edit(*token.span(), own.text),))


def _mended_beginning(text: str, named: bool, *, keep_dot: bool) -> Mended | None:
    """The first word of a line as it should be: an address, and what follows it without a blank."""
    mended = mended_address(text)
    if mended is not None or len(text) > _LONGEST:
        return mended if named else None
    causes = list(plain_causes(text))
    found = _APART.fullmatch(text.translate(_PLAIN).strip(" "))
    if found is None or not (found[2] or found[3]):
        return None
    address, rest, safe = found[1], found[5], True
    if not (rest or named):
        return None
    if not is_ipv4(address):
        again = mended_address(address)
        if again is None:
            return None
        address, safe = again.text, again.safe
        causes += again.causes
    if found[3]:
        causes.append("comma")
    names = rest.split()
    for number, name in enumerate(names):
        own = mended_name(name, keep_dot)
        if own is not None:
            names[number], safe = own.text, safe and own.safe
            causes += own.causes
        elif not _is_readable(name) or name.lower() in limits.LOCAL_NAMES:
            return None
    return Mended(" ".join([address, *names]), tuple(dict.fromkeys(causes)), safe)


def _behind_comma(text: str, *, alone: bool, keep_dot: bool) -> Mended | None:
    """The first name of a line without the comma in front of it."""
    plain = text[:_LONGEST].translate(_PLAIN).strip(" ")
    if not plain.startswith(",") or len(text) > _LONGEST:
        return None
    causes, name = (*plain_causes(text), "comma"), plain[1:].strip(" ")
    if not name:
        return None if alone else Mended("", causes)
    own = mended_name(name, keep_dot)
    if own is not None:
        return Mended(own.text, tuple(dict.fromkeys((*causes, *own.causes))), own.safe)
    readable = _is_readable(name) and name.lower() not in limits.LOCAL_NAMES
    return Mended(name, causes) if readable else None


def _swapped(first: str, second: str) -> tuple[tuple[str, str], tuple[str, ...], bool] | None:
    """The name and the address, where the first word is the name and the second the address."""
    if first[:1] in "0123456789" or (second.isascii() and "." not in second):
        return None  # as nearly always
    name, address = mended_name(first), mended_address(second)
    texts = first if name is None else name.text, second if address is None else address.text
    if not _is_readable(texts[0]) or not is_ipv4(texts[1]):
        return None
    causes = [*(name.causes if name else ()), *(address.causes if address else ()), "swapped"]
    safe = (name is None or name.safe) and (address is None or address.safe)
    return texts, tuple(dict.fromkeys(causes)), safe


# --- delimited text -------------------------------------------------------------------------------


class CellAt(NamedTuple):
    """A cell of a row: its value, and the stretch of the line in which it is written."""

    value: str
    start: int
    end: int


def repairs_of_row(
    name: CellAt, ip: CellAt, *, only_two: bool, keep_dot: bool = False, prefix: str = ""
) -> Iterator[Repair]:
    """The repairs of one row of delimited text; `only_two`: it has no other cells."""
    swapped = _swapped(ip.value, name.value) if only_two else None
    if swapped is not None:
        (new_name, new_address), causes, safe = swapped
        edits = Edit(ip.start, ip.end, new_address), Edit(name.start, name.end, new_name)
        yield Repair((ip.start, name.start), causes, safe, tuple(sorted(edits)))
        return
    address = None if is_ipv4(ip.value) else mended_address(ip.value)
    own = mended_name(name.value, keep_dot, prefix)
    for cell, mended in ((ip, address), (name, own)):
        if mended is not None and " " not in mended.text:
            edit = Edit(cell.start, cell.end, mended.text)
            yield Repair((cell.start,), mended.causes, mended.safe, (edit,))


# --- what a line says, before and after -----------------------------------------------------------


def edited(line: str, edits: Iterable[Edit]) -> str:
    """The line with its edits, which do not overlap."""
    parts, done = [], 0
    for edit in sorted(edits):
        parts += [line[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, line[done:]])


class Said(NamedTuple):
    """What a line of hosts syntax says."""

    pairs: frozenset[tuple[str, str]]
    """(name, address), where both are as they should be by themselves."""
    clean: bool
    """Whether that is all it says."""


def pairs_of_line(line: str) -> Said:
    """The pairs of a line of hosts syntax."""
    address, *names = _TOKEN.findall(line.partition("#")[0]) or [""]
    if not is_ipv4(address):
        return _NOTHING
    pairs = frozenset((bare, address) for name in names if is_name(bare := name.removesuffix(".")))
    return Said(pairs, bool(names) and len(pairs) == len(set(names)))


_NOTHING = Said(frozenset(), clean=False)
