"""The two ways into a check: an iterable of batches, and a DataFrame.

The one module that knows both how inputs are read and how records are judged, for those who import this
package; the command line puts the same rooms together by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from importer.checking.checked import Checked
from importer.checking.options import CheckOptions
from importer.checking.pipeline import collect
from importer.checking.policy import Policy
from importer.columns.batch import Pieced, RecordBatch
from importer.errors import UsageError
from importer.keywords import options_from
from importer.language import said

if TYPE_CHECKING:
    import pandas as pd


def check(batches: Iterable[RecordBatch], **options: Any) -> Checked:
    """Judge all records; the keywords are the fields of `CheckOptions`.

    Raises InputError where the input cannot be read to its end, UsageError for options that mean
    nothing and for what is no batch. Findings are in the report and never raise.
    """
    policy = policy_from(options)
    return Checked(*collect(batches if isinstance(batches, Pieced) else _batches(batches), policy))


def _batches(batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
    """The same batches. Raises UsageError for anything else."""
    if not isinstance(batches, Iterable):
        raise _no_batch(batches)
    for batch in batches:
        if not isinstance(batch, RecordBatch):
            raise _no_batch(batch)
        yield batch


def _no_batch(other: object) -> UsageError:
    return UsageError(
        said("check(): there are no batches of records in a {name}", name=type(other).__name__),
        hint="give it what read() returns; check_frame() takes a DataFrame",
    )


def check_frame(frame: pd.DataFrame, *, ip: str = "", name: str = "", **options: Any) -> Checked:
    """Judge the records of a DataFrame, one a row; positions are its index labels.

    `ip` and `name` name the two columns; without them known headings decide, as in a file. A missing
    value is an empty cell. Raises UsageError if the columns cannot be told, InputError for a cell that has
    no text.
    """
    from importer.reading.cells.frame import frame_batches

    return Checked(
        *collect(frame_batches(frame, ip, name), policy_from(options, "check_frame()")), frame.index
    )


def policy_from(options: dict[str, Any], door: str = "check()") -> Policy:
    """The policy that the keywords of a check ask for. Raises UsageError for what means nothing."""
    return Policy.of(options_from(CheckOptions, door, options, least={}))
