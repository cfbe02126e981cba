"""Everything this package raises on purpose. Catch `ImporterError` to catch all of it.

    ImporterError
      InputError        cannot open, decode, recognise or bound the input
      UsageError        an option whose value means nothing
      ReportError       raise_for_errors(): the list has errors
      ConnectionInvalid a connection that the service would refuse
        JobsInvalid     a jobs file with faults, all of them told at once
      AgainLater        a server that turns calls away or does not answer; the same command may go on later
      CredentialsError  no credentials, half of them, or such as cannot be used
      BackupError       a backup that is damaged, edited, or of another service
      PlanError         a plan file that is damaged, edited or of another version
      JournalError      a journal that is damaged, in use, of another service, or cannot be written

A finding is about the *data* and is never raised; an exception says that *we* could not work.
"""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from importer.language import said


class ImporterError(Exception):
    """The base of the tree: a message that says what is wrong, and a hint that says what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is copied and pickled: as it is, whatever its class wants to be made of.

        A pool of processes waits for ever for an error that cannot be made again.
        """
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class InputError(ImporterError):
    """The input cannot be opened, decoded or recognised, or is beyond a bound."""

    def __init__(self, message: str, *, source: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.source = source
        """The input as the user named it; empty until `naming` has put the name there."""

    def __str__(self) -> str:
        return f"{self.source}: {self.message}" if self.source else self.message


@contextmanager
def naming(source: str) -> Iterator[None]:
    """Put the name of the input on every InputError that passes without one.

    Only the code that opened the input knows its name. A hint that needs the name, as in a command to
    type, has `{source}` in its place.
    """
    try:
        yield
    except InputError as error:
        if not error.source:
            error.source = source
            error.hint = error.hint.replace("{source}", source)
        raise


def of_a_library(error: BaseException) -> bool:
    """Whether a library that reads files may have raised this for data that it cannot take.

    Most raise any kind of Exception; one in Rust that gives up raises what is not even that.
    """
    return isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime"


class UsageError(ImporterError):
    """An option has a value that means nothing, or contradicts another one."""


class ReportError(ImporterError):
    """A report has findings at error; its text names the first of them and counts the rest."""


class ConnectionInvalid(ImporterError):
    """A connection description breaks a rule of the create page."""


class JobsInvalid(ConnectionInvalid):
    """A jobs file has faults; its text has one line for each of them."""

    def __init__(self, faults: tuple[str, ...], *, hint: str = "", jobs: tuple[Any, ...] = ()) -> None:
        super().__init__("\n".join(faults), hint=hint)
        self.faults = faults
        """Every fault of every job in file order, each one line that names the file and the connection."""
        self.jobs = jobs
        """The jobs without a fault (`importer.planning.jobs.Job`)."""


class PlanError(ImporterError):
    """A plan file cannot be read, or is not as it was written."""


class BackupError(ImporterError):
    """A backup cannot be read, is not as it was written, or is not of this service."""


class JournalError(ImporterError):
    """The journal of what was sent cannot be used; nothing may be sent without it."""

    def __init__(self, message: str, *, path: object, hint: str = "") -> None:
        super().__init__(
            said("journal {path}: {message}", path=path, message=message),
            hint=hint or "dli-hosts status shows what it holds",
        )


class AgainLater(ImporterError):
    """A server turned calls away, or did not answer, for as long as this run has patience."""


class CredentialsError(ImporterError):
    """Credentials are missing, incomplete or refused. Its text tells where they were sought, and no value."""
