"""Which headings name the two columns that matter, in English and Chinese.

Gathered from exports and public host lists: FusionInsight Manager, NetBox, phpIPAM, Infoblox,
SolarWinds, RVTools, Cisco FMC, the AWS command line, and lists made by hand.
"""

from __future__ import annotations

from typing import Literal

Role = Literal["name", "ip"]

SERVICE_IP = "业务ip"
MANAGEMENT_IP = "管理ip"

_LONGEST = 100
"""Longer text is not looked at: cells can be long, headings are not."""

_ADDRESS = (
    "ip ip_address address addr value device_ip primary_ip_address internal_ip service_ip private_ip "
    "private_ip_address addresses ip_addr primary_ip4 ipv4 ipv4_address ip_addresses mgmt_ip primary_ip "
    "management_ip host_ip node_ip server_ip vm_ip ip(v4/v6) "
    "业务IP 管理IP 业务平面IP 管理平面IP 内网IP 私网IP IP地址 私有IP地址"
)
_NAME = (
    "name hostname host fqdn dns_name caption vm server device_name private_dns_name vmname "
    "dnshostname guest_host_name computer_name node_name server_name 主机名称 主机名 节点名称 主机"
)


def normal(heading: str) -> str:
    """A heading as it is compared: case-folded, without blanks, `_`, `-` and outer `#` or `*`."""
    bare = "".join(c for c in heading.casefold() if not c.isspace() and c not in "_-")
    return bare.strip("#*")


_ADDRESS_HEADINGS = frozenset(map(normal, _ADDRESS.split()))
_NAME_HEADINGS = frozenset(map(normal, _NAME.split()))


def role_of(heading: str) -> Role | None:
    """The role that a known heading names, else None."""
    if len(heading) > _LONGEST:
        return None
    bare = normal(heading)
    return "ip" if bare in _ADDRESS_HEADINGS else "name" if bare in _NAME_HEADINGS else None
