"""Groups of options. A group knows its options by itself: which were given, which name a file that is read.

To add an option: one `add` in the group that it belongs to. Imports nothing heavy.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, NamedTuple

from importer.language import said


class Mark(NamedTuple):
    """What an option of a group bears, as an attribute of its action."""

    group: str = ""
    reads: bool = False
    """Whether it names a file that is read, or files; a switch of this kind reads standard input."""


class Group:
    """Options that belong together, under one title of the help."""

    def __init__(self, name: str, place: Any) -> None:
        """`place` is where argparse takes options: a verb, or a group of its own."""
        self._name = name
        self._place = place

    def add(self, *flags: str, reads: bool = False, **how: Any) -> None:
        """Add an option, with argparse's own keywords; `reads`: it names a file that is read."""
        action = self._place.add_argument(*flags, **how)
        action.mark = Mark(self._name, reads)

    def repeatable(self, flag: str, **how: Any) -> None:
        """Add an option that may be given several times."""
        self.add(flag, action="append", default=[], **how)


def given(options: argparse.Namespace, *groups: str) -> Iterator[str]:
    """The options of these groups that have another value than the default, as users write them."""
    for action in options.parser._actions:
        if _mark(action).group in groups and getattr(options, action.dest) != action.default:
            yield action.option_strings[-1]


def values(options: argparse.Namespace, group: str) -> dict[str, Any]:
    """The values of the options of a group, by name; those that have none are absent."""
    found = ((a.dest, getattr(options, a.dest)) for a in options.parser._actions if _mark(a).group == group)
    return {name: value for name, value in found if value is not None}


def files_read(options: argparse.Namespace) -> Iterator[str]:
    """The files that the options name to be read; `-` is standard input."""
    for action in options.parser._actions:
        value = getattr(options, action.dest, None) if _mark(action).reads else None
        if isinstance(value, list):
            yield from value
        elif value:
            yield "-" if value is True else value


def is_file(action: argparse.Action) -> bool:
    """Whether the value of an option is the name of a file."""
    return _mark(action).reads or action.dest == "data"


def _mark(action: argparse.Action) -> Mark:
    mark: Mark = getattr(action, "mark", Mark())
    return mark


def add_talk(verb: argparse.ArgumentParser) -> None:
    """Add -q and -v."""
    group = Group("talk", verb)
    group.add("-q", "--quiet", action="store_true", help="no progress and no remarks")
    group.add("-v", "--verbose", action="store_true", help="show findings at info one by one too")


def count(text: str) -> int:
    """Type of an option: a whole number from 0."""
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise argparse.ArgumentTypeError(said("{text!r} is not a whole number from 0", text=text))
    return int(text)


def positive(text: str) -> int:
    """Type of an option: a whole number from 1."""
    if not count(text):
        raise argparse.ArgumentTypeError(said("{text!r} is not a whole number from 1", text=text))
    return int(text)


def file_name(text: str) -> str:
    """Type of an option: the name of a file, which an empty variable of a shell is not."""
    if not text:
        raise argparse.ArgumentTypeError("names no file")
    return text


def seconds(text: str) -> float:
    """Type of an option: a number of seconds."""
    return _number(text, 1e6, "is not a number of seconds")


def amount(text: str) -> float:
    """Type of an option: a number, not too large."""
    return _number(text, 86_400, "is not a number from 0 to 86,400")


def _number(text: str, most: float, fault: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise argparse.ArgumentTypeError(f"{text!r} {fault}")
    return value
