"""Packages that only some kinds of files need; an extra of this package installs each of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from importer.errors import InputError
from importer.language import said


def extra_package(package: str, extra: str, what: str, otherwise: str) -> Any:
    """The module that an extra installs. Raises InputError where it is not installed.

    `what` names the kind of file that needs it; `otherwise` tells what to do without it.
    """
    try:
        return import_module(package)
    except ImportError:
        raise InputError(
            said(
                "is {what}, and the package that reads it, {value}, is not installed",
                what=what,
                value=package.replace("_", "-"),
            ),
            hint=f"pip install 'dli-hosts[{extra}]', or {otherwise}",
        ) from None
