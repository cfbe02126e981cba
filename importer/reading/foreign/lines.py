"""The first lines of a file that may not be a host list, what can be asked about them, and recipes.

A recipe is a command of the shell that makes a host list of the file. It is told only where it was tried
on these very lines: `tried` runs its twin in Python, and looks whether the outcome can be read and whether
every name and address is still there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from importer.columns.forms import is_address_like, is_ipv4, is_name
from importer.language import said

_WORD = re.compile(rb"[^\s\"'`,;:=/\\|<>()\[\]{}]+")
_ADDRESS = re.compile(rb"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]")
_MOST_WORDS = 8
ON_ONE_LINE = "write each address and its names on one line"
"""What helps with any file that has addresses and names."""


def text_of(token: bytes) -> str:
    """A token as text; what is not UTF-8 becomes a character that no name has."""
    return token.decode("utf-8", "replace")


def is_address(token: bytes) -> bool:
    """Whether a token is a form of address with a dot or a colon in it: a bare number is not."""
    return (b"." in token or b":" in token) and is_address_like(text_of(token))


def tokens_of(line: bytes) -> list[bytes]:
    """The tokens of a line in hosts syntax, without its comment."""
    return line.split(b"#")[0].split()


def host_line(address: bytes, name: bytes) -> bytes | None:
    """A line of hosts syntax, None where these are not an address and a name."""
    return address + b" " + name if is_ipv4(text_of(address)) and is_name(text_of(name)) else None


def holds_address(line: bytes) -> bool:
    """Whether there is an IPv4 address somewhere in a line."""
    return _ADDRESS.search(line) is not None


@dataclass(frozen=True)
class Lines:
    """The first lines with content, without their outer blanks, and what can be asked about them."""

    lines: Sequence[bytes]

    @cached_property
    def tokens(self) -> list[list[bytes]]:
        """The tokens of each line, without its comment."""
        return [tokens_of(line) for line in self.lines]

    @cached_property
    def words(self) -> list[list[str]]:
        """The first tokens of each line as text."""
        return [[text_of(token) for token in line[:_MOST_WORDS]] for line in self.tokens]

    @cached_property
    def addresses(self) -> list[list[bool]]:
        """Which of the first tokens of each line are addresses."""
        return [[is_address(token) for token in line[:_MOST_WORDS]] for line in self.tokens]

    def begin(self, *marks: bytes) -> bool:
        """Whether the first line begins with one of these."""
        return self.lines[0].startswith(marks)

    def half(self, fits: Iterable[object]) -> bool:
        """Whether at least half of the lines fit."""
        return 2 * sum(map(bool, fits)) >= len(self.lines)

    def most(self, fits: Iterable[object]) -> bool:
        """Whether more than half of the lines fit."""
        return 2 * sum(map(bool, fits)) > len(self.lines)


class Recipe(NamedTuple):
    """A command that makes a host list of a file."""

    command: str
    """`FILE` stands for the file, `NEW` for the list."""
    turn: Callable[[Sequence[bytes]], list[bytes] | None]
    """The twin of the command: from the lines of the file to the lines of the list, or None where the lines
    are not of the form that the command is for."""
    kept: Callable[[bytes], bytes] = lambda line: line
    """What of a line must be found in the list again: all but what belongs to the format."""
    delimiter: bytes = b""
    """Set where the list is delimited text, not hosts syntax."""


class Kind(NamedTuple):
    """A kind of text that is not a host list."""

    says: str | Callable[[Lines], str]
    """What is said about the file, behind its name."""
    hint: str | Callable[[Lines], str]
    """What to do; `{source}` stands for its name."""
    is_it: Callable[[Lines], bool]
    recipes: tuple[Recipe, ...] = ()
    """The first that does these lines no harm is told behind the hint."""

    def told(self, file: Lines) -> tuple[str, str]:
        """The message and the hint for a file of this kind."""
        says = self.says if isinstance(self.says, str) else self.says(file)
        hint = self.hint if isinstance(self.hint, str) else self.hint(file)
        recipe = next((recipe for recipe in self.recipes if tried(recipe, file.lines)), None)
        return says, hint if recipe is None else said(
            "{hint}, for example: {command}", hint=hint, command=recipe.command
        )


def line_by_line(turn: Callable[[bytes], bytes | None]) -> Callable[[Sequence[bytes]], list[bytes] | None]:
    """The twin of a command that looks at one line at a time; an empty outcome is left out."""

    def turn_all(lines: Sequence[bytes]) -> list[bytes] | None:
        made = [turn(line) for line in lines]
        return None if None in made else [line for line in made if line]

    return turn_all


def tried(recipe: Recipe, lines: Sequence[bytes]) -> bool:
    """Whether a recipe makes a list of these lines that can be read and that has lost nothing."""
    made = recipe.turn(lines)
    if not made:
        return False
    if not (are_cells(made, recipe.delimiter) if recipe.delimiter else _are_hosts(made)):
        return False
    found = {word for line in made for word in _WORD.findall(line)}
    return all(word in found for line in lines for word in _WORD.findall(recipe.kept(line)))


def _are_hosts(lines: Sequence[bytes]) -> bool:
    """Whether each line is an address and names, and names no second address."""
    for line in lines:
        tokens = tokens_of(line)
        if len(tokens) < 2 or not is_address(tokens[0]) or any(map(is_address, tokens[1:])):
            return False
    return True


def are_cells(lines: Sequence[bytes], delimiter: bytes) -> bool:
    """Whether the lines are rows of one width with one column of addresses and one of names.

    The first row may be a header.
    """
    rows = [[text_of(cell.strip()) for cell in line.split(delimiter)] for line in lines]
    width = len(rows[0])
    if width < 2 or any(len(row) != width for row in rows):
        return False
    below = rows[1:] if len(rows) > 1 else rows
    addresses = [i for i in range(width) if all(is_ipv4(row[i]) for row in below)]
    names = [i for i in range(width) if all(is_name(row[i]) for row in below)]
    if len(rows) > 1 and not any(is_ipv4(cell) for cell in rows[0]):
        return len(addresses) == 1 and bool(names)  # the header tells the names apart
    return len(addresses) == len(names) == 1
