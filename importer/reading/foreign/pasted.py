"""Host lists that something has been put around: numbers, prompts, quotes, commands, blanks that are none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.language import said
from importer.reading.foreign.lines import (
    Kind,
    Lines,
    Recipe,
    are_cells,
    holds_address,
    is_address,
    line_by_line,
    tokens_of,
)


def _is_host(line: bytes) -> bool:
    """Whether a line is an address and at least one further token."""
    tokens = tokens_of(line)
    return len(tokens) > 1 and is_address(tokens[0])


# --- numbers before the lines ---------------------------------------------------------------------

_NUMBER = re.compile(rb"([0-9]{1,7})(?:[:.)-]?(?:[ \t]+|$)|[:-](?=[^0-9]|[0-9]+[.]))")
"""The number of a line, as `cat -n`, `nl`, `grep -n` and people write it."""
_FILE_NUMBER = re.compile(rb"([^ \t:]{1,200}):([0-9]{1,7})[:-]")
"""A file and the number of a line, as `grep -n` writes it for several files."""


def _numbers(lines: Sequence[bytes], form: re.Pattern[bytes], group: int) -> bool:
    """Whether the lines begin with numbers, each higher than the one above, and hold an address behind."""
    last = -1
    behind = 0
    for line in lines:
        found = form.match(line)
        if found is None or int(found[group]) <= last:
            return False
        last = int(found[group])
        behind += holds_address(line[found.end() :])
    return behind > 0


def _is_numbered(file: Lines) -> bool:
    return _numbers(file.lines, _NUMBER, 1) or _has_files_and_numbers(file)


def _has_files_and_numbers(file: Lines) -> bool:
    names = {line.partition(b":")[0] for line in file.lines}
    return len(names) == 1 and _numbers(file.lines, _FILE_NUMBER, 2)


def _cut(form: re.Pattern[bytes], delimiter: bytes = b"") -> Recipe:
    command = {
        _NUMBER: r"sed -E 's/^[[:blank:]]*[0-9]+[:.)-]?[[:blank:]]*//' FILE > NEW",
        _FILE_NUMBER: r"sed -E 's/^[^:]*:[0-9]+[:-]//' FILE > NEW",
    }[form]

    def without(line: bytes) -> bytes:
        return form.sub(b"", line, count=1).lstrip(b" \t")

    def hosts(lines: Sequence[bytes]) -> list[bytes] | None:
        made = [without(line) for line in lines]
        return [line for line in made if line and not line.startswith(b"#")]

    return Recipe(command, hosts, kept=lambda line: without(line).partition(b"#")[0], delimiter=delimiter)


# --- prompts and commands -------------------------------------------------------------------------

_PROMPTS = (
    (re.compile(rb"\[[^] ]+@[^]]+\][#$](?: |$)"), "[[][^] ]+@[^]]+][#$]([[:space:]]|$)"),
    (
        re.compile(rb"[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[^ #$]*[#$](?: |$)"),
        "[^ ]+@[^ ]+:[^ #$]*[#$]([[:space:]]|$)",
    ),
    (re.compile(rb"[$%](?: |$)"), "[$%]([[:space:]]|$)"),
    (re.compile(rb"(?:PS )?[A-Z]:\\[^>]*>"), r"(PS )?[A-Z]:\\[^>]*>"),
)
"""Prompts, each with the extended regular expression that takes its lines out."""


def _has_prompt(file: Lines) -> bool:
    return any(form.match(line) for line in file.lines for form, _ in _PROMPTS)


def _without_prompts(form: re.Pattern[bytes], pattern: str) -> Recipe:
    def hosts(lines: Sequence[bytes]) -> list[bytes] | None:
        cut = [line for line in lines if form.match(line)]
        if any(map(holds_address, cut)) or sum(b" cat " in line for line in cut) > 1:
            return None  # a host stands in a command, or these are several files
        return [line for line in lines if not form.match(line)]

    return Recipe(
        f"grep -vE '^[[:blank:]]*{pattern}' FILE > NEW",
        hosts,
        kept=lambda line: b"" if form.match(line) else line,
    )


_ECHO = re.compile(rb"(?:sudo +)?(?:echo|printf) ")
_ECHOED = {
    b'"': (
        re.compile(rb'[^"\']*"([^"\\$`]*)"[^"]*'),
        """sed -nE '/^[[:blank:]]*#/d; s/^[^"]*echo [^"]*"([^"]*)".*/\\1/p' FILE > NEW""",
    ),
    b"'": (
        re.compile(rb"[^\"']*'([^']*)'[^']*"),
        """sed -nE "/^[[:blank:]]*#/d; s/^[^']*echo [^']*'([^']*)'.*/\\\\1/p" FILE > NEW""",
    ),
}


def _echoed(quote: bytes) -> Recipe:
    form, command = _ECHOED[quote]

    def host(line: bytes) -> bytes | None:
        found = form.fullmatch(line)
        if found is None or b"echo " not in line.partition(quote)[0]:
            return None if holds_address(line) or b"echo" in line else b""
        return found[1]

    return Recipe(command, line_by_line(host), kept=lambda line: host(line) or b"")


# --- marks that are not what they look like -------------------------------------------------------


def _plain(line: bytes) -> bytes:
    """A line whose literal `\\t` and `\\n` have become a tab and a line end."""
    return line.removeprefix(b"-e ").replace(b"\\t", b"\t").replace(b"\\n", b"\n").strip()


def _has_escapes(file: Lines) -> bool:
    return file.half(b"\\t" in line or b"\\n" in line for line in file.lines) and file.half(
        _is_host(_plain(line).partition(b"\n")[0]) for line in file.lines
    )


def _unescaped(lines: Sequence[bytes]) -> list[bytes] | None:
    made = [part for line in lines for part in _plain(line).split(b"\n") if part.strip()]
    return None if any(b"\\" in line for line in made) else made


_UNESCAPE = Recipe(
    r"""awk '{sub(/^-e /, ""); gsub(/\\t/, "\t"); gsub(/\\n/, "\n"); print}' FILE > NEW""",
    _unescaped,
    kept=_plain,
)

_ODD_BLANKS = {
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "en space": "\u2002",
    "em space": "\u2003",
    "thin space": "\u2009",
    "narrow no-break space": "\u202f",
    "zero-width space": "\u200b",
}
_ODD_MARKS = {
    "full-width comma": ("\uff0c", ","),
    "full-width semicolon": ("\uff1b", ";"),
    "full-width colon": ("\uff1a", ","),
    "ideographic comma": ("\u3001", ","),
    "full-width vertical line": ("\uff5c", "|"),
}


def _odd_blank(file: Lines) -> str:
    """The name of the odd blank without which most lines would be hosts; empty where there is none."""
    for name, blank in _ODD_BLANKS.items():
        odd = blank.encode()
        if file.most(odd in line and not _is_host(line) and _is_host(_blanks(line)) for line in file.lines):
            return name
    return ""


def _blanks(line: bytes) -> bytes:
    for blank in _ODD_BLANKS.values():
        line = line.replace(blank.encode(), b" ")
    return line


def _odd_mark(file: Lines) -> str:
    """The name of the odd mark that parts address and name on most lines; empty where there is none."""
    for name, (mark, _) in _ODD_MARKS.items():
        cells = [line.split(mark.encode()) for line in file.lines]
        held = [len(row) > 1 and any(is_address(cell.strip()) for cell in row) for row in cells]
        if file.half(held) and file.most(len(row) > 1 for row in cells):  # one of two rows may be a header
            return name
    return ""


def _bytes_of(text: str) -> str:
    return "".join(f"\\x{byte:02X}" for byte in text.encode())


def _code(text: str) -> str:
    return f"U+{ord(text):04X}"


def _blank_recipe(blank: str) -> Recipe:
    return Recipe(
        f"LC_ALL=C sed $'s/{_bytes_of(blank)}/ /g' FILE > NEW",
        lambda lines: [line.replace(blank.encode(), b" ") for line in lines],
        kept=lambda line: line.replace(blank.encode(), b" "),
    )


def _mark_recipe(mark: str, plain: str) -> Recipe:
    def cells(lines: Sequence[bytes]) -> list[bytes] | None:
        if any(set(b',;|\t"') & set(line) for line in lines):
            return None  # a cell may hold it
        return [line.replace(mark.encode(), plain.encode()) for line in lines]

    return Recipe(
        f"LC_ALL=C sed $'s/{_bytes_of(mark)}/{plain}/g' FILE > NEW",
        cells,
        kept=lambda line: line.replace(mark.encode(), plain.encode()),
        delimiter=plain.encode(),
    )


def _is_quoted_whole(file: Lines) -> bool:
    return file.most(line[:1] == line[-1:] == b'"' and line.count(b'"') == 2 for line in file.lines)


def _unquoted(lines: Sequence[bytes]) -> list[bytes] | None:
    if any(line.count(b'"') not in (0, 2) for line in lines):
        return None
    return [line.replace(b'"', b"").strip() for line in lines]


# --- a delimiter that must be named ---------------------------------------------------------------

_CONTROLS = bytes([*range(1, 9), *range(14, 32)])
_MARKS = b":=~^!%&/+*"


def _odd_delimiter(file: Lines) -> bytes:
    """A character that parts the lines into an address, a name and whatever else; empty where none does."""
    present = set(file.lines[-1])
    for byte in _CONTROLS + _MARKS:
        delimiter = bytes([byte])
        if byte in present and are_cells(file.lines, delimiter):
            return delimiter
    for byte in _CONTROLS:  # no text has it, so that one address is proof enough
        delimiter = bytes([byte])
        rows = [line.split(delimiter) for line in file.lines if delimiter in line]
        if byte in present and file.most(rows) and all(any(map(is_address, row)) for row in rows[1:]):
            return delimiter
    return b""


def _shown(delimiter: bytes) -> str:
    return delimiter.decode() if delimiter[0] > 32 else f"\\x{delimiter[0]:02x}"


def _says_delimiter(file: Lines) -> str:
    delimiter = _odd_delimiter(file)
    owner = ", the delimiter of Hive" if delimiter == b"\x01" else ""
    return said("is delimited by '{delimiter}'{owner}", delimiter=_shown(delimiter), owner=owner)


KINDS: tuple[Kind, ...] = (
    Kind(
        "has a number before each line, as cat -n and grep -n write it",
        "cut the numbers off",
        _is_numbered,
        tuple(_cut(form, delimiter) for form in (_NUMBER, _FILE_NUMBER) for delimiter in (b"", b",", b";")),
    ),
    Kind(
        "looks like a paste from a terminal: it has prompts",
        "take the lines with prompts out",
        _has_prompt,
        tuple(_without_prompts(form, pattern) for form, pattern in _PROMPTS),
    ),
    Kind(
        "looks like a shell script of echo commands",
        "keep what the commands write: each address and its names on one line",
        lambda file: file.half(map(_ECHO.match, file.lines)),
        (_echoed(b'"'), _echoed(b"'")),
    ),
)
"""Looked for before hosts syntax."""

LATE: tuple[Kind, ...] = (
    Kind(
        lambda file: said(
            "is delimited by {file}s ({ODD_BLANKS}), which are not blanks in a host list",
            file=_odd_blank(file),
            ODD_BLANKS=_code(_ODD_BLANKS[_odd_blank(file)]),
        ),
        "replace each by a space",
        lambda file: bool(_odd_blank(file)),
        tuple(map(_blank_recipe, _ODD_BLANKS.values())),
    ),
    Kind(
        lambda file: said(
            "is delimited by a {file} ({ODD_MARKS})",
            file=_odd_mark(file),
            ODD_MARKS=_code(_ODD_MARKS[_odd_mark(file)][0]),
        ),
        lambda file: said("write '{ODD_MARKS}' in its place", ODD_MARKS=_ODD_MARKS[_odd_mark(file)][1]),
        lambda file: bool(_odd_mark(file)),
        tuple(_mark_recipe(mark, plain) for mark, plain in _ODD_MARKS.values()),
    ),
    Kind(
        "has each line in quotes as a whole",
        "remove the quotes around the lines",
        _is_quoted_whole,
        (
            Recipe("tr -d '\"' < FILE > NEW", _unquoted, delimiter=b","),
            Recipe("tr -d '\"' < FILE > NEW", _unquoted, delimiter=b";"),
            Recipe("tr -d '\"' < FILE > NEW", _unquoted),
        ),
    ),
    Kind(
        "has a literal \\t or \\n where a tab or a line end should be",
        "replace each by the character that it stands for",
        _has_escapes,
        (_UNESCAPE,),
    ),
    Kind(
        _says_delimiter,
        lambda file: said("say --delimiter '{file}'", file=_shown(_odd_delimiter(file))),
        lambda file: bool(_odd_delimiter(file)),
    ),
)
"""Looked for where neither hosts syntax nor columns were found."""
