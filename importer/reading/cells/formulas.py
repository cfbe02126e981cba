"""Formulas of a sheet whose value nobody has worked out: what programs write that cannot calculate.

Such a cell holds a formula and no value, and readers of workbooks take it for an empty one; a whole
row of them would be gone without a word. In the copy that is read it holds its formula as text, which is
no name and no address, so that it is told, with its place.

    <c r="A4"><f>B4&amp;".x"</f><v></v></c>  ->  <c r="A4" t="inlineStr"><is><t>=B4&amp;".x"</t></is></c>

An empty value is one all the same where the cell says that it is text: that is how a formula with the
result "" is stored (ECMA-376 part 1, 18.18.11: `str`).
"""

from __future__ import annotations

import re

from importer import limits

_CELL = re.compile(
    rb"<(?P<prefix>[A-Za-z]+:)?c(?P<attributes>(?:\s[^<>]*)?)>\s*"
    rb"<(?:[A-Za-z]+:)?f(?:\s[^<>]*)?(?:/>|>(?P<formula>[^<]*)</(?:[A-Za-z]+:)?f\s*>)\s*"
    rb"(?P<value><(?:[A-Za-z]+:)?v\s*(?:/>|>\s*</(?:[A-Za-z]+:)?v\s*>))?\s*"
    rb"</(?:[A-Za-z]+:)?c\s*>"
)
_OPENING = re.compile(rb"<(?:[A-Za-z]+:)?c[\s/>]")
_LONGEST = 2 * limits.MAX_LINE_BYTES
"""Bytes of a cell that is waited for; a longer one is refused by whoever reads what was passed on."""
_TYPE = re.compile(rb"""\st\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_UNKNOWN = b"..."
"""Stands for a formula that is written at another cell, which shares it."""


class Formulas:
    """Passes the XML of a sheet on, piece by piece, with formulas as text where they have no value."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> bytes:
        """What can be passed on now: all up to the last cell that is whole."""
        text = self._rest + piece
        cut = last_tag = text.rfind(b"<")
        while cut >= 0 and not _OPENING.match(text, cut):
            cut = text.rfind(b"<", 0, cut)
        cut = cut if cut >= 0 else last_tag
        if cut < 0 or len(text) - cut > _LONGEST:
            cut = len(text)
        self._rest = text[cut:]
        return _with_text(text[:cut])

    def close(self) -> bytes:
        """What is left at the end."""
        return _with_text(self._rest)


def _with_text(xml: bytes) -> bytes:
    return _CELL.sub(_as_text, xml) if b"<f" in xml or b":f" in xml else xml


def _as_text(cell: re.Match[bytes]) -> bytes:
    attributes, prefix = cell["attributes"], cell["prefix"] or b""
    kind = _TYPE.search(attributes)
    if kind is not None and b"str" in kind.groups() and cell["value"] is not None:
        return cell[0]
    text = b"=" + (cell["formula"] or _UNKNOWN)
    return b'<%bc%b t="inlineStr"><%bis><%bt>%b</%bt></%bis></%bc>' % (
        prefix, _TYPE.sub(b"", attributes), prefix, prefix, text, prefix, prefix, prefix,
    )  # fmt: skip
