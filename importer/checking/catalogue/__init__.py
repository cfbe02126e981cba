"""Every rule there is: its code and every word said about it.

The rules table of the documentation, what `explain` prints, the help lines of the report and the
rule lists of the machine formats are all made from this catalogue, so a word is changed here only.
A code is never used again for another rule.
"""

from __future__ import annotations

from importer.checking.catalogue import addresses, lists, names, passed_over, reading
from importer.checking.findings import Rule

RULES: tuple[Rule, ...] = reading.RULES + passed_over.RULES + names.RULES + addresses.RULES + lists.RULES
"""In the order of the rules table: R reading, N names, A addresses, D duplicates, L limits, F filters."""

BY_CODE: dict[str, Rule] = {rule.code: rule for rule in RULES}

INDEX: dict[str, int] = {rule.code: position for position, rule in enumerate(RULES)}
"""Position of a code in `RULES`, which is the number a finding holds."""
