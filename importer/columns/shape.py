"""What the content lines of hosts syntax look like: the rows of a table with tabs, perhaps."""

from __future__ import annotations

from typing import NamedTuple


class LineShape(NamedTuple):
    """Whether the content lines of a block look like the rows of a table with tabs."""

    lines: int
    """How many there are."""
    cells: int
    """Tokens of each, with single tabs between them; 0 where they differ."""
    roles: int
    """Lines whose last token does not begin like their second one."""
    at: int
    """Position of the first one."""

    def joined(self, following: LineShape) -> LineShape:
        """The shape of both blocks together."""
        cells = self.cells if self.cells == following.cells else 0
        return LineShape(self.lines + following.lines, cells, self.roles + following.roles, self.at)

    def is_table(self) -> bool:
        """Whether it is likely that the last tokens are not names; a short list must show it in each line."""
        if not self.cells or self.lines < _SHORT_TABLE:
            return False
        return self.roles == self.lines or (self.lines >= _TABLE and 2 * self.roles > self.lines)


_SHORT_TABLE, _TABLE = 3, 5
"""Lines that a short table, and any table, has at the least."""
