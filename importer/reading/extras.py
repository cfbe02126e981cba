"""Packages that only some files need, which the extras of this one bring."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from importer.errors import InputError


def extra_package(package: str, extra: str, what: str, display: str, otherwise: str) -> Any:
    """The module that an extra of this package brings. Raises InputError where it is not installed."""
    try:
        return import_module(package)
    except ImportError:
        raise InputError(
            f"is {what}, and {package.replace('_', '-')}, which reads it, is not installed",
            source=display,
            hint=f"pip install 'dli-hosts[{extra}]', or {otherwise}",
        ) from None
