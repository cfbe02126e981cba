"""Names: every N1xx, and how names are compared."""

import fnmatch
import re

from oracle.model import Options

LONGEST_NAME = 128
LONGEST_LABEL = 63

LOCAL_NAMES = (
    *("localhost", "localhost.localdomain", "localhost4", "localhost4.localdomain4", "localhost6"),
    *("localhost6.localdomain6", "ip6-localhost", "ip6-loopback", "broadcasthost"),
)
"""N105's list."""

NO_HOSTS = (
    *("ip6-*", "ipv6-*", "loopback", "local", "localhost.*"),
    *("*.localdomain", "*.localdomain4", "*.localdomain6"),
    *("kubernetes.docker.internal", "host.docker.internal", "gateway.docker.internal"),
)
"""A212's list beside N105's."""

PLACEHOLDERS = ("nan", "none", "null", "nil", "na", "tbd", "todo", "unknown", "undefined")
"""N113's list."""


def bare(name: str) -> str:
    """N110: 'ends in exactly one dot, which is taken off before all other name rules'; '.' is left alone."""
    if name.endswith(".") and not name.endswith("..") and name != ".":
        return name[:-1]
    return name


def sent(name: str, options: Options) -> str:
    """'`--keep-trailing-dot` sends it as written'; otherwise 'as the user wrote them (N110's dot aside)'."""
    return name if options.keep_trailing_dot else bare(name)


def name_codes(name: str, options: Options, local_is_wrong: bool) -> list[tuple[str, int]]:
    """Every N1xx of a name that is not missing, each with its offset in the name.

    `local_is_wrong` says that N105 applies: 'beside an address without an error', and not one that
    `--keep-local` sends ('no A210, A212, N105').
    """
    codes: list[tuple[str, int]] = []
    if bare(name) != name and not options.keep_trailing_dot:
        codes.append(("N110", 0))
    form = form_codes(sent(name, options))
    codes.extend(form)
    if local_is_wrong and bare(name).lower() in LOCAL_NAMES:
        # 'N105 and D3xx look past it'
        codes.append(("N105", 0))
    if not form:
        # N111: 'passes N101-N104 but is no DNS name'; N112: 'passes N101-N104 and ...'
        if not is_dns_name(bare(name)):
            codes.append(("N111", 0))
        if not is_uri_host(bare(name)):
            codes.append(("N112", 0))
    if bare(name).lower() in PLACEHOLDERS:
        codes.append(("N113", 0))
    return codes


def form_codes(name: str) -> list[tuple[str, int]]:
    """N102, N103 and N104: the service's own rule about names."""
    codes: list[tuple[str, int]] = []
    if len(name) > LONGEST_NAME:
        # 'more than 128 characters'
        codes.append(("N102", 0))
    if re.match(r"[0-9_.-]", name):
        # 'first character is one of the allowed ones but not a letter A-Z a-z'
        codes.append(("N103", 0))
    wrong = re.search(r"[^A-Za-z0-9_.-]", name)
    if wrong:
        # 'a character outside `A-Z a-z 0-9 _ - .`; the first such one'
        codes.append(("N104", wrong.start()))
    return codes


def is_dns_name(name: str) -> bool:
    """N111: no DNS name has 'an empty label, a label over 63, or a label that begins or ends with `-`'."""
    return all(
        0 < len(label) <= LONGEST_LABEL and not label.startswith("-") and not label.endswith("-")
        for label in name.split(".")
    )


def is_uri_host(name: str) -> bool:
    """N112: 'has `_`, or has several labels of which the last begins with a digit'."""
    return "_" not in name and re.search(r"\.[0-9][^.]*$", name) is None


def is_valid_name(name: str) -> bool:
    """'a valid name' of R117: one that breaks none of N101 to N104."""
    return name != "" and not form_codes(bare(name))


def is_real(name: str) -> bool:
    """A212: 'a name that is in neither N105's list nor one of `ip6-*` ...'."""
    low = bare(name).lower()
    local = low in LOCAL_NAMES or any(fnmatch.fnmatchcase(low, pattern) for pattern in NO_HOSTS)
    return name != "" and not local
