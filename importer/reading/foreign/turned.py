"""Lists that hold addresses and names, but not an address and its names in this order on each line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.columns.forms import is_address_like, is_name
from importer.reading.foreign.lines import ON_ONE_LINE, Kind, Lines, Recipe, is_address, text_of, tokens_of

_SENTENCE_WORDS = frozenset(
    b"a an and are as at by for from has have host in is it its moved new node of old on or runs server "
    b"that the this to was were will with".split()
)
"""Words of sentences: a line with one of them is prose, whose words are not names."""
_MOST_NAMES = 7


# --- an address or a name alone -------------------------------------------------------------------


def _are_on_two_lines(file: Lines) -> bool:
    """Whether a lone address is followed by a line without an address, and most lines are one of these."""
    alone = [line == [True] for line in file.addresses]
    names = [bool(line) and not any(line) for line in file.addresses]
    pairs = any(first and then for first, then in zip(alone, names[1:], strict=False))
    back = any(first and then for first, then in zip(names, alone[1:], strict=False))
    return (pairs or back) and file.most(a or n for a, n in zip(alone, names, strict=True))


def _joined(lines: Sequence[bytes]) -> list[bytes] | None:
    made, address, waiting = [], b"", False
    for line in lines:
        tokens = tokens_of(line)
        if tokens and is_address(tokens[0]):
            if waiting:
                return None  # an address without a name would be lost
            address, waiting = (tokens[0], True) if len(tokens) == 1 else (b"", False)
            if len(tokens) > 1:
                made.append(line)
        elif not address:
            return None
        else:
            made.append(address + b" " + line)
            waiting = False
    return None if waiting else made


_JOIN = Recipe(
    r"""awk '{sub(/\r$/, "")} /^[ \t]*(#|$)/ {print; next} $1 !~ /^[0-9.]+$/ {print ip, $0; next} """
    """NF == 1 {ip = $1; next} {ip = ""; print}' FILE > NEW""",
    _joined,
)


# --- the name before the address ------------------------------------------------------------------


def _is_name_first(tokens: list[bytes]) -> bool:
    """Whether a word stands before an address; the mark of a list item is not a word."""
    return (
        len(tokens) > 1
        and any(map(is_address, tokens[1:_MOST_NAMES]))
        and not is_address(tokens[0])
        and re.search(rb"[A-Za-z0-9]", tokens[0]) is not None
    )


def _address_to_the_front(lines: Sequence[bytes]) -> list[bytes] | None:
    """Each line with its one address first; None where the lines are sentences or not so sure."""
    made: list[bytes] = []
    at: dict[bytes, list[bytes]] = {}
    for line in lines:
        tokens = tokens_of(line)
        address = [token for token in tokens if is_address(token)]
        names = [token for token in tokens if not is_address(token)]
        if (
            len(address) != 1
            or not 0 < len(names) <= _MOST_NAMES
            or not address[0].replace(b".", b"").isdigit()
        ):
            return None
        for name in names:
            key = name.lower()
            if key in _SENTENCE_WORDS or not is_name(text_of(name)) or at.setdefault(key, address) != address:
                return None  # a word of a sentence, or one that says something about several hosts
        made.append(b" ".join(address + names))
    return made


_SWAP = Recipe(
    r"""awk '{sub(/\r$/, ""); for (i = 1; i <= NF && $i !~ /#/; i++) if ($i ~ /^[0-9]+\.[0-9.]+$/) """
    """{ip = $i; $i = ""; $0 = ip " " $0; break} print}' FILE > NEW""",
    _address_to_the_front,
    kept=lambda line: line.split(b"#")[0],
)


# --- a name and a colon before the address --------------------------------------------------------


def _has_colon_name(tokens: list[bytes]) -> bool:
    return len(tokens) > 1 and tokens[0].endswith(b":") and any(map(is_address, tokens[1:]))


KINDS: tuple[Kind, ...] = (
    Kind(
        "has addresses and names on separate lines",
        ON_ONE_LINE,
        _are_on_two_lines,
        (_JOIN,),
    ),
    Kind(
        "looks like a bare list of addresses",
        "put a name behind each address",
        lambda file: file.most(len(words) == 1 and is_address_like(words[0]) for words in file.words),
    ),
    Kind(
        "looks like a bare list of names",
        "put an address before each name",
        lambda file: file.most(len(words) == 1 and is_name(words[0]) for words in file.words),
    ),
    Kind(
        "has a word and a colon before each address, as pdsh and YAML write it",
        f"{ON_ONE_LINE}; the word before the colon is the host, or only the node that printed the line",
        lambda file: file.most(map(_has_colon_name, file.tokens)),
    ),
    Kind(
        "has the name before the address",
        "write the address first on each line, then all its names",
        lambda file: file.most(map(_is_name_first, file.tokens)),
        (_SWAP,),
    ),
)
