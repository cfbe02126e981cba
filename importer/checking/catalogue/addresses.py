"""A: whether an address is the one IPv4 address that was meant."""

from __future__ import annotations

from importer.checking.findings import Rule, Severity

RULES: tuple[Rule, ...] = (
    Rule(
        code="A201",
        slug="address-missing",
        severity=Severity.ERROR,
        field="ip",
        per="address",
        message="name has no address beside it",
        hint="fill in the IPv4 address, or delete the row",
        what="The address cell is empty and the name cell is not.",
        why="DLI's page calls name and ip of a host optional, but a name without an address resolves to "
        "nothing, so the host would be missing without an error.",
        example="name,ip\nnode-core1abcd.mrs-7f3k.com,10.20.0.21\nnode-core2efgh.mrs-7f3k.com,",
        remedy="Fill in the address. Where the addresses stand in another column, give `--ip-column`.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="A202",
        slug="address-not-ipv4",
        severity=Severity.ERROR,
        field="ip",
        per="address",
        message="address {value} is not IPv4, four decimal numbers from 0 to 255",
        hint="write the host's IPv4 address, digits and three periods only",
        hints={
            "blank": "a no-break space, or another blank that is not ASCII: write a space in its place",
            "full_width": "full-width digits or periods: write the address in ASCII",
            "escape": "a literal \\t or \\n stands where a tab or a line end belongs: print the list "
            "with printf or echo -e",
            "wrapped": "the quote, or the = and quotes, of a spreadsheet: take them off the address",
            "letter_O": "the digit 0 is a letter O: write the digit",
            "letter_o": "the digit 0 is a letter o: write the digit",
            "letter_l": "the digit 1 is a letter l: write the digit",
            "letter_I": "the digit 1 is a letter I: write the digit",
            "letter_S": "the digit 5 is a letter S: write the digit",
            "letter_B": "the digit 8 is a letter B: write the digit",
            "behind_comma": "a comma or semicolon between address and name: write a blank in its place",
            "comma": "a comma or semicolon stands in the address: separate it from the name with a blank",
            "swapped": "name and address are swapped: swap the two, or check the columns",
            "number": "the cell holds a number: format it as Text, and write the host's IPv4 address in it",
            "date": "the cell holds a date: format it as Text, and write the host's IPv4 address in it",
            "boolean": "the cell holds TRUE or FALSE: write the host's IPv4 address in it",
            "error": "the formula in the cell failed: correct it, or write the address in its place",
            "formula": "the formula was never worked out: save the workbook in a spreadsheet program",
        },
        what="The address is not four decimal numbers from 0 to 255 with periods between them, and none of "
        "the forms that A203 to A206 name.",
        why="DLI takes IPv4 addresses only. In a hosts file resolvers drop such a line silently, so the "
        "mistake can be an old one.",
        example="10.20.0.256 node-core1abcd.mrs-7f3k.com",
        remedy="Correct the address. If many are told, name and address may have changed places: see "
        "`--name-column` and `--ip-column`.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="A203",
        slug="address-ipv6",
        severity=Severity.WARNING,
        field="ip",
        per="address",
        message="address {value} is IPv6, DLI takes IPv4 hosts only",
        hint="give the host's IPv4 address if jobs have to reach it",
        hints={"elsewhere": "nothing to do: every name of the line is ready at an IPv4 address"},
        what="The address is an IPv6 address, with or without a zone, that is not a local one. The record "
        "is skipped and not examined further. It is an info where every name of the line is a ready record's "
        "too (looked at for the first 100,000 such lines).",
        why="A connection may have IPv6 enabled, but the address of a host is described as IPv4 everywhere. "
        "A host that has only an IPv6 line will not be known to DLI.",
        example="fd00:20::21 node-core1abcd.mrs-7f3k.com",
        remedy="Make sure that the host has an IPv4 line too. `--error A203` refuses such records.",
        fate="skipped",
        ends=True,
        softens=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="A204",
        slug="address-octal",
        severity=Severity.ERROR,
        field="ip",
        per="address",
        message="address {value} has a leading zero, parsers disagree on its value",
        hint="write each number without leading zeros, after checking which address was meant",
        what="The address has four decimal parts, each at most 255 when read as decimal, and at least one "
        "of them has a leading zero.",
        why="Programs disagree: of 010.1.0.10, musl makes 8.1.0.10 (octal), c-ares makes 10.1.0.10, and "
        "glibc ignores the line. A guess would be wrong for some of them.",
        example="10.020.0.21 node-core1abcd.mrs-7f3k.com",
        remedy="Check the host's address and write it without leading zeros.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="A205",
        slug="address-short",
        severity=Severity.ERROR,
        field="ip",
        per="address",
        message="address {value} is a short or non-decimal form, parsers disagree on its value",
        hint="write the address as four decimal numbers, after checking which address was meant",
        what="The address is none that A203 or A204 tells, but C's `inet_aton` would read it: one to four "
        "parts, decimal, octal with a leading 0 or hexadecimal with 0x, all but the last at most 255, the "
        "last filling the bytes left.",
        why="Programs disagree: of 10.1.11, musl makes 10.1.0.11, c-ares makes 10.1.11.0, and glibc ignores "
        "the line. A guess would be wrong for some of them.",
        example="10.20.21 node-core1abcd.mrs-7f3k.com",
        remedy="Check the host's address and write all four numbers in decimal.",
        fixed=True,
        settled_by="skip_refused",
        hints={
            "number": "the cell holds a number: format it as Text, and write the host's IPv4 address in it",
        },
    ),
    Rule(
        code="A206",
        slug="address-suffix",
        severity=Severity.ERROR,
        field="ip",
        per="address",
        message="address {value} has a network mask or a port at its end",
        hint="write the address alone, without / or : and what follows it",
        hints={
            "mask": "a network mask: write the address alone",
            "network": "a network, not a host: write the host's own address",
            "port": "a port: write the address alone",
        },
        what="A valid IPv4 address is followed by `/` and a number from 0 to 32, or by `:` and a number "
        "from 0 to 65535 of one to five digits without a leading zero.",
        why="A host is one address. Inventories such as NetBox store and export each address with its mask, "
        "and resolvers ignore such a line in a hosts file.",
        example="name,ip\nnode-core1abcd.mrs-7f3k.com,10.20.0.21/24",
        remedy="Take the mask or the port off, best in the export itself.",
        fixed=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="A210",
        slug="address-local",
        severity=Severity.INFO,
        field="ip",
        per="address",
        message="address {value} is a local one, it names no host of the network",
        hint="nothing to do; --keep-local sends the IPv4 ones",
        what="The address is in 127.0.0.0/8, fe80::/10 or ff00::/8, or is 0.0.0.0, 255.255.255.255, ::1, :: "
        "or fe00::. The record is skipped and its name is not examined.",
        why="Every hosts file begins with such lines. They speak of the machine the file comes from, and "
        "sent to DLI they would speak of another.",
        example="127.0.0.1 localhost localhost.localdomain",
        remedy="Leave it. `--keep-local` sends the IPv4 ones, `--error A210` refuses them all.",
        fate="skipped",
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="A211",
        slug="address-special",
        severity=Severity.WARNING,
        field="ip",
        per="address",
        message="address {value} is in a range reserved for special use",
        hint="check the address, a cluster node has hardly one of this range",
        what="The address is in 100.64.0.0/10, 169.254.0.0/16, 192.0.2.0/24, 198.18.0.0/15, "
        "198.51.100.0/24, 203.0.113.0/24, 224.0.0.0/4, or in the parts of 0.0.0.0/8 and 240.0.0.0/4 that "
        "A210 does not name. The record is sent.",
        why="These ranges are for link-local use, documentation, benchmarks, multicast and carriers. DLI "
        "does not forbid them for a host, so nothing else would tell; for routes of a connection its user "
        "guide asks not to add 100.64.x.x.",
        example="192.0.2.21 node-core1abcd.mrs-7f3k.com",
        remedy="Correct the address. If it is right, `--ignore A211` hides this; `--error A211` refuses "
        "such records.",
        settled_by="skip_refused",
    ),
    Rule(
        code="A212",
        slug="address-local-name",
        severity=Severity.WARNING,
        field="ip",
        per="address",
        message="local address {value} has a name that looks like a real host: {names}",
        hint="add a line with the address that the network knows the host by",
        hints={"elsewhere": "nothing to do: every such name is ready at another address"},
        what="A local address (any of A210's) stands beside a name that is not one of the usual local names: "
        "those that N105 lists, `ip6-*`, `ipv6-*`, `loopback`, `local`, `localhost.*`, `*.localdomain`, "
        "`*.localdomain4`, `*.localdomain6`, `kubernetes.docker.internal`, `host.docker.internal` and "
        "`gateway.docker.internal`. The record is skipped; told in place of A210 for that line. It is an "
        "info where every such name is a ready record's too (looked at for the first 100,000 such lines). "
        "Not told in a block list, which puts more than half of its lines on local addresses.",
        why="Debian gives a machine's own name the address 127.0.1.1 in its hosts file. The line is useless "
        "to DLI, and if no other line names that host, it is about to be left out.",
        example="127.0.1.1 node-master1abcd.mrs-7f3k.com",
        remedy="Add the host with the address that the network knows it by. If another line has it already, "
        "`--ignore A212` hides this.",
        fate="skipped",
        ends=True,
        softens=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="A213",
        slug="address-outside",
        severity=Severity.ERROR,
        field="ip",
        per="address",
        message="address {value} is outside {cidrs}",
        hint="correct the address, or give the network it is in as a further --cidr",
        what="`--cidr` was given, once or several times, and the address is in none of these networks.",
        why="DLI takes a host whose address is outside the connected subnet, so a wrong digit or a list of "
        "another cluster is not refused and shows only later, as a time-out.",
        example="# options: --cidr 10.20.0.0/16\n10.30.0.21 node-core1abcd.mrs-7f3k.com",
        remedy="Correct the address, or add `--cidr` with its network. `--warn A213` sends such records.",
        settled_by="skip_refused",
    ),
)
