"""D, L, F: what can be said only in view of the other records, the service's bound or the user's wish."""

from __future__ import annotations

from importer.checking.findings import Rule, Severity

RULES: tuple[Rule, ...] = (
    Rule(
        code="D301",
        slug="duplicate-record",
        severity=Severity.INFO,
        field="name",
        per="record",
        message="name {value} at {ip} repeats {first}",
        hint="nothing to do, the record is sent once",
        what="An earlier record, in any of the files, has the same name, letter case aside, and the same "
        "address. The record is merged into it.",
        why="Repeats are common where lists are put together, and in MRS hosts files through names with a "
        "trailing dot. What DLI makes of one is not documented, so it is sent once and counts once toward "
        "the 20,000.",
        example="10.20.0.21 node-core1abcd.mrs-7f3k.com\n10.20.0.21 node-core1abcd.mrs-7f3k.com",
        remedy="Leave it, or delete the repeat. `--error D301` refuses repeats.",
        fate="merged",
        compares=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="D302",
        slug="duplicate-case",
        severity=Severity.WARNING,
        field="name",
        per="record",
        message="name {value} at {ip} repeats {first} in another letter case",
        hint="keep the spelling that the cluster uses, the first one is sent",
        what="As D301, but the name is spelled in another case than in the first record. The record is "
        "merged and the first spelling is kept; D301 is not told too.",
        why="DNS names are compared without case, but musl finds a name of a hosts file only in its own "
        "spelling, MRS node names are in mixed case, and DLI does not say how it compares. The spelling "
        "that is sent may matter.",
        example="10.20.0.21 node-core1aBcD.mrs-7f3k.com\n10.20.0.21 node-core1abcd.mrs-7f3k.com",
        remedy="Keep the line with the right spelling and delete the other. `--error D302` refuses such "
        "repeats.",
        fate="merged",
        compares=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="D303",
        slug="name-conflict",
        severity=Severity.ERROR,
        field="name",
        per="record",
        message="name {value} is at {ip}, but {first} has it at {first_ip}",
        hint="delete the wrong line, or settle it with --on-conflict first, last or keep",
        what="An earlier record, in any of the files, has the same name, letter case aside, at another "
        "address. The later record is refused. `--on-conflict` makes this a warning: `first` skips the "
        "later record, `last` lets the last address win and skips the name's records at others, `keep` "
        "sends all.",
        why="Which address DLI would answer is not documented; resolvers differ, and glibc gives only the "
        "first unless told otherwise. A job that gets the wrong one ends in a time-out.",
        example="10.20.0.21 node-core1abcd.mrs-7f3k.com\n10.20.0.99 node-core1abcd.mrs-7f3k.com",
        remedy="Delete the line with the wrong address. Where the order of the list tells which one holds, "
        "use `--on-conflict first` or `last`; where both do, `--on-conflict keep`.",
        fixed=True,
        compares=True,
        settled_by="on_conflict",
        hints={
            "first": "the first address is sent, as --on-conflict first says",
            "last": "the last address in the input is sent, as --on-conflict last says",
            "keep": "all addresses are sent, as --on-conflict keep says",
        },
    ),
    Rule(
        code="D304",
        slug="address-shared",
        severity=Severity.INFO,
        field="ip",
        per="record",
        message="address {ip} has another name at {first}, here it is {name}",
        hint="nothing to do if the host has several names; HBase nodes should have one",
        what="An address that already has a name gets another one, on its first line (or row) or on a line "
        "that repeats one of its names. One finding per address, at the first such record, however many "
        "names it has.",
        why="Several names for one address are usual in a hosts file. MRS guides ask for one name per "
        "address, though, and give several as a cause of HBase RegionServers that do not report.",
        example="10.20.0.10 oms.mrs-7f3k.com manager",
        remedy="Leave it if both names are in use. `--names first` takes only the first name of each hosts "
        "line; `--ignore D304` hides this.",
        compares=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="D305",
        slug="address-two-lines",
        severity=Severity.INFO,
        field="ip",
        per="record",
        message="address {ip} has another name at {first}, and this line names {name} alone for it",
        hint="check that both names are the same host; else one of the two addresses is wrong",
        what="An address that has a ready record from an earlier line (or row) gets another name from a line "
        "that repeats none of its names: aliases, or two hosts at one address. One finding per address, at "
        "the first such record. Looked at in the first 1,000,000 distinct records.",
        why="An address that was copied to the next line and not changed gives two hosts one address, and "
        "everything sent to the second one goes to the first.",
        example="10.20.0.22 node-core2efgh.mrs-7f3k.com\n10.20.0.22 node-core3ijkl.mrs-7f3k.com",
        remedy="Correct the address if these are two hosts. If they are names of one host, leave it; "
        "`--ignore D305` hides this.",
        compares=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="L401",
        slug="too-many-records",
        severity=Severity.ERROR,
        field="row",
        per="list",
        message="{ready:,} records are ready, a connection holds at most 20,000",
        hint="narrow the list with --only or --exclude, or use --split for several connections",
        what="More than 20,000 records are ready to be sent. Told once, at the record that crosses the "
        "bound; the message has the true total.",
        why="DLI takes at most 20,000 hosts per connection, and changing them overwrites the whole list, so "
        "the rest cannot be added by a second call. A list cut off at 20,000 would leave out hosts silently.",
        example="10.0.78.33 n20001  # the 20,001st record that is ready",
        remedy="Leave out what the jobs do not need with `--only` or `--exclude`, or let `emit --split` "
        "make several connections, each with a part of the list.",
        fixed=True,
        settled_by="split",
    ),
    Rule(
        code="L402",
        slug="nothing-to-send",
        severity=Severity.ERROR,
        field="file",
        per="list",
        message="no record is ready to be sent ({records:,} read)",
        hint="check that it is the right file, and that no option leaves out all of it",
        what="No record is ready: the input had none, or all of them were refused or skipped.",
        why="A connection made from such a list knows no host, and an update of a connection with an empty "
        "list deletes all the hosts it has.",
        example="# all hosts have moved to hosts.csv",
        remedy="Check that it is the right file and that `--only`, `--exclude` and `--cidr` do not leave "
        "out all of it.",
        fixed=True,
    ),
    Rule(
        code="F501",
        slug="filtered-out",
        severity=Severity.INFO,
        field="name",
        per="record",
        message="name {value} is left out by --only or --exclude",
        hint="nothing to do; change --only or --exclude if this host is wanted",
        what="`--exclude` matches the record, or `--only` was given and none matches it; both take a "
        "network (CIDR) or a pattern over the name. The record is skipped and not examined further.",
        why="It is told so that the totals add up and an option that catches too much is seen.",
        example="# options: --exclude '*.lab.example'\n10.20.0.21 node-test1abcd.lab.example",
        remedy="Leave it, or narrow the option.",
        fate="skipped",
        ends=True,
        settled_by="skip_refused",
    ),
    Rule(
        code="F502",
        slug="alias-dropped",
        severity=Severity.INFO,
        field="name",
        per="record",
        message="name {value} is not the first of its line, --names first leaves it out",
        hint="nothing to do; --names all sends every name of a line",
        what="`--names first` was given and the name is the second or a later one of its hosts line. The "
        "record is skipped.",
        why="In a hosts file every further name of a line is an alias for the same address. It is told so "
        "that the totals add up: jobs that use the alias will not find it.",
        example="# options: --names first\n10.20.0.21 node-core1abcd.mrs-7f3k.com core1",
        remedy="Leave it, or use `--names all`, which is the default.",
        fate="skipped",
        ends=True,
        settled_by="skip_refused",
    ),
)
