"""The request body of the service, and what it takes to make one: the pydantic border.

Field names, order and limits are those of the service's page "Creating an Enhanced Datasource
Connection" (POST /v2.0/{project_id}/datasource/enhanced-connections).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from importer import limits
from importer.errors import ConnectionInvalid
from importer.language import said
from importer.shown import visible


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=False, hide_input_in_errors=True
    )

    def __init__(self, **fields: Any) -> None:
        """Raises ConnectionInvalid that names every field at fault."""
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise ConnectionInvalid(describe(error), hint=HINT) from None

    # Else it would be called for each of 20,000 hosts when a request is validated as a whole.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def _tag_text(text: str, marks: str) -> str:
    for char in text:
        if not (
            unicodedata.category(char)[0] == "L" or unicodedata.category(char) == "Nd" or char in marks + " "
        ):
            raise ValueError(
                said(
                    "holds {char!r}; allowed are letters, digits, spaces and {marks}", char=char, marks=marks
                )
            )
    if text != text.strip(" "):
        raise ValueError("begins or ends with a space")
    return text


def _tag_key(key: str) -> str:
    if key.startswith("_sys_"):
        raise ValueError("begins with _sys_, which is the service's own")
    return _tag_text(key, limits.TAG_KEY_MARKS)


def _tag_value(value: str) -> str:
    return _tag_text(value, limits.TAG_VALUE_MARKS)


def _plain(text: str) -> str:
    if visible(text) != text:
        raise ValueError("holds a character that cannot be seen")
    return text


def _no_default_queue(queue: str) -> str:
    if queue == "default":
        raise ValueError("the queue `default` cannot have datasource connections")
    return queue


ConnectionName = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=limits.MAX_CONNECTION_NAME_CHARS, pattern=r"\A[A-Za-z0-9_]+\z"
    ),
]
"""Letters, digits and underscores, at most 64."""
Given = Annotated[str, StringConstraints(min_length=1), AfterValidator(_plain)]
Queue = Annotated[Given, AfterValidator(_no_default_queue)]


class Tag(_Strict):
    """A tag of the connection; letters of any language are letters."""

    key: Annotated[
        str, StringConstraints(min_length=1, max_length=limits.MAX_TAG_KEY_CHARS), AfterValidator(_tag_key)
    ]
    value: Annotated[
        str, StringConstraints(max_length=limits.MAX_TAG_VALUE_CHARS), AfterValidator(_tag_value)
    ]


class Host(_Strict):
    """One record of `hosts`. The service marks both fields optional; half a record means nothing."""

    ip: Annotated[str, StringConstraints(pattern=limits.IPV4_PATTERN)]
    name: Annotated[
        str, StringConstraints(min_length=1, max_length=limits.MAX_NAME_CHARS, pattern=limits.NAME_PATTERN)
    ]


class Connection(_Strict):
    """What a user says of a connection: everything but its hosts."""

    name: ConnectionName
    vpc: Given
    """ID of the VPC to connect (`dest_vpc_id`)."""
    subnet: Given
    """Network ID of its subnet (`dest_network_id`)."""
    pools: tuple[Given, ...] = ()
    """Names of elastic resource pools (`elastic_resource_pools`)."""
    queues: tuple[Queue, ...] = ()
    """Names of dedicated queues; the service is about to retire this field."""
    route_table: Given | None = None
    """Route table of the subnet (`routetable_id`)."""
    tags: tuple[Tag, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _tags_of_table(cls, data: Any) -> Any:
        """A TOML table of tags is as good as a list of keys and values."""
        if isinstance(data, dict) and isinstance(data.get("tags"), dict):
            data = {**data, "tags": [{"key": k, "value": v} for k, v in data["tags"].items()]}
        return data

    @model_validator(mode="after")
    def _tag_keys_differ(self) -> Connection:
        seen: set[str] = set()
        for tag in self.tags:
            if tag.key in seen:
                raise ValueError(said("tags: the key {key!r} is given more than once", key=tag.key))
            seen.add(tag.key)
        return self

    def warnings(self) -> Iterator[str]:
        """What the service takes today and may regret."""
        if self.queues:
            yield "queues are about to be retired by the service, use elastic resource pools (--pool) instead"
        if len(self.tags) > limits.MAX_TAGS:
            yield said(
                "{number} tags, the console allows at most {MAX_TAGS} for one resource",
                number=len(self.tags),
                MAX_TAGS=limits.MAX_TAGS,
            )
        for tag in self.tags:
            if not tag.value:
                yield said(
                    "tag {key!r} has an empty value, which some editions of the service refuse", key=tag.key
                )
            if "=" in tag.key + tag.value:
                yield said("tag {key!r} holds =, so the service's list cannot be filtered by it", key=tag.key)

    def numbered(self, number: int) -> Connection:
        """The same connection with `_1`, `_2` ... behind its name, for a list that is split."""
        return Connection(**{**self.model_dump(), "name": f"{self.name}_{number}"})


class CreateRequest(_Strict):
    """Body of the request; optional fields that were not given are left out of `body()`."""

    name: ConnectionName
    dest_vpc_id: Given
    dest_network_id: Given
    elastic_resource_pools: tuple[Given, ...] | None = None
    queues: tuple[Queue, ...] | None = None
    routetable_id: Given | None = None
    hosts: Annotated[tuple[Host, ...], Field(max_length=limits.MAX_HOSTS)] | None = None
    tags: tuple[Tag, ...] | None = None

    def body(self) -> dict[str, Any]:
        """The JSON object to send, fields in the order of the documentation."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def of_body(cls, body: Any) -> CreateRequest:
        """A body that is at hand already. Raises ConnectionInvalid."""
        try:
            return cls.model_validate(body)
        except ValidationError as error:
            raise ConnectionInvalid(describe(error), hint=HINT) from None


