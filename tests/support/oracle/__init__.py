"""A slow, scalar reading of the contract, for property tests to compare the real program with.

It knows nothing of the project: no import from it, no numpy, no blocks, no columns. A file is one string,
a record is one object, and every rule is the sentence of the contract that its docstring quotes. Modules
stand in the order in which a record lives: `addresses` and `names` (the rules about one text),
`hosts_text` and `delimited` (reading, with `headings` and `detection`), `judging` (the rules about one
row), `duplicates` (the rules about the whole list), `verdict`.

The text of a file is held as `str` decoded with *surrogateescape*, so that one undecodable byte is one
character, and every place is an offset in that string until the moment a finding is told.

Where the contract leaves something open the safest reading is taken, and said here:

- A *form of address* is an IPv4 or IPv6 address, A204, A206, or four dotted runs of one to three digits.
  Other short forms (A205) are not: `3` and `2.0` in a banner are a number and a version.
- R111 stands beside IPv6 addresses too. The quad in which a token ends is read with a first number as
  long as it can be: beside 10.0.0.1, `kafka110.0.0.1` ends in 110.0.0.1. A line of R111 has no R112
  beside it.
- R112: the tokens before the sign are a line of their own, an address alone among them (N101, A210) too.
- R117 of a hosts line is told at its `#`, of a delimited row at its first character; the comment's
  address may be local, in delimited text it is an IPv4 address. Rows above the header count, and without
  a header it is a warning.
- R118: three or four lines are a table too if each of them shows it. It is told at the first content line,
  about the file. Runs of tabs are one tab; labels are compared
  letter case aside.
- A lone Ctrl-Z is the last line's only character; that line is a blank one.
- The header of hosts syntax has two tokens exactly.
- A row that holds a form of address is not a header: its first record may be glued to it.
- Where content has to settle the columns, a known heading beside a form of address stops.
- Comments are not among the ten rows where a header is looked for. The row after a `#` header is the next
  one that is neither blank nor a comment.
- R116 compares cells as written. A comment is a comment, although its cells be the header's.
- R114: the rows of the longest run at the end of which each is a footer row; more than ten are none, and
  without any row with both cells there is no footer.
- Rows at the end with one cell that is not empty do not count where content settles the columns.
- Without a header, rows above the first wide one are R115 where they hold a form of address.
- A203 and A212 are told as info only where a name is on the line; names are compared as duplicates are. A
  level that the caller chose stays.
- A block list has at least 20, and more than half, of its first 100 content lines (rows) on local
  addresses.
- D304, D305: a line repeats a name when one of its records that takes part in duplicates has the name of
  an earlier line's kept record of the address.
- N112 and N113 look past the dot that `--keep-trailing-dot` keeps, as N111 does.
- Of several selectors of severity the longest one that fits decides; a code or slug is longer than any
  prefix. What cannot be lowered or hidden is left out of a prefix.
"""

from oracle.addresses import address_codes, ipv4, ipv6, is_form_of_address
from oracle.detection import understood
from oracle.model import Found, Options, Stop, Verdict
from oracle.names import is_valid_name
from oracle.severities import severity
from oracle.verdict import judge

__all__ = [
    "Found",
    "Options",
    "Stop",
    "Verdict",
    "address_codes",
    "ipv4",
    "ipv6",
    "is_form_of_address",
    "is_valid_name",
    "judge",
    "severity",
    "understood",
]
