"""Check host lists and turn them into connection requests of Huawei Cloud Data Lake Insight (DLI).

    from importer import check, read

    checked = check(read("fleet.hosts"))
    checked.report.raise_for_errors()
    checked.hosts          # DataFrame: ip, name, source, line

The library is silent: it returns reports and raises `ImporterError`. Names are loaded when first
used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from importer.version import __version__

if TYPE_CHECKING:
    from importer.checking.checked import Checked
    from importer.checking.findings import Finding, Place, Rule, Severity
    from importer.checking.options import CheckOptions
    from importer.checking.report import Report, SourceCount, Totals
    from importer.errors import ConnectionInvalid, ImporterError, InputError, ReportError, UsageError
    from importer.library import check, check_frame
    from importer.planning.request import Connection, CreateRequest, Host, Tag, build_request
    from importer.reading.options import ReadOptions
    from importer.reading.read import Reading, read

_HOMES = {
    "importer.checking.checked": ("Checked",),
    "importer.checking.options": ("CheckOptions",),
    "importer.checking.report": ("Report", "SourceCount", "Totals"),
    "importer.checking.findings": ("Finding", "Place", "Rule", "Severity"),
    "importer.library": ("check", "check_frame"),
    "importer.errors": ("ConnectionInvalid", "ImporterError", "InputError", "ReportError", "UsageError"),
    "importer.reading.options": ("ReadOptions",),
    "importer.reading.read": ("Reading", "read"),
    "importer.planning.request": ("Connection", "CreateRequest", "Host", "Tag", "build_request"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CheckOptions",
    "Checked",
    "Connection",
    "ConnectionInvalid",
    "CreateRequest",
    "Finding",
    "Host",
    "ImporterError",
    "InputError",
    "Place",
    "ReadOptions",
    "Reading",
    "Report",
    "ReportError",
    "Rule",
    "Severity",
    "SourceCount",
    "Tag",
    "Totals",
    "UsageError",
    "__version__",
    "build_request",
    "check",
    "check_frame",
    "read",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'importer' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
