"""N: what DLI, DNS and Java make of a host name."""

from __future__ import annotations

from importer.checking.findings import Rule, Severity

RULES: tuple[Rule, ...] = (
    Rule(
        code="N101",
        slug="name-missing",
        severity=Severity.ERROR,
        field="name",
        per="record",
        message="address has no name beside it",
        hint="write the host's name beside the address, or delete the line",
        what="A valid IPv4 address stands alone on a hosts line, or beside an empty name cell. A hosts line "
        "is told at the address, a row at its empty cell.",
        why="DLI's page calls name and ip of a host optional, but a record without a name answers no "
        "look-up, so the host would be missing without an error.",
        example="10.20.0.21",
        remedy="Add the name or delete the line. Where the names stand in another column, give "
        "`--name-column`.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="N102",
        slug="name-too-long",
        severity=Severity.ERROR,
        field="name",
        per="record",
        message="name {value} has {length} characters, at most 128 are allowed",
        hint="use a shorter name of the host",
        what="The name has more than 128 characters.",
        why="DLI's rule for the name of a host is 128 characters at most.",
        example="10.20.0.21 node-core1abcd-of-the-cluster-that-keeps-events-of-all-sites"
        ".in-the-second-hall-of-the-third-building.of-the-campus-in-the-north"
        ".mrs-7f3k.com",
        remedy="Use a name that the cluster knows the host by and that fits; a name cut off resolves "
        "nothing.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="N103",
        slug="name-bad-start",
        severity=Severity.ERROR,
        field="name",
        per="record",
        message="name {value} begins with a character that is no letter",
        hint="use a name of the host that begins with A-Z or a-z",
        hints={
            "swapped": "name and address are swapped: swap the two, or check the columns",
            "number": "the cell holds a number: format it as Text, and write the host's name in it",
            "date": "the cell holds a date: format it as Text, and write the host's name in it",
            "formula": "the formula was never worked out: save the workbook in a spreadsheet program",
        },
        what="The first character is a digit, a hyphen, an underscore or a period, which DLI allows in a "
        "name but not at its start. Any other character that is no letter is N104. The name `.` is told "
        "here only.",
        why="DLI wants a name to begin with a letter, and no resolver does: the same line works in every "
        "hosts file. Names that begin with a digit are by far the commonest reason for a refusal in real "
        "lists.",
        example="10.20.0.21 3node-core.mrs-7f3k.com",
        remedy="Use another name of the host, or leave it out: `--exclude` with the name as pattern, or "
        "`emit --skip-refused`.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="N104",
        slug="name-bad-character",
        severity=Severity.ERROR,
        field="name",
        per="record",
        message="name {value} holds {character}, allowed are A-Z a-z 0-9 . _ -",
        hint="remove or replace the character, or use the host's ASCII name",
        hints={
            "blank": "a no-break space, or another blank that is not ASCII: write a space in its place",
            "full_width": "full-width characters: write the name in ASCII",
            "escape": "a literal \\t or \\n stands where a tab or a line end belongs: print the list "
            "with printf or echo -e",
            "wrapped": "the quote, or the = and quotes, of a spreadsheet: take them off the name",
            "comma": "a comma or semicolon stands in the name: separate names with blanks, columns with "
            "--delimiter",
            "number": "the cell holds a number: format it as Text, and write the host's name in it",
            "date": "the cell holds a date: format it as Text, and write the host's name in it",
            "error": "the formula in the cell failed: correct it, or write the name in its place",
            "formula": "the formula was never worked out: save the workbook in a spreadsheet program",
        },
        what="The name has a character other than the letters A-Z and a-z, digits, `_`, `-` and `.`. Told "
        "at the first such character, also where it is the first of the name.",
        why="DLI takes only these characters in the name of a host. Wildcards (`*`), ports and quotes "
        "copied along, and look-alike letters are the usual cases; in a hosts file they silently become "
        "part of the name.",
        example="10.20.0.21 *.mrs-7f3k.com",
        remedy="Correct the name. A wildcard has to be replaced by the hosts it stands for. A byte shown as "
        "\\xNN may mean another encoding: see `--encoding`.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="N105",
        slug="name-local",
        severity=Severity.ERROR,
        field="name",
        per="record",
        message="name {value} means each machine itself, but its address is no local one",
        hint="delete the line, or give the host its real name",
        what="The name is `localhost`, `localhost.localdomain`, `localhost4`, `localhost4.localdomain4`, "
        "`localhost6`, `localhost6.localdomain6`, `ip6-localhost`, `ip6-loopback` or `broadcasthost`, in any "
        "case, beside an address without an error. Beside a local address the record is only skipped (A210).",
        why="Every machine uses these names for itself. Sent with another address, they would point a job "
        "that means its own machine at that host.",
        example="10.20.0.21 localhost",
        remedy="Delete the line or correct the name. `--warn N105` sends it all the same.",
        settled_by="skip_refused",
    ),
    Rule(
        code="N110",
        slug="name-trailing-dot",
        severity=Severity.INFO,
        field="name",
        per="record",
        message="name {value} ends in a dot, which is taken off",
        hint="nothing to do; --keep-trailing-dot sends names as written",
        what="The name ends in exactly one dot. The dot is taken off before every other rule looks at the "
        "name; told for refused records too.",
        why="Hosts files of MRS nodes hold each name twice, the second time with a dot, and the dotted one "
        "passes DLI's documented rule: sent as written, they double the list. Resolvers that read `name` "
        "and `name.` as different entries use the twin for absolute look-ups.",
        example="10.20.0.21 node-core1abcd.mrs-7f3k.com.",
        remedy="Leave it. Where jobs look names up with the dot, `--keep-trailing-dot` sends them as "
        "written.",
        settled_by="skip_refused",
    ),
    Rule(
        code="N111",
        slug="name-not-dns",
        severity=Severity.WARNING,
        field="name",
        per="record",
        message="name {value} is no DNS name: a label is empty, over 63 characters, or has - at an end",
        hint="correct the name, its labels are the parts between the periods",
        what="The name passes N101 to N104 but is no DNS name: it has an empty label (two periods in a row), "
        "a label of more than 63 characters, or a label that begins or ends with `-`. The record is sent.",
        why="DLI documents a rule about characters only. Resolvers are stricter: dnsmasq refuses a label "
        "over 63 characters, systemd-resolved one that begins with a hyphen.",
        example="10.20.0.21 node-core1abcd..mrs-7f3k.com",
        remedy="Correct the name. If the cluster really uses it, `--ignore N111` hides this; `--error N111` "
        "refuses such names.",
        settled_by="skip_refused",
    ),
    Rule(
        code="N112",
        slug="name-no-uri-host",
        severity=Severity.WARNING,
        field="name",
        per="record",
        message="name {value} is not a host in a URI: it has _, or its last label begins with a digit",
        hint="use a name without _ whose last label begins with a letter, for HDFS and Spark at least",
        what="The name passes N101 to N104 and has an underscore, or has several labels (the parts between "
        "the periods) of which the last one begins with a digit. The record is sent.",
        why="DLI allows such a name, but Java's `URI.getHost()` gives null for a URI with one, so HDFS, "
        "Spark and HBase clients fail with messages that do not name the host: a host `kafka.1` works for "
        "`ping` and not for `hdfs://kafka.1:8020/`.",
        example="10.20.0.21 node_core1abcd.mrs-7f3k.com",
        remedy="Use another name of the host. Where no Java client uses it in a URI, `--ignore N112` hides "
        "this; `--error N112` refuses such names.",
        settled_by="skip_refused",
    ),
    Rule(
        code="N113",
        slug="name-placeholder",
        severity=Severity.WARNING,
        field="name",
        per="record",
        message="name {value} is a placeholder rather than a name",
        hint="write the host's name, or leave the record out with --exclude",
        what="The name is `nan`, `none`, `null`, `nil`, `na`, `tbd`, `todo`, `unknown` or `undefined`, in "
        "any letter case. The record is sent.",
        why="Programs and people write such a word where a value is missing. It passes every rule of the "
        "service and would become the name of a host.",
        example="10.20.0.21 unknown",
        remedy="Fill in the name. If a host really has this name, `--ignore N113` hides this; `--error N113` "
        "refuses such names.",
        settled_by="skip_refused",
    ),
)
