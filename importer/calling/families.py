"""Environment variables that name credentials and where they are for, by the tools that they belong to."""

from __future__ import annotations

from typing import NamedTuple


class Family(NamedTuple):
    """Environment variables that belong together; credentials are taken from one family only."""

    token: str
    keys: tuple[str, str, str]
    password: tuple[str, str, str]
    project_id: str
    region: str
    project_name: str = ""
    unused: tuple[str, ...] = ()
    """Further variables that say where to send, and are not understood here."""


SDK, HW, OS = FAMILIES = (
    Family(
        token="",
        keys=("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
        password=("", "", ""),
        project_id="HUAWEICLOUD_SDK_PROJECT_ID",
        region="",
    ),
    Family(
        token="HW_AUTH_TOKEN",
        keys=("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"),
        password=("HW_USER_NAME", "HW_USER_PASSWORD", "HW_DOMAIN_NAME"),
        project_id="HW_PROJECT_ID",
        region="HW_REGION_NAME",
        project_name="HW_PROJECT_NAME",
    ),
    Family(
        token="OS_AUTH_TOKEN",
        keys=("OS_ACCESS_KEY", "OS_SECRET_KEY", ""),
        password=("OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME"),
        project_id="OS_PROJECT_ID",
        region="OS_REGION_NAME",
        project_name="OS_PROJECT_NAME",
        unused=("OS_TENANT_ID", "OS_TENANT_NAME"),
    ),
)
"""In the order in which they are looked at. An empty name: the family has no such variable."""

ROLE = "HW_ASSUME_ROLE_"
"""How variables begin that make other tools act in another account, which this one cannot."""