def build_request(connection: Connection, hosts: Iterable[tuple[str, str]] | None) -> CreateRequest:
    """The request that creates a connection with these (ip, name) pairs; None sends no `hosts`.

    Raises ConnectionInvalid for more than 20,000 hosts, or one that the service would refuse.
    """
    if not isinstance(connection, Connection):
        raise ConnectionInvalid(
            said("the connection is not a Connection but a {name}", name=type(connection).__name__),
            hint="make one first",
        )
    fields = {
        "name": connection.name,
        "dest_vpc_id": connection.vpc,
        "dest_network_id": connection.subnet,
        "elastic_resource_pools": connection.pools or None,
        "queues": connection.queues or None,
        "routetable_id": connection.route_table,
        "hosts": None if hosts is None else list(_hosts(hosts)),
        "tags": connection.tags or None,
    }
    return CreateRequest.of_body(fields)


def _hosts(pairs: Iterable[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """Pairs as the service's hosts. Raises ConnectionInvalid for what are not pairs."""
    if not isinstance(pairs, Iterable):
        raise _no_pairs(pairs)
    for pair in pairs:
        try:
            ip, name = pair
        except (TypeError, ValueError):
            raise _no_pairs(pair) from None
        yield {"ip": ip, "name": name}


def _no_pairs(other: object) -> ConnectionInvalid:
    return ConnectionInvalid(
        said("hosts: a {name} is not a pair of address and name", name=type(other).__name__),
        hint="give it checked.pairs()",
    )


HINT = "the limits are those of the service's create page"


def describe(error: ValidationError) -> str:
    """The faults of a model in one line, at most ten of them, without the values."""
    faults = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False)[:10]:
        place = ".".join(str(part) for part in fault["loc"])
        text = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "string_pattern_mismatch":
            text = _PATTERN_WORDS.get(str(fault["loc"][-1]), "has a character that is not allowed")
            text = _PATTERN_WORDS["host"] if len(fault["loc"]) > 1 and fault["loc"][-1] == "name" else text
        faults.append(f"{place}: {text}" if place else text)
    more = error.error_count() - len(faults)
    return "; ".join(faults) + (said("; and {more:,} more", more=more) if more else "")


_PATTERN_WORDS = {
    "name": "only letters, digits and underscores (_) are allowed",
    "ip": "is not IPv4, four decimal numbers from 0 to 255",
    "host": "is not a host name: a letter, then letters, digits, _ - and periods",
}
