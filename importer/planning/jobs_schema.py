"""What a jobs file may hold: the pydantic border of `importer.planning.jobs`, and the JSON schema made of it.

Limits of the service's fields are those of `importer.planning.request`, which has them from the service's
page "Creating an Enhanced Datasource Connection".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    WithJsonSchema,
)

from importer import limits
from importer.checking.options import CONFLICT_CHOICES, NAMES_CHOICES, CheckOptions
from importer.checking.policy import Policy
from importer.errors import UsageError
from importer.language import near_miss, said
from importer.planning.jobs_read import DELIMITER_SCHEMA, delimiter_of, encoding_of
from importer.planning.request import ConnectionName, Given, Queue, Tag
from importer.planning.schema_faults import faults_of
from importer.shown import shown

_CUT = 60
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_BREAKS = re.compile(r"[\n\v\f\r]")
_NOT_IN_A_FIELD = re.compile(r"[\s#]")


def _of_tag(part: Literal["key", "value"]) -> AfterValidator:
    """Hold a key, or a value, of a table of tags to the rules of `Tag`."""

    def good(text: str) -> str:
        try:
            Tag.model_validate({"key": "k", "value": "", part: text})
        except ValidationError as error:
            raise ValueError(
                said("the {part} {text}", part=part, text=faults_of(error, Tag)[0].text)
            ) from None
        return text

    return AfterValidator(good)


def _judged(field: str) -> AfterValidator:
    """Have each value of a check option judged by the code that uses it."""

    def value_of(text: str) -> str:
        value = text.strip().upper() if field in ("ignore", "error", "warn") else text
        said: dict[str, Any] = {field: (value,)}
        try:
            Policy.of(CheckOptions(**said))
        except UsageError as error:
            raise ValueError(error.message.removeprefix(f"--{field} ")) from None
        return value

    return AfterValidator(value_of)


def _numbered(word: str) -> BeforeValidator:
    """A number from 1 may stand without quotes in place of a heading or a name."""

    def text_of(value: Any) -> Any:
        if isinstance(value, str):
            return value
        if type(value) is not int or value < 1:
            raise ValueError(said("is neither a {word} nor a number from 1", word=word))
        return str(value)

    return BeforeValidator(text_of)


def _host_lines(hosts: Any) -> tuple[str, ...]:
    """Lines in hosts syntax: those of a text, or one for each entry of a list.

    Raises ValueError with a sentence for each fault.
    """
    if isinstance(hosts, str):
        found = _CONTROLS.search(hosts)
        if found:
            line = hosts.count("\n", 0, found.start()) + 1
            raise ValueError(
                said(
                    "line {line} of it holds the control character {found}",
                    line=line,
                    found=shown(found[0], 1),
                )
            )
        return tuple(hosts.removesuffix("\n").split("\n")) if hosts else ()
    if not isinstance(hosts, list | tuple):
        raise ValueError("is neither a list nor a text in hosts syntax")
    lines, faults = [], []
    for number, entry in enumerate(hosts, 1):
        try:
            lines.append(_entry_line(entry))
        except ValueError as error:
            faults.append(said("entry {number}: {error}", number=number, error=error))
    if faults:
        raise ValueError(*faults)
    return tuple(lines)


def _entry_line(entry: Any) -> str:
    """One line of one entry: nothing in it may begin a second line, or hide as a comment or a blank."""
    if isinstance(entry, Mapping):
        return _table_line(entry)
    if not isinstance(entry, str):
        raise ValueError('is neither a text like "10.0.0.1 name" nor a table {ip = "...", name = "..."}')
    if _CONTROLS.search(entry) or _BREAKS.search(entry):
        raise ValueError("holds a line break or a control character")
    if "#" in entry:
        raise ValueError("holds #, after which everything would be a comment")
    if not entry.strip():
        raise ValueError("is blank")
    return entry


def _table_line(entry: Mapping[str, Any]) -> str:
    for key in entry:
        if key not in ("ip", "name"):
            raise ValueError(
                said("unknown key {key}{key_2}", key=shown(key, _CUT), key_2=near_miss(key, ("ip", "name")))
            )
    for key in ("ip", "name"):
        value = entry.get(key)
        if not isinstance(value, str) or not value:
            raise ValueError(
                said("{key}: is not a text", key=key)
                if value
                else said("{key}: is missing or empty", key=key)
            )
        if _NOT_IN_A_FIELD.search(value) or _CONTROLS.search(value):
            raise ValueError(
                said(
                    "{key}: {value} holds a blank, a # or a control character",
                    key=key,
                    value=shown(value, _CUT),
                )
            )
    return f"{entry['ip']} {entry['name']}"


def _bare(schema: dict[str, Any]) -> None:
    """Take out what says nothing to a person who writes TOML: made-up titles, defaults that mean absence."""
    for field in schema["properties"].values():
        field.pop("title", None)
        field.pop("default", None)


def _bare_job(schema: dict[str, Any]) -> None:
    _bare(schema)
    schema["required"] = ["name"]


_NAME_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": limits.MAX_CONNECTION_NAME_CHARS,
    "pattern": "^[A-Za-z0-9_]+$",
}
_HOSTS_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {
                        "type": "object",
                        "properties": {"ip": {"type": "string"}, "name": {"type": "string"}},
                        "required": ["ip", "name"],
                        "additionalProperties": False,
                    },
                ]
            },
        },
    ]
}
_NUMBERED_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}

if TYPE_CHECKING:
    Conflict: TypeAlias = str
    Names: TypeAlias = str
else:  # a Literal of a tuple is one of its values, which type checkers do not follow
    Conflict, Names = Literal[CONFLICT_CHOICES], Literal[NAMES_CHOICES]
Column = Annotated[Given, _numbered("heading"), WithJsonSchema(_NUMBERED_SCHEMA)]


class Table(BaseModel):
    """A table of the file. A field that was not given is not in `model_fields_set`, whatever its default."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        json_schema_extra=_bare,
    )


