"""The forms of `emit`, a row each. To add one: a row in `FORMS`, and the module beside that it names.

A form of any number of hosts is written while the list is read: its module has `HEAD`, bytes, and
`lines(hosts)`, which makes bytes of a batch of ready records. The module of any other form has
`document(bodies)`, which yields the text of one document from one or more bodies. A body is the request body
of a connection; where the form needs no connection, only `name` and `hosts` of it. A module is loaded when it
is needed. Imports nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Form(NamedTuple):
    """What a form needs, what it can hold, and who writes it."""

    module: str
    """The module of this room that writes it."""
    summary: str = ""
    """What it is, as the help says it; empty where the name says it."""
    connection: bool = False
    """Whether it describes a connection, and not its hosts alone."""
    unlimited: bool = False
    """Whether it may hold any number of hosts; else as many as one connection."""
    suffix: str = ""
    """The end of the file's name where each connection has a file of its own; empty: one document holds
    all connections."""
    remark: str = ""
    """What a user has to know about what was written."""

    def load(self) -> Any:
        """The module that writes it."""
        return import_module(f"{__name__}.{self.module}")


FORMS = {
    "request": Form("request", "the body of the API call", connection=True),
    "console": Form(
        "console",
        "lines for the console's dialog",
        suffix=".txt",
        remark="pasting these lines into the console's dialog replaces all hosts of the connection",
    ),
    "csv": Form("csv", unlimited=True),
    "hosts": Form("hosts", unlimited=True),
    "terraform": Form(
        "terraform",
        "a .tf.json file",
        connection=True,
        remark="terraform reads it from a file whose name ends in .tf.json",
    ),
    "koocli": Form(
        "koocli",
        "a file for hcloud",
        connection=True,
        suffix=".json",
        remark="send it with: hcloud DLI CreateEnhancedConnection --cli-jsonInput=FILE.json --project_id=ID",
    ),
}
"""By the name that users give to `--as`."""
