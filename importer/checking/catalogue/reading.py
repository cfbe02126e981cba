"""R: what reading the file brought up, before any name or address is judged."""

from __future__ import annotations

from importer.checking.findings import Rule, Severity

RULES: tuple[Rule, ...] = (
    Rule(
        code="R101",
        slug="not-utf8",
        severity=Severity.INFO,
        field="file",
        per="source",
        message="byte {byte} is not UTF-8, outside names and addresses",
        hint="nothing to do for the hosts; --encoding NAME reads the whole file in its own encoding",
        what="The file has bytes that are not UTF-8 in a comment or in a column that is neither name nor "
        "address. Told once per file, at the first such byte.",
        why="Names and addresses are ASCII, so such a byte harms no record; exports in Latin-1 or GBK are "
        "common. A stray byte inside a name is N104.",
        example="10.20.0.11 node-master1abcd.mrs-7f3k.com  # Z\\xfcrich",
        remedy="Leave it, or save the file as UTF-8, or name its encoding with `--encoding`.",
    ),
    Rule(
        code="R102",
        slug="ragged-row",
        severity=Severity.WARNING,
        field="row",
        per="row",
        message="row has {cells} cells in a table {width} cells wide",
        hint="add the missing cells, and check that the row was not cut short",
        what="A row has fewer cells than the header, or than the first row where there is no header, yet "
        "both the name and the address cell are there. The record is sent.",
        why="Most readers pad a short row silently. A cell lost in the middle moves the ones after it to "
        "the left, and then another column's value stands where the name or the address belongs.",
        example="name,ip,owner,site\n"
        "node-core1abcd.mrs-7f3k.com,10.20.0.21,bigdata,north\n"
        "node-core2efgh.mrs-7f3k.com,10.20.0.22",
        remedy="Compare the row with its source and add the missing cells. Where short rows are usual in "
        "the export, `--ignore R102` hides this.",
        settled_by="skip_refused",
    ),
    Rule(
        code="R103",
        slug="bad-quote",
        severity=Severity.ERROR,
        field="row",
        per="row",
        message="quoted cell is not closed, or text follows its closing quote",
        hint="close the quote, double a quote that belongs to the text, or remove it",
        hints={
            "backslash": "write a quote inside a quoted cell twice: this row escapes it with a "
            "backslash, as Spark does",
        },
        what="A quoted cell is not closed within 1 MiB or before the file ends, or its closing quote is "
        "followed by something other than blanks, a delimiter or the line end. Told at the opening quote; "
        "that physical line is one refused record and reading goes on at the next line.",
        why="An open quote makes the following lines part of one cell: other readers swallow those rows, "
        "and their hosts are missing without a word.",
        example="name,ip,owner\n"
        'node-core1abcd.mrs-7f3k.com,10.20.0.21,"big data\n'
        "node-core2efgh.mrs-7f3k.com,10.20.0.22,bigdata",
        remedy="Correct the quotes of that line: a quote inside a quoted cell is written twice.",
        fixed=True,
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="R104",
        slug="banner-line",
        severity=Severity.INFO,
        field="row",
        per="row",
        message="line above the header is not read as a host",
        hint="nothing to do, unless this line is a host: then it belongs below the header",
        what="Rows stand above the header, which is looked for in the first ten rows that are not blank.",
        why="Exports often begin with a title or a date. It is told so that every line of the file is "
        "accounted for and none is dropped silently.",
        example="Host export of 2026-01-12\nname,ip\nnode-core1abcd.mrs-7f3k.com,10.20.0.21",
        remedy="Leave it. A host that stands above the header has to be moved below it.",
    ),
    Rule(
        code="R105",
        slug="column-chosen",
        severity=Severity.INFO,
        field="row",
        per="source",
        message="addresses are taken from column {taken}, not from {others}",
        messages={
            "content_ip": "addresses are taken from column {taken}, the only one whose cells are addresses",
            "content_name": "names are taken from column {taken}, the only one whose cells are names",
        },
        hint="check that it is the right column; --ip-column settles it",
        what="Several columns hold addresses and one was taken: FusionInsight's 业务IP (service IP) beside "
        "管理IP (management IP), or the one column with a known heading. The others are named. Also told "
        "where only one of the two columns has a known heading and the cells show the other one.",
        why="Two address columns in one file are normal (service and management, private and public), and a "
        "list made from the wrong one looks right in every line. For a FusionInsight list, DLI's user guide "
        "asks for the service IP.",
        example="主机名称,管理IP,业务IP\nnode-core1abcd.mrs-7f3k.com,10.30.0.21,10.20.0.21",
        remedy="Check the choice. `--ip-column` takes another column, by its heading or its 1-based number.",
    ),
    Rule(
        code="R106",
        slug="encoding-detected",
        severity=Severity.INFO,
        field="file",
        per="source",
        message="file was read as {encoding}, which nothing in it declares",
        messages={"second_mark": "a second byte order mark stands at the beginning, and is left out"},
        hint="nothing to do if the headings are right; --encoding NAME settles it",
        what="The file was read as UTF-16 without a byte order mark, because its ASCII is interleaved with "
        "NUL bytes, or as GB18030, because its header is not UTF-8 and gives known headings in GB18030.",
        why="Chinese Excel writes GBK and some Windows tools write UTF-16. It is told because the encoding "
        "was inferred from the content; names and addresses are ASCII either way.",
        example="主机名称,业务IP\nnode-core1abcd.mrs-7f3k.com,10.20.0.21",
        remedy="Leave it, or name the encoding with `--encoding`, or save the file as UTF-8.",
    ),
    Rule(
        code="R107",
        slug="row-too-short",
        severity=Severity.ERROR,
        field="row",
        per="row",
        message="row ends before its name or its address cell",
        hint="add the missing cell, or delete the row",
        what="A row that is not blank has no name cell or no address cell at all. It is one refused record "
        "and is not examined further.",
        why="A host is a pair of name and address; half of one cannot be sent, and the rest of the row "
        "cannot be trusted to stand in its columns.",
        example="name,ip,owner\nnode-core1abcd.mrs-7f3k.com,10.20.0.21,bigdata\nnode-core2efgh.mrs-7f3k.com",
        remedy="Complete the row from its source, or delete it. If every row is told, check `--delimiter`, "
        "`--name-column` and `--ip-column`.",
        fixed=True,
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="R108",
        slug="lone-carriage-return",
        severity=Severity.ERROR,
        field="row",
        per="row",
        message="carriage return inside the line, with more text after it",
        hint="replace the carriage return by a line feed if a new line begins there, else by a blank",
        what="In hosts syntax, a carriage return (CR) has further text after it on its line. Told at the "
        "CR; the line is one refused record and is not examined further.",
        why="glibc, musl, Go, c-ares and dnsmasq read a lone CR as a blank, systemd-resolved as a line end. "
        "Read as a blank, a line end of the old Mac kind puts the next line's name on this line's address.",
        example="10.20.0.21 node-core1abcd.mrs-7f3k.com^M10.20.0.22 node-core2efgh.mrs-7f3k.com",
        remedy="Save the file with line feeds (LF or CRLF) as line ends.",
        fixed=True,
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="R109",
        slug="row-without-host",
        severity=Severity.INFO,
        field="row",
        per="row",
        message="row has neither a name nor an address",
        hint="nothing to do, unless a host was expected in this row",
        what="Name and address cell are both empty and other cells are not. It is one skipped record, "
        "without R102 or R110.",
        why="Inventories hold rows that are no hosts, such as totals, notes and section titles. The row is "
        "counted so that the totals add up.",
        example="name,ip,owner\nnode-core1abcd.mrs-7f3k.com,10.20.0.21,bigdata\n,,spare rack",
        remedy="Leave it, or fill in name and address. `--error R109` refuses such rows.",
        fate="skipped",
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="R110",
        slug="row-too-long",
        severity=Severity.ERROR,
        field="row",
        per="row",
        message="row has {cells} cells in a table {width} cells wide, columns may be shifted",
        hint="quote a cell that holds the delimiter, or delete the extra cells",
        hints={
            "backslash": "write a quote inside a quoted cell twice: this row escapes it with a "
            "backslash, as Spark does",
        },
        what="Cells beyond the width of the header, or of the first row where there is no header, are not "
        "empty. It is one refused record and is not examined further.",
        why="Often a delimiter inside an unquoted cell has moved all later cells to the right, so that "
        "another column's value stands where the name or the address belongs. Some readers drop the extra "
        "cells, others shift the whole table.",
        example="name,ip,owner\n"
        "node-core1abcd.mrs-7f3k.com,10.20.0.21,bigdata\n"
        "node-core2efgh.mrs-7f3k.com,10.20.0.22,Li, Wei",
        remedy="Put the cell with the delimiter in quotes. Where extra cells at the end are harmless, "
        "`--warn R110` lowers this.",
        ends=True,
        settled_by="skip_refused",
    ),
)
