"""Hosts syntax: lines into rows, and what is told about a line before any record is looked at."""

import re
from dataclasses import dataclass
from itertools import pairwise

from oracle.addresses import ipv4, ipv6, is_local_v4, is_local_v6
from oracle.headings import is_address_heading, is_name_heading
from oracle.model import BLANKS, Cell, Note, Reading, Row, refused_row
from oracle.names import bare, is_valid_name

SIGNS = (";", "//", "/*", "--", "{{", "${")
"""R112: 'a token is or begins with ...'."""
QUAD = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
FEWEST_LINES_OF_A_TABLE, LINES_OF_A_TABLE = 3, 5


@dataclass(frozen=True)
class Line:
    """A physical line: '`#` anywhere ends the line'."""

    start: int
    content: str
    comment: str | None
    """What stands behind the `#`."""

    def tokens(self) -> list[Cell]:
        """'tokens are separated by runs of space, tab, VT, FF or CR'."""
        return [
            Cell(
                found.group(),
                self.start + found.start(),
                self.start + found.start(),
                self.start + found.end(),
            )
            for found in re.finditer(r"[^ \t\v\f\r]+", self.content)
        ]


def lines_of(text: str) -> list[Line]:
    """'LF ends a line; the last line may lack it; a lone Ctrl-Z at the very end is nothing.'"""
    lines = []
    start = 0
    split = text.removesuffix("\n").split("\n") if text else []
    if split and split[-1] == "\x1a" and text.endswith("\x1a"):
        split[-1] = ""
    for line in split:
        content, sign, comment = line.partition("#")
        lines.append(Line(start, content, comment if sign else None))
        start += len(line) + 1
    return lines


def read_hosts(text: str) -> Reading:
    """The rows of a file, and the number of its lines that have no token: 'blank or a comment'."""
    reading = Reading()
    lines = lines_of(text)
    with_content = [line for line in lines if line.tokens()]
    header = with_content[0] if with_content and is_header(with_content[0]) else None
    for line in lines:
        if line.comment is not None and host_in_comment(line.comment):
            at = line.start + len(line.content)
            reading.notes.append(Note("R117", at, harmless=True))
        tokens = line.tokens()
        if not tokens:
            reading.blank += 1
        elif line is header:
            reading.notes.append(Note("R104", tokens[0].at))
        else:
            reading.rows.extend(rows_of(line, tokens))
    if is_table(with_content):
        reading.notes.append(Note("R118", with_content[0].tokens()[0].at, "file"))
    return reading


def is_header(line: Line) -> bool:
    """'A first content line that is a known address heading followed by a known name heading.'"""
    words = [token.text for token in line.tokens()]
    return len(words) == 2 and is_address_heading(words[0]) and is_name_heading(words[1])


def rows_of(line: Line, tokens: list[Cell]) -> list[Row]:
    """R108, then R112, then R111, then the address and its names."""
    carriage_return = line.content.find("\r")
    if carriage_return >= 0 and line.content[carriage_return:].strip(BLANKS):
        # R108: 'a CR with a token after it on the line; at the CR; the line is one refused record'
        return [refused_row(line.start + carriage_return, "R108")]
    cut = next((i for i, token in enumerate(tokens) if token.text.startswith(SIGNS)), len(tokens))
    # R112: 'it and all behind it on the line are one refused record; as first token it is the whole line'
    behind = [refused_row(tokens[cut].at, "R112")] if cut < len(tokens) else []
    kept = tokens[:cut]
    if not kept:
        return behind
    lost = lost_line_end(kept, followed=cut < len(tokens))
    if lost is not None:
        # R111: 'the line is one refused record (what R112 cut off is then part of it)'
        return [refused_row(lost.at, "R111")]
    address = kept[0]
    # 'A missing name points at the address (hosts).'
    missing = Cell("", address.at, address.at, address.at)
    return [Row(address.at, "", address, tuple(kept[1:]) or (missing,), tuple(kept)), *behind]


def lost_line_end(tokens: list[Cell], followed: bool) -> Cell | None:
    """R111: the token at which a line end was lost, 'beside a valid address that is not local'."""
    own = tokens[0].text
    four, six = ipv4(own), ipv6(own)
    if four is not None:
        local = is_local_v4(four)
    elif six is not None:
        local = is_local_v6(six)
    else:
        return None
    if local:
        return None
    for i, token in enumerate(tokens[1:], 1):
        if is_glued(token.text, own, followed or i + 1 < len(tokens)):
            return token
    return None


def is_glued(token: str, own: str, followed: bool) -> bool:
    """Whether a further token of a line is, or holds, the address of another line."""
    if ipv6(token) is not None or re.fullmatch(QUAD, token):
        # 'is a dotted quad (four runs of one to three digits) or an IPv6 address'
        return True
    for found in re.finditer(rf"(?=({QUAD}))", token):
        if is_apart(token, found.start(1), found.end(1)):
            return True
    # 'ends in a dotted quad, though not in the line's own address as written, while another token follows'
    ending = re.search(rf"{QUAD}$", token)
    return followed and ending is not None and ending.group() != own


def is_apart(token: str, begin: int, end: int) -> bool:
    r"""'on each side ends the token, meets a character no name may have, or follows a literal `\n`, `\t`'."""
    before, after = token[:begin], token[end:]
    left = not before or before.endswith(("\\n", "\\t")) or re.search(r"[^A-Za-z0-9_.-]$", before)
    right = not after or re.match(r"[^A-Za-z0-9_.-]", after)
    return bool(left and right)


def host_in_comment(comment: str) -> bool:
    """R117: 'a word that is, or ends in, a dotted quad is followed by a valid name; once a line'."""
    words = re.findall(r"[^ \t\v\f\r]+", comment)
    return any(
        re.search(rf"{QUAD}$", word) is not None and is_valid_name(following)
        for word, following in pairwise(words)
    )


def is_table(lines: list[Line]) -> bool:
    """R118: 'each has the same number, three or more, of tab-separated tokens and no other blanks'."""
    if len(lines) < FEWEST_LINES_OF_A_TABLE:
        return False
    split = [re.split(r"\t+", line.content.strip(BLANKS)) for line in lines]
    widths = {len(words) for words in split}
    blanks = any(re.search(r"[ \v\f\r]", word) for words in split for word in words)
    if blanks or len(widths) != 1 or widths.pop() < 3:
        return False
    # 'on more than half of them the last token's first label is not the second token's'
    other = sum(first_label(words[-1]) != first_label(words[1]) for words in split)
    # Of three or four lines each must show it, since half of them could be chance.
    return other == len(lines) or (len(lines) >= LINES_OF_A_TABLE and other * 2 > len(lines))


def first_label(name: str) -> str:
    """What stands before the first dot, letter case aside."""
    return bare(name).lower().partition(".")[0]
