"""Delimited text: rows into records, and what is told about a row before any record is looked at."""

from oracle.addresses import ipv4, is_form_of_address
from oracle.cells import Item, items
from oracle.layout import Layout, layout_of
from oracle.model import Cell, Note, Options, Reading, Row, refused_row
from oracle.names import is_valid_name

FOOTER_ROWS = 10
FIRST_ROWS = 10


def read_csv(text: str, options: Options) -> Reading:
    """The rows of a file, the number of its blank and comment rows, and its banner, footer and repeats."""
    reading = Reading()
    layout = layout_of(text, options)
    reading.notes.extend(Note(code, at) for code, at in layout.notes)
    every = list(items(text, layout.delimiter, layout.header_at))
    below = [i for i in every if i.start >= layout.body_at and i.start != layout.header_at]
    footer = {item.start for item in footer_rows(below, layout)}
    body = [item for item in below if item.kind == "row"]
    width = layout.width if layout.width is not None else (len(body[0].cells) if body else 0)
    for item in every:
        if item.kind in ("blank", "comment"):
            reading.blank += item.is_line
            if item.kind == "comment" and holds_host(item, layout):
                reading.notes.append(Note("R117", item.start, harmless="#" in layout.first_heading))
        elif item.kind == "bad":
            reading.rows.append(refused_row(item.at, "R103"))
        elif item.start == layout.header_at:
            continue
        elif item.start < layout.body_at:
            above_the_header(item, reading)
        elif layout.header_at is not None and item.texts() == layout.header:
            reading.notes.append(Note("R116", item.start))
        elif item.start in footer:
            reading.notes.append(Note("R114", item.start))
        else:
            reading.rows.append(csv_row(item.cells, item.start, width, layout))
    return reading


def above_the_header(item: Item, reading: Reading) -> None:
    """'Rows above it are banner lines (R104), but a row with a form of address in any cell is R115.'"""
    if any(map(is_form_of_address, item.texts())):
        reading.rows.append(refused_row(item.start, "R115"))
    else:
        reading.notes.append(Note("R104", item.start))


def holds_host(item: Item, layout: Layout) -> bool:
    """R117: a comment 'has a valid address and a valid name in the two columns'."""
    texts = item.texts()
    if max(layout.ip, layout.name) >= len(texts):
        return False
    return ipv4(texts[layout.ip]) is not None and is_valid_name(texts[layout.name])


def footer_rows(below: list[Item], layout: Layout) -> list[Item]:
    """R114: 'Trailing rows, at most ten and behind the last row with both cells ... are a footer'."""
    rows = [
        item for item in below if item.kind == "bad" or (item.kind == "row" and item.texts() != layout.header)
    ]
    both = [
        i
        for i, item in enumerate(rows)
        if item.kind == "row"
        and max(layout.ip, layout.name) < len(item.cells)
        and item.cells[layout.ip].text
        and item.cells[layout.name].text
    ]
    if not both:
        return []
    found: list[Item] = []
    for item in reversed(rows[both[-1] + 1 :]):
        if not is_footer_row(item):
            break
        found.append(item)
    return found if len(found) <= FOOTER_ROWS else []


def is_footer_row(item: Item) -> bool:
    """'exactly one non-empty cell, which holds a character no name may have and is no form of address'."""
    filled = [text for text in item.texts() if text]
    odd = (
        item.kind == "row"
        and len(filled) == 1
        and not all(c.isascii() and (c.isalnum() or c in "_.-") for c in filled[0])
    )
    return odd and not is_form_of_address(filled[0])


def csv_row(cells: list[Cell], start: int, width: int, layout: Layout) -> Row:
    """The row rules R102, R107, R109 and R110 for a row that is not blank."""
    roles = (layout.ip, layout.name)
    values = tuple(cells[role] for role in roles if role < len(cells))
    if len(values) < len(roles):
        # R107: 'a non-blank row lacks the name or the address cell; one refused record'
        return refused_row(start, "R107", values)
    address, name = values
    if address.text == "" and name.text == "":
        # 'name and address cells both empty, others not: ... no R102, no R110'
        code = "R109"
    elif any(cell.text for cell in cells[width:]):
        # 'non-empty cells beyond the header's (or first row's) width'
        code = "R110"
    elif len(cells) < width:
        # 'a row has fewer cells than the header ..., yet both needed cells'
        code = "R102"
    else:
        code = ""
    return Row(start, code, address, (name,), values)
