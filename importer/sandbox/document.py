"""The OpenAPI document: every call, its request, its answers and its errors, in the service's own words."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from importer.sandbox import page
from importer.sandbox.keys import DOMAIN, REGION, USER

_STRING: dict[str, Any] = {"type": "string"}
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_MILLISECONDS: dict[str, Any] = {"type": "integer", "description": "Milliseconds since 1970."}
_MARKS = re.escape(page.TAG_MARKS.strip())
_TAG_TEXT = rf"[\p{{L}}\p{{Nd}}{_MARKS}]([\p{{L}}\p{{Nd}} {_MARKS}]*[\p{{L}}\p{{Nd}}{_MARKS}])?"


def _object(mandatory: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object without further keys."""
    made: dict[str, Any] = {
        "type": "object",
        "properties": mandatory | (optional or {}),
        "additionalProperties": False,
    }
    return made | ({"required": list(mandatory)} if mandatory else {})


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_POOLS = _array(_TEXT, uniqueItems=True)
_QUEUES = _array({"type": "string", "minLength": 1, "not": {"enum": [page.DEFAULT_QUEUE]}}, uniqueItems=True)
_DONE = {"is_success": {"type": "boolean"}, "message": _STRING}
_CONNECTION = {
    "id": _STRING,
    "name": _STRING,
    "status": {"type": "string", "enum": ["ACTIVE", "DELETED"]},
    "available_queue_info": _array(_ref("Peering")),
    "elastic_resource_pools": _array(_ref("Peering")),
    "dest_vpc_id": _STRING,
    "dest_network_id": _STRING,
    "create_time": _MILLISECONDS,
    "ipv6_enable": {"type": "boolean"},
    "hosts": _array(_ref("Host")),
}

SCHEMAS: dict[str, Any] = {
    "Host": _object(
        {
            "name": {"type": "string", "pattern": f"^{page.HOST_NAME}$"},
            "ip": {"type": "string", "pattern": f"^{page.HOST_IP}$".replace(r"\d", "[0-9]")},
        }
    ),
    "Tag": _object(
        {
            "key": {
                "type": "string",
                "minLength": 1,
                "maxLength": page.MOST_KEY,
                "pattern": f"^(?!{page.RESERVED}){_TAG_TEXT}$",
            },
            "value": {"type": "string", "maxLength": page.MOST_VALUE, "pattern": f"^({_TAG_TEXT})?$"},
        }
    ),
    "Create": _object(
        {
            "name": {"type": "string", "pattern": f"^{page.NAME}$"},
            "dest_vpc_id": _TEXT,
            "dest_network_id": _TEXT,
        },
        {
            "elastic_resource_pools": _POOLS,
            "queues": _QUEUES,
            "routetable_id": _TEXT,
            "hosts": _array(_ref("Host"), maxItems=page.MOST_HOSTS),
            "tags": _array(
                _ref("Tag"), maxItems=page.MOST_TAGS, uniqueItems=True, description="Keys must differ."
            ),
        },
    ),
    "Update": _object({"hosts": _array(_ref("Host"), maxItems=page.MOST_HOSTS)}),
    "Names": _object({}, {"elastic_resource_pools": _POOLS, "queues": _QUEUES})
    | {
        "anyOf": [
            {"required": [field], "properties": {field: {"minItems": 1}}}
            for field in ("elastic_resource_pools", "queues")
        ]
    },
    "Password": {
        "type": "object",
        "required": ["auth"],
        "description": f"User and domain are `{USER}`, the project is `{REGION}`.",
        "properties": {
            "auth": {
                "type": "object",
                "required": ["identity"],
                "properties": {
                    "identity": {
                        "type": "object",
                        "required": ["methods", "password"],
                        "properties": {
                            "methods": _array({"type": "string", "enum": ["password"]}),
                            "password": {
                                "type": "object",
                                "required": ["user"],
                                "properties": {
                                    "user": {
                                        "type": "object",
                                        "required": ["name", "password", "domain"],
                                        "properties": {
                                            "name": _STRING,
                                            "password": _STRING,
                                            "domain": {
                                                "type": "object",
                                                "required": ["name"],
                                                "properties": {"name": {"type": "string", "enum": [DOMAIN]}},
                                            },
                                        },
                                    }
                                },
                            },
                        },
                    },
                    "scope": {
                        "type": "object",
                        "properties": {
                            "project": {"type": "object", "properties": {"id": _STRING, "name": _STRING}}
                        },
                    },
                },
            }
        },
    },
    "Peering": _object(
        {
            "peer_id": _STRING,
            "status": {"type": "string", "enum": ["CREATING", "ACTIVE", "FAILED"]},
            "name": _STRING,
            "err_msg": _STRING,
            "update_time": _MILLISECONDS,
        }
    ),
    "Done": _object(_DONE),
    "Created": _object(_DONE | {"connection_id": {"type": "string", "format": "uuid"}}),
    "Shown": _object(_DONE | _CONNECTION),
    "Listed": _object(
        _DONE
        | {
            "connections": _array(_object(_CONNECTION | {"isPrivis": {"type": "boolean"}})),
            "count": {"type": "integer", "description": "Number of connections in this answer."},
        }
    ),
    "Token": _object({"token": {"type": "object"}}),
    "Projects": _object({"projects": _array({"type": "object", "required": ["id", "name"]})}),
    "Error": _object({"error_code": _STRING, "error_msg": _STRING}, {"request_id": _STRING}),
    "IamError": _object(
        {"error": _object({"code": {"type": "integer"}, "message": _STRING, "title": _STRING})}
    ),
}

