"""Delimited text into rows of cells: RFC 4180 and what the contract says of blanks, quotes and lone CRs."""

from collections.abc import Iterator
from dataclasses import dataclass

from oracle.model import BLANKS, Cell

LONGEST_QUOTE = 1024 * 1024


@dataclass(frozen=True)
class RawRow:
    """The cells of one row, where the next row starts, and whether a lone CR ended this one."""

    cells: list[Cell]
    after: int
    lone_cr: bool


@dataclass(frozen=True)
class Item:
    """A stretch of the file that is one row, in the widest sense."""

    kind: str
    """`row`, `blank`, `comment`, or `bad` for R103."""
    start: int
    at: int
    """Where R103 points."""
    cells: list[Cell]
    """Of a comment, those it has without its `#`; none where it cannot be read as a row."""
    is_line: bool
    """Whether a blank row or a comment is a line of its own: no part of a line that lone CRs divide."""

    def texts(self) -> list[str]:
        """The values of its cells."""
        return [cell.text for cell in self.cells]


def items(text: str, delimiter: str, header_at: int | None = None) -> Iterator[Item]:
    """The rows of a file; the one at `header_at` is a row although it begins with `#`."""
    start = 0
    while start < len(text):
        item, after = item_at(text, start, delimiter, start == header_at)
        yield item
        start = after


def item_at(text: str, start: int, delimiter: str, is_header: bool = False) -> tuple[Item, int]:
    """The row at an offset and where the next one starts."""
    at_line_start = start == 0 or text[start - 1] == "\n"
    mark = skip_blanks(text, start, delimiter)
    raw = read_row(text, start, delimiter)
    if text[mark : mark + 1] == "#" and (not is_header or isinstance(raw, int)):
        # 'A row that begins with `#` is a comment to the end of its line, unless it is the header.'
        end = end_of_content(text, start)
        after, lone_cr = end_of_row(text, end)
        inside = commented_cells(text, mark + 1, end, delimiter)
        return Item("comment", start, start, inside, at_line_start and not lone_cr), after
    if isinstance(raw, int):
        # 'that physical line is one refused record, and reading goes on at the next line'
        line_end = text.find("\n", raw)
        return Item("bad", start, raw, [], False), len(text) if line_end < 0 else line_end + 1
    if not any(cell.text for cell in raw.cells):
        # 'A row whose cells are all empty is blank.'
        return Item("blank", start, start, [], at_line_start and not raw.lone_cr), raw.after
    return Item("row", start, start, raw.cells, False), raw.after


def commented_cells(text: str, begin: int, end: int, delimiter: str) -> list[Cell]:
    """R117: the cells of 'a comment row, its `#` and the blanks around it taken off'."""
    raw = read_row(text[begin:end], skip_blanks(text[begin:end], 0, delimiter), delimiter)
    return [] if isinstance(raw, int) else raw.cells


def read_row(text: str, start: int, delimiter: str) -> RawRow | int:
    """The cells from `start` to the end of the row, or the offset of the quote that spoils it (R103)."""
    cells: list[Cell] = []
    begin = start
    while True:
        quote = skip_blanks(text, begin, delimiter)
        if text[quote : quote + 1] == '"':
            # 'spaces before an opening quote are skipped'
            closing = closing_quote(text, quote)
            if closing is None:
                return quote
            end = skip_blanks(text, closing + 1, delimiter)
            if text[end : end + 1] not in ("", delimiter, "\n", "\r"):
                return quote
            content = text[quote + 1 : closing].replace('""', '"')
            cells.append(stripped_cell(content, quote + 1, begin, end, delimiter))
        else:
            # 'a quote anywhere else in an unquoted cell is an ordinary character'
            end = begin
            while text[end : end + 1] not in ("", delimiter, "\n", "\r"):
                end += 1
            cells.append(stripped_cell(text[begin:end], begin, begin, end, delimiter))
        if text[end : end + 1] != delimiter:
            after, lone_cr = end_of_row(text, end)
            return RawRow(cells, after, lone_cr)
        begin = end + 1


def stripped_cell(content: str, content_at: int, begin: int, end: int, delimiter: str) -> Cell:
    """'Cells are stripped of surrounding blanks'; a place is 'where the field's value starts'.

    The value of a cell of blanks is nowhere, so it is placed where the content starts.
    """
    blanks = BLANKS.replace(delimiter, "")
    value = content.strip(blanks)
    leading = len(content) - len(content.lstrip(blanks)) if value else 0
    return Cell(value, content_at + leading, begin, end)


def closing_quote(text: str, opening: int) -> int | None:
    """Two quotes are one inside a cell; R103: 'not closed within 1 MiB or before the file ends'."""
    at = text.find('"', opening + 1)
    while at >= 0 and text[at + 1 : at + 2] == '"':
        at = text.find('"', at + 2)
    if at < 0 or len(text[opening:at].encode("utf-8", "surrogateescape")) > LONGEST_QUOTE:
        return None
    return at


def skip_blanks(text: str, at: int, delimiter: str) -> int:
    """The next character that is no blank. A CR outside quotes ends a row, and a delimiter is no blank."""
    while at < len(text) and text[at] in " \t\v\f" and text[at] != delimiter:
        at += 1
    return at


def end_of_content(text: str, start: int) -> int:
    """A comment goes 'to the end of its line': to the first LF or CR."""
    at = start
    while at < len(text) and text[at] not in "\r\n":
        at += 1
    return at


def end_of_row(text: str, at: int) -> tuple[int, bool]:
    """Where the next row starts, and whether a lone CR ended this one.

    'A lone CR outside quotes ends a row.' CRs just before LF, or before the end of the file, belong to it.
    """
    after_crs = at
    while text[after_crs : after_crs + 1] == "\r":
        after_crs += 1
    if after_crs == len(text):
        return after_crs, False
    if text[after_crs] == "\n":
        return after_crs + 1, False
    return at + 1, True
