"""What is wrong with a table of a jobs file, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from importer.language import near_miss, said, spoken, translated
from importer.shown import shown, visible

_CUT = 60


class Fault(NamedTuple):
    """One thing that is wrong with a table."""

    place: str
    """Keys that lead to it, such as `check.cidr: entry 2`."""
    text: str
    key: str
    """The first of these keys."""


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """The faults of a table in plain words, with the similar key for an unknown one; values are not shown."""
    faults = []
    for one in error.errors(include_url=False, include_input=False):
        location = [part for part in one["loc"] if part != "[key]"] or [""]
        if one["type"] == "extra_forbidden":
            *location, key = location
            texts = [
                said(
                    "unknown key {key}{key_2}",
                    key=shown(str(key), _CUT),
                    key_2=near_miss(str(key), _keys(model, location)),
                )
            ]
        elif one["type"] == "value_error":
            texts = [translated(str(text), spoken()) for text in one["ctx"]["error"].args]
        else:
            word = _WORDS.get(one["type"])
            texts = [word(one.get("ctx", {})) if word is not None else one["msg"]]
        faults += [Fault(_place(location), text, str((*one["loc"], "")[0])) for text in texts]
    return faults


def _place(location: list[int | str]) -> str:
    keys = [visible(part) for part in location if isinstance(part, str)]
    entries = [said(": entry {part}", part=part + 1) for part in location if isinstance(part, int)]
    return ".".join(keys) + "".join(entries)


def _keys(model: type[BaseModel], parents: list[int | str]) -> tuple[str, ...]:
    """The keys that a table inside of a table knows, as they are written in the file."""
    inner: Any = model
    for parent in parents:
        inner = inner.model_fields[parent].annotation
    return tuple(field.alias or name for name, field in inner.model_fields.items())


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "string_type": lambda _: said("is not a text"),
    "bool_type": lambda _: said("is neither true nor false"),
    "tuple_type": lambda _: said("is not a list"),
    "dict_type": lambda _: said("is not a table"),
    "model_type": lambda _: said("is not a table"),
    "missing": lambda _: said("is missing"),
    "literal_error": lambda context: said("is none of {context}", context=context["expected"]),
    "string_too_short": lambda _: said("is empty"),
    "string_too_long": lambda context: said(
        "is longer than {context} characters", context=context["max_length"]
    ),
    "string_pattern_mismatch": lambda _: said("only letters, digits and underscores (_) are allowed"),
}
