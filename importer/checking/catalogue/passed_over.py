"""R111 and on: lines and rows that can be read in two ways, or that were passed over."""

from __future__ import annotations

from importer.checking.findings import Rule, Severity

RULES: tuple[Rule, ...] = (
    Rule(
        code="R111",
        slug="lost-line-end",
        severity=Severity.ERROR,
        field="row",
        per="row",
        message="a second address, {found}, stands on the line: a line end is missing before it",
        hint="put each address at the beginning of a line of its own, with its own names behind it",
        what="In hosts syntax, a line that begins with a valid address that is not local holds a further "
        "address behind it: a token that is a dotted quad or an IPv6 address; a token that holds a "
        "dotted quad "
        "with the token's end, a character that no name may have, or a literal `\\n` or `\\t` on each side; "
        "or a token that ends in a dotted quad with another token behind it. Told at that token; the line is "
        "one refused record and is not examined further.",
        why="Where two files are put together with `cat` and the first one lacks its last line end, or a "
        "paste loses its line ends, the names of the second host would be sent at the address of the first "
        "one, and nothing would look wrong.",
        example="10.20.0.21 node-core1abcd.mrs-7f3k.com 10.20.0.22 node-core2efgh.mrs-7f3k.com",
        remedy="Put the line end back. Where files are put together, give each one its last line end.",
        fixed=True,
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="R112",
        slug="foreign-comment",
        severity=Severity.ERROR,
        field="row",
        per="row",
        message="{found} does not begin a comment in hosts syntax",
        hint="write # where a comment begins, or remove it",
        what="In hosts syntax, a token is or begins with `;`, `//`, `/*`, `--`, `{{` or `${`, which open a "
        "comment or a template in other formats. It and all behind it on the line are one refused record, "
        "which is not examined further; as the first token it is the whole line.",
        why="Only `#` begins a comment in a hosts file. Every resolver would take the words of such a remark "
        "for names of the host, and a template that nobody filled in names no host at all.",
        example="10.20.0.21 node-core1abcd.mrs-7f3k.com // second rack",
        remedy="Replace the sign with `#`, or delete the remark. `--skip-refused` goes on without it: what "
        "stands before the sign is judged as usual.",
        fixed=True,
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="R113",
        slug="header-assumed",
        severity=Severity.INFO,
        field="row",
        per="row",
        message="the first row is taken for the header, since its address cell {found} is not an address",
        hint="nothing to do if it is the header; --header none says that there is no header",
        what="The columns were given by number and no known headings were found. The first row that is wide "
        "enough is taken for the header, since its address cell is not empty, has no digit and is not one of "
        "`n/a`, `na`, `tbd`, `none`, `null`, `nil`, `-`, `?` and `unknown`.",
        why="With columns given by number, headings may be anything, and only the address cell tells a "
        "header from a host. It is told because a row was passed over.",
        example="Maschine,Adresse\nnode-core1abcd.mrs-7f3k.com,10.20.0.21",
        remedy="Leave it, or say where the header is: `--header N` for its line, `--header none` for none.",
    ),
    Rule(
        code="R114",
        slug="footer-line",
        severity=Severity.INFO,
        field="row",
        per="row",
        message="line behind the last record is not read as a host",
        hint="nothing to do, unless this line is a host: then it needs a name and an address",
        what="At most ten rows stand behind the last row with both cells, each with exactly one cell that is "
        "not empty, which holds a character that no name may have and is not a form of address.",
        why="Exports often end with a sum or a remark. It is told so that every line of the file is "
        "accounted for and none is dropped silently.",
        example="name,ip\nnode-core1abcd.mrs-7f3k.com,10.20.0.21\nTotal: 1 host,",
        remedy="Leave it, or delete the line.",
    ),
    Rule(
        code="R115",
        slug="row-above-header",
        severity=Severity.ERROR,
        field="row",
        per="row",
        message="row above the header has an address, {found}",
        hint="move the row below the header, or delete it",
        what="A row above the header has a form of address in one of its cells. It is one refused record.",
        why="A list that was sorted together with its header, or several sheets one below the other, has "
        "hosts above the header. Passed over as a banner, they would be missing without a word.",
        example="node-core1abcd.mrs-7f3k.com,10.20.0.21\nname,ip\nnode-core2efgh.mrs-7f3k.com,10.20.0.22",
        remedy="Move the header to the first row. `--header none` says that the file has none.",
        fixed=True,
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="R116",
        slug="header-repeated",
        severity=Severity.INFO,
        field="row",
        per="row",
        message="row is the header again",
        hint="nothing to do",
        what="A later row has the same cells as the header.",
        why="Files that were put together from several exports repeat the header. It is told so that every "
        "line of the file is accounted for.",
        example="name,ip\nnode-core1abcd.mrs-7f3k.com,10.20.0.21\nname,ip\nnode-core2efgh.mrs-7f3k.com,10.20.0.22",
        remedy="Leave it, or delete the repeated header.",
    ),
    Rule(
        code="R117",
        slug="host-in-comment",
        severity=Severity.INFO,
        field="row",
        per="row",
        message="comment holds a host, {name} at {ip}, which is not sent",
        hint="nothing to do if the host is meant to be left out; else remove the #",
        what="In hosts syntax, a comment has a word that is, or ends in, a dotted quad, and behind it a "
        "valid "
        "name. In delimited text, a comment row has a valid address and a valid name in the two columns once "
        "its `#` is taken off; there it is a warning, unless the first heading has a `#` too. Told once "
        "a line.",
        why="Hosts are commented out on purpose, but a ticket number such as `#4711` in the first column "
        "makes "
        "a row a comment by accident, and its host would be missing without a word.",
        example="10.20.0.21 node-core1abcd.mrs-7f3k.com\n# 10.20.0.22 node-core2efgh.mrs-7f3k.com",
        remedy="Leave it, or take the `#` away where the host is wanted.",
    ),
    Rule(
        code="R118",
        slug="looks-like-table",
        severity=Severity.WARNING,
        field="file",
        per="source",
        message="every line has {cells} parts with tabs between them: the last ones may not be names",
        hint="read it as a table: --from csv --ip-column 1 --name-column 2; or --names first",
        what="Hosts syntax of five content lines or more, each with the same number, three or more, of "
        "tokens "
        "with tabs and no other blanks between them, and on more than half of them the first label of "
        "the last "
        "token is not that of the second. With three or four lines it is told if that holds for every line. "
        "Told once per file.",
        why="A table without a header, of address, name and role, reads as hosts syntax, and the roles would "
        "be sent as names of hosts.",
        example="10.20.0.11\\tnn-a\\tNameNode\n10.20.0.12\\tnn-b\\tStandby\n10.20.0.13\\tjn-1\\tJournalNode\n"
        "10.20.0.14\\tjn-2\\tJournalNode\n10.20.0.15\\tjn-3\\tJournalNode",
        remedy="If the further columns are not names of the hosts, use `--from csv` with `--ip-column` and "
        "`--name-column`, or `--names first`. If they are, `--ignore R118` hides this.",
    ),
    Rule(
        code="R119",
        slug="hidden-rows",
        severity=Severity.INFO,
        field="file",
        per="source",
        message="{count:,} hidden rows of the sheet were read like all others",
        hint="nothing to do if they are wanted; else copy the visible rows to a new sheet",
        what="Rows of the sheet are hidden, by hand or by a filter. They are read like all others.",
        why="A person who filters a sheet sees a part of it and may believe that only this part is sent.",
        example="(a sheet filtered by site: 2 of its 12 rows are shown)",
        remedy="Leave it, or copy the visible rows to a new sheet and use that.",
    ),
)
