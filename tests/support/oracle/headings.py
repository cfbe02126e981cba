"""Headings that are known, and the header that they make."""

ADDRESS_HEADINGS = {
    *("ip", "ipaddress", "address", "addr", "value", "deviceip", "primaryipaddress", "internalip"),
    *("serviceip", "privateip", "privateipaddress", "addresses", "ipaddr", "primaryip4"),
    *("业务ip", "管理ip", "ip地址"),
}
"""The names that the table of formats gives to an address, compared as `compared` says."""

NAME_HEADINGS = {
    *("name", "hostname", "host", "fqdn", "dnsname", "caption", "vm", "vmname", "server", "devicename"),
    *("privatednsname", "主机名称", "主机名"),
}
"""The names that the table of formats gives to a name, and VMware's `VMName`."""

SERVICE, MANAGEMENT = "业务ip", "管理ip"
"""'FusionInsight's 业务IP beside 管理IP, where 业务IP is taken.'"""


def compared(heading: str) -> str:
    """'compared case-folded, without blanks, `_`, `-`, leading or trailing `#` or `*`'."""
    kept = "".join(c for c in heading.casefold() if c not in "_-" and c != "\ufeff" and not c.isspace())
    return kept.strip("#*")


def is_address_heading(text: str) -> bool:
    """Whether a cell is a known address heading."""
    return compared(text) in ADDRESS_HEADINGS


def is_name_heading(text: str) -> bool:
    """Whether a cell is a known name heading."""
    return compared(text) in NAME_HEADINGS
