"""Which calls there are: method and path of each, from the API references of DLI and IAM."""

from __future__ import annotations

import re
from typing import NamedTuple


class Operation(NamedTuple):
    """One call of the API."""

    name: str
    method: str
    path: str
    """With `{project_id}` and `{connection_id}` where they stand."""
    op: str
    """What fault rules call it: create, list, show, update, delete or iam."""
    pattern: re.Pattern[str]


class Call(NamedTuple):
    """An operation with the ids of its path; "" where the path has none."""

    operation: Operation
    project_id: str
    connection_id: str


BASE = "/v2.0/{project_id}/datasource/enhanced-connections"
ONE = BASE + "/{connection_id}"
TOKENS = "tokens"


def _operation(name: str, method: str, path: str, op: str) -> Operation:
    pattern = path.replace(".", r"\.").replace("{project_id}", "(?P<project_id>[^/]+)")
    pattern = pattern.replace("{connection_id}", "(?P<connection_id>[^/]+)")
    return Operation(name, method, path, op, re.compile(pattern))


OPERATIONS = (
    _operation("create", "POST", BASE, "create"),
    _operation("list", "GET", BASE, "list"),
    _operation("show", "GET", ONE, "show"),
    _operation("update", "PUT", ONE, "update"),
    _operation("delete", "DELETE", ONE, "delete"),
    _operation("associate", "POST", ONE + "/associate-queue", "update"),
    _operation("disassociate", "POST", ONE + "/disassociate-queue", "update"),
    _operation(TOKENS, "POST", "/v3/auth/tokens", "iam"),
    _operation("projects", "GET", "/v3/projects", "iam"),
)


def find(method: str, path: str) -> Call | None:
    """The call that a method and a decoded path mean; None where there is none."""
    for operation in OPERATIONS:
        if operation.method == method and (match := operation.pattern.fullmatch(path)):
            ids = match.groupdict()
            return Call(operation, ids.get("project_id", ""), ids.get("connection_id", ""))
    return None
