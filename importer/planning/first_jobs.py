"""A jobs file to begin with: one connection, written so that it can be read, planned and added to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from importer.errors import ConnectionInvalid
from importer.language import said
from importer.planning.jobs_schema import JobTable
from importer.planning.schema_faults import faults_of

FIELDS = ("name", "vpc", "subnet", "pools", "files")
"""What is asked for, in this order."""
NEEDED = ("name", "vpc", "subnet", "files")


def faults(fields: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with these fields of a connection, a line for each; those that lack too."""
    from pydantic import ValidationError

    told = [said("{field}: is missing", field=field) for field in NEEDED if not fields.get(field)]
    given = {field: value for field, value in fields.items() if value}
    try:
        JobTable.model_validate({"name": "n", "vpc": "v", "subnet": "s"} | given)
    except ValidationError as error:
        told += [f"{one.place}: {one.text}" if one.place else one.text for one in faults_of(error, JobTable)]
    return told


def fault_of(field: str, value: Any) -> str:
    """What is wrong with the value of one field; empty if nothing is."""
    about = [one for one in faults({field: value}) if one.startswith(field)]
    return about[0] if about else ""


def jobs_file(fields: Mapping[str, Any], schema: str) -> Iterator[str]:
    """The lines of the file. Raises ConnectionInvalid that names every field at fault.

    `schema`: where its JSON schema is, as seen from the file; editors with a TOML language server look there.
    """
    wrong = faults(fields)
    if wrong:
        raise ConnectionInvalid("; ".join(wrong), hint="dli-hosts init --help names the options")
    yield f"#:schema {schema}\n"
    yield "# Each [[connection]] is one enhanced datasource connection; paths are relative to this file.\n"
    yield "\n[[connection]]\n"
    for field in (*FIELDS, *(field for field in fields if field not in FIELDS)):
        if fields.get(field):
            yield f"{field} = {_value(fields[field])}\n"


def _value(value: Any) -> str:
    """A value as TOML has it; its strings have the escapes of JSON."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{json.dumps(key)} = {_value(one)}' for key, one in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
