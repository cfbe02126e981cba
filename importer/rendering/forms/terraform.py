"""Connections for Terraform, in its JSON syntax (`.tf.json`).

Arguments are those of the provider's page "huaweicloud_dli_datasource_connection". The provider never sends
elastic resource pools when it creates a connection; binding them needs a second resource,
"huaweicloud_dli_datasource_connection_associate", of which a connection can have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from importer.rendering.pretty import json_text

CONNECTION = "huaweicloud_dli_datasource_connection"
ASSOCIATE = "huaweicloud_dli_datasource_connection_associate"


def document(bodies: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The bodies as one document of JSON."""
    yield json_text(terraform_document(bodies), 2)
    yield "\n"


def terraform_document(bodies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Request bodies as one document: a resource for each connection, one more for the pools of each."""
    connections, associates = {}, {}
    for body in bodies:
        label = terraform_label(body["name"])
        connections[label] = _connection(body)
        if body.get("elastic_resource_pools"):
            associates[label] = {
                "connection_id": f"${{{CONNECTION}.{label}.id}}",
                "elastic_resource_pools": [literal(pool) for pool in body["elastic_resource_pools"]],
            }
    return {"resource": {CONNECTION: connections} | ({ASSOCIATE: associates} if associates else {})}


def _connection(body: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of one connection in the provider's order; what was not given is left out."""
    arguments: dict[str, Any] = {
        "name": body["name"],
        "vpc_id": literal(body["dest_vpc_id"]),
        "subnet_id": literal(body["dest_network_id"]),
    }
    if body.get("routetable_id"):
        arguments["route_table_id"] = literal(body["routetable_id"])
    if body.get("queues"):
        arguments["queues"] = [literal(queue) for queue in body["queues"]]
    if body.get("hosts"):
        arguments["hosts"] = [{"name": host["name"], "ip": host["ip"]} for host in body["hosts"]]
    if body.get("tags"):
        arguments["tags"] = {literal(tag["key"]): literal(tag["value"]) for tag in body["tags"]}
    return arguments


def terraform_label(name: str) -> str:
    """A connection's name as the name of a resource, which must not begin with a digit.

    See "Identifiers" on Terraform's page "Configuration Syntax".
    """
    return f"_{name}" if name[:1].isdigit() else name


def literal(text: str) -> str:
    """Text that Terraform takes literally: in its JSON syntax every string is a template.

    `$${` and `%%{` stand for `${` and `%{` (Terraform's page "Strings and Templates").
    """
    return re.sub(r"([$%])(?=\{)", r"\1\1", text)