class CheckTable(Table):
    """How to judge the lists; each key is the option of that name."""

    on_conflict: Conflict = "refuse"
    """What becomes of a name at a second address."""
    names: Names = "all"
    """first: take only the first name of a hosts line."""
    cidr: tuple[Annotated[Given, _judged("cidr")], ...] = ()
    """Networks of which one must hold each address."""
    only: tuple[Annotated[Given, _judged("only")], ...] = ()
    """CIDRs or name globs; records that match none are left out."""
    exclude: tuple[Annotated[Given, _judged("exclude")], ...] = ()
    """CIDRs or name globs; records that match one are left out."""
    keep_local: StrictBool = False
    """Send local IPv4 addresses too."""
    keep_trailing_dot: StrictBool = False
    """Send the dot at the end of a name too."""
    ignore: tuple[Annotated[Given, _judged("ignore")], ...] = ()
    """Codes of rules whose findings are hidden."""
    error: tuple[Annotated[Given, _judged("error")], ...] = ()
    """Codes of rules to raise to an error."""
    warn: tuple[Annotated[Given, _judged("warn")], ...] = ()
    """Codes of rules to lower, or raise, to a warning."""
    strict: StrictBool = False
    """Nothing is sent where there are warnings."""


class ReadTable(Table):
    """How to read the lists, where the content does not show it; each key is the option of that name."""

    syntax: Annotated[Literal["hosts", "csv", "mrs-json", "ecs-json"], Field(alias="from")] = "hosts"
    """The syntax."""
    encoding: Annotated[Given, AfterValidator(encoding_of)] = ""
    """A name of a text encoding, such as gb18030."""
    delimiter: Annotated[Given, AfterValidator(delimiter_of), WithJsonSchema(DELIMITER_SCHEMA)] = ","
    """What separates the cells."""
    name_column: Column = ""
    """Heading, or number from 1, of the name column."""
    ip_column: Column = ""
    """Heading, or number from 1, of the address column."""
    sheet: Annotated[Given, _numbered("name"), WithJsonSchema(_NUMBERED_SCHEMA)] = ""
    """Name, or number from 1, of the sheet of workbooks."""


class Defaults(Table):
    """What holds for every connection that does not say otherwise."""

    vpc: Given = ""
    """ID of the VPC to connect."""
    subnet: Given = ""
    """Network ID of its subnet."""
    pools: tuple[Given, ...] = ()
    """Names of elastic resource pools."""
    queues: tuple[Queue, ...] = ()
    """Names of dedicated queues; the service is about to retire them."""
    route_table: Given = ""
    """ID of the route table of the subnet."""
    tags: dict[Annotated[str, _of_tag("key")], Annotated[str, _of_tag("value")]] = {}
    """Tags; those of a connection are added to those of the defaults, key by key."""
    files: tuple[Given, ...] = ()
    """Host lists, read as one list; paths are relative to the folder of this file and stay below it."""
    split: StrictBool = False
    """Make several connections NAME_1, NAME_2 ... of a list of more than 20,000 hosts."""
    skip_refused: StrictBool = False
    """Go on without the refused records."""
    update: StrictBool = False
    """Give the connection these hosts where it exists already and is equal in all else."""
    check: CheckTable = CheckTable()
    """How to judge the lists."""
    read: ReadTable = ReadTable()
    """How to read the lists."""


class JobTable(Defaults):
    """One connection to create."""

    model_config = ConfigDict(json_schema_extra=_bare_job)

    name: Annotated[ConnectionName, WithJsonSchema(_NAME_SCHEMA)] = ""
    """Name of the connection: letters, digits and underscores."""
    hosts: Annotated[tuple[str, ...], BeforeValidator(_host_lines), WithJsonSchema(_HOSTS_SCHEMA)] = ()
    """Hosts given here: a list of "10.0.0.1 name" or {ip = "10.0.0.1", name = "name"}, or hosts syntax."""


class JobsFile(Table):
    """Connections that dli-hosts plan and dli-hosts submit make."""

    defaults: Defaults = Defaults()
    """What holds for every connection that does not say otherwise."""
    connection: Annotated[tuple[JobTable, ...], Field(min_length=1)]
    """The connections, each a [[connection]]."""


def json_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a jobs file, for editors; published as `jobs.schema.json`."""
    made = JobsFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "dli-hosts jobs file"}