_ANSWERS = {"create": (201, "Created"), "list": (200, "Listed"), "show": (200, "Shown"),
            "tokens": (201, "Token"), "projects": (200, "Projects")}  # fmt: skip
_BODIES = {"create": "Create", "update": "Update", "associate": "Names", "disassociate": "Names",
           "tokens": "Password"}  # fmt: skip
_ERRORS = {
    "400": "A parameter is wrong, or the service failed (DLI.0999).",
    "401": "Signature or token are wrong.",
    "403": "Another project.",
    "404": "There is no such connection, or no such call.",
    "413": "The body is larger than 12 MB.",
    "429": "Too many calls.",
    "500": "The service failed.",
}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
_QUERIES: dict[str, dict[str, Any]] = {
    "list": {
        "limit": _NUMBER | {"default": 100, "description": "0 for all."},
        "offset": _NUMBER | {"default": 0},
        "status": {
            "type": "string",
            "pattern": "^([Aa][Cc][Tt][Ii][Vv][Ee]|[Dd][Ee][Ll][Ee][Tt][Ee][Dd])$",
        },
        "name": _STRING | {"description": "Compared exactly."},
        "tags": {"type": "string", "pattern": "^[^,=]+=[^,]*(,[^,=]+=[^,]*)*$"},
    },
    "projects": {"name": _STRING},
}


def route(name: str, project_id: str) -> dict[str, Any]:
    """What FastAPI is told of an operation: its answers, and all else that the document says of it."""
    status, answer = _ANSWERS.get(name, (200, "Done"))
    iam = name in ("tokens", "projects")
    parameters: list[dict[str, Any]] = []
    if not iam:
        parameters.append(_parameter("project_id", "path", {"type": "string", "enum": [project_id]}))
    if name not in ("create", "list", "tokens", "projects"):
        parameters.append(_parameter("connection_id", "path", _TEXT))
    parameters += [_parameter(key, "query", schema) for key, schema in _QUERIES.get(name, {}).items()]
    extra: dict[str, Any] = {"parameters": parameters, "operationId": name}
    if name in _BODIES:
        extra["requestBody"] = {"required": True, **_content(_ref(_BODIES[name]))}
    if name != "tokens":
        extra["security"] = [{"token": []}, {"signature": []}]
    failures = _ref("IamError") if name == "tokens" else _ref("Error")
    return {
        "status_code": status,
        "responses": {status: {"description": "Done.", **_content(_ref(answer))}}
        | {code: {"description": text, **_content(failures)} for code, text in _ERRORS.items()},
        "openapi_extra": extra,
        "tags": ["IAM"] if iam else ["Enhanced datasource connections"],
    }


def whole(app: FastAPI) -> dict[str, Any]:
    """The document of the application's routes, with the schemas above and both ways to sign."""
    document = get_openapi(
        title="Sandbox of Data Lake Insight",
        version="2.0",
        description="Enhanced datasource connections as the API reference describes them.",
        routes=app.routes,
    )
    header = {"type": "apiKey", "in": "header"}
    document["components"] = {
        "schemas": SCHEMAS,
        "securitySchemes": {
            "token": header | {"name": "X-Auth-Token", "description": "An IAM token."},
            "signature": header | {"name": "Authorization", "description": "SDK-HMAC-SHA256 of an AK/SK."},
        },
    }
    return document


def _parameter(name: str, place: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
