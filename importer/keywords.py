"""Options that a program gives as keywords: what is no value of an option is told by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

from importer.errors import UsageError
from importer.language import said
from importer.shown import text_of


def options_from(kind: Any, door: str, given: Mapping[str, Any], *, least: Mapping[str, int]) -> Any:
    """The options, a NamedTuple with defaults, that these keywords make.

    A value has the type of the default; one text is as good as a tuple of it. Numbers are whole, no larger
    than 62 bits hold, and at least 0 where `least` does not say more. Raises UsageError that names function
    (`door`) and option.
    """
    values = {}
    for name, value in given.items():
        if name not in kind._field_defaults:
            raise UsageError(
                said("{door} got an unexpected keyword argument {name!r}", door=door, name=name),
                hint=said("it takes {field_defaults}", field_defaults=", ".join(kind._field_defaults)),
            )
        default = kind._field_defaults[name]
        values[name] = _tuple(value) if isinstance(default, tuple) else value
        wanted = _lacking(values[name], default, least.get(name, 0))
        if wanted:
            raise UsageError(
                said(
                    "{door}: {name}={value} is no {wanted}",
                    door=door,
                    name=name,
                    value=text_of(value, repr),
                    wanted=wanted,
                ),
                hint=said("leave it out for {default!r}", default=default),
            )
    return kind(**values)


MOST = 1 << 62
"""The largest number of an option: what is added to it still fits into 64 bits."""


def _tuple(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, bytes) else value


def _lacking(value: Any, default: Any, least: int) -> str:
    """What a value should be and is not; empty where it is all right."""
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "True or False"
    if isinstance(default, str):
        return "" if isinstance(value, str) else "text"
    if isinstance(default, tuple):
        several = isinstance(value, tuple) and all(isinstance(item, str) for item in value)
        return "" if several else "text or list of texts"
    if value is None and default is None:
        return ""
    if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < least:
        return said("whole number from {least}", least=least)
    return "" if int(value) <= MOST else said("whole number from {least} to {MOST}", least=least, MOST=MOST)
