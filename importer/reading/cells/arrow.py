"""Arrow arrays as text columns: what Parquet, Feather and Arrow-backed DataFrames have in common.

A string array of Arrow is a validity bitmap, offsets and one buffer of bytes. The last two are a `TextColumn`
and are taken as they are. Arrays of other types are cast to string arrays, a batch at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from importer.columns.batch import BOOLEAN, DATE, NUMBER, TEXT
from importer.columns.text import TextColumn

ROWS = 1 << 15
"""Rows of a batch, unless their text would be long."""
_TEXT = 1 << 26
"""Bytes that the text of a batch may take where the array holds a string once for many rows."""


def text_column(array: Any) -> TextColumn:
    """The cells of a `pyarrow.Array` as text; a null is an empty cell.

    Strings and bytes are not copied. Raises pyarrow's ArrowInvalid where the array is damaged.
    """
    import pyarrow as pa

    array = _as_strings(array)
    array.validate()
    n = len(array)
    _, offsets_buffer, text = array.buffers()
    if not n or offsets_buffer is None:
        return TextColumn(np.empty(0, np.uint8), np.zeros(n, np.int64), np.zeros(n, np.int64))
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    kind = np.int64 if wide else np.int32
    count = array.offset + n + 1
    offsets = np.frombuffer(offsets_buffer, kind, count)[array.offset :].astype(np.int64)
    data = np.frombuffer(text, np.uint8) if text is not None and text.size else np.empty(0, np.uint8)
    low, high = int(offsets[0]), int(offsets[-1])
    if low < 0 or high > len(data) or (offsets[1:] < offsets[:-1]).any():
        raise pa.ArrowInvalid("offsets of a string column point outside of its text")
    offsets -= low
    start, end = offsets[:-1], offsets[1:]
    if array.null_count:
        null = array.is_null().to_numpy(zero_copy_only=False)
        end = np.where(null, start, end)
    return TextColumn(data[low:high], start, end)


def rows_at_once(array: Any) -> int:
    """How many rows of an array may become text at once: one long string may stand for many rows."""
    import pyarrow as pa

    array.validate()
    dictionary = pa.types.is_dictionary(array.type)
    held = array.dictionary if dictionary else array
    if not len(held) or not (dictionary or _is_view(held.type)):
        return ROWS
    if _is_view(held.type):
        views = np.frombuffer(held.buffers()[1], np.int32, 4 * (held.offset + len(held)))
        longest = int(views[4 * held.offset :: 4].max())
    else:
        longest = int(text_column(held).lengths().max())
    return max(1, min(ROWS, _TEXT // max(longest, 1)))


def _as_strings(array: Any) -> Any:
    """An array of strings or bytes with offsets."""
    import pyarrow as pa

    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array.validate()
        held = _as_strings(array.dictionary)
        held.validate(full=True)
        # `take` checks the indices.
        return held.take(array.indices)
    if _is_view(array.type):
        array = _without_nulls(array)
        array.validate(full=True)
        return array.cast(pa.large_binary())
    if is_text(array.type):
        return _bytes(array)
    array.validate(full=True)
    if pa.types.is_boolean(array.type):  # as Python writes it, and so a DataFrame
        return pa.array(["False", "True"]).take(array.cast(pa.int8()))
    if pa.types.is_floating(array.type):
        array = _without_nan(array)
    try:
        return array.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        texts = [None if value is None else str(value) for value in array.to_pylist()]
        return pa.array(texts, pa.large_string())


def _without_nan(array: Any) -> Any:
    """The same numbers, with nulls for those that are none: pandas has them for what is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    array = array.cast(pa.float32()) if pa.types.is_float16(array.type) else array
    return pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)


def _without_nulls(array: Any) -> Any:
    """The same views, with empty ones for nulls: those may hold any bytes, and validation would read them."""
    import pyarrow as pa

    array.validate()
    _, views, *texts = array.buffers()
    if views is None:
        return pa.array([], pa.binary_view())
    held = np.frombuffer(views, np.int64, 2 * (array.offset + len(array)))[2 * array.offset :]
    held = held.reshape(-1, 2).copy()
    if array.null_count:
        held[array.is_null().to_numpy(zero_copy_only=False)] = 0
    return pa.Array.from_buffers(pa.binary_view(), len(array), [None, pa.py_buffer(held), *texts])


def _bytes(array: Any) -> Any:
    """The same text as bytes: files hold strings that are not UTF-8."""
    import pyarrow as pa

    if pa.types.is_large_string(array.type):
        return array.view(pa.large_binary())
    return array.view(pa.binary()) if pa.types.is_string(array.type) else array


def kind_of(kind: Any) -> int:
    """What the cells of an array of this type are held as, in the words of `importer.columns.batch`."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_boolean(kind):
        return BOOLEAN
    if pa.types.is_temporal(kind):
        return DATE
    return NUMBER if pa.types.is_primitive(kind) or pa.types.is_decimal(kind) else TEXT


def is_text(kind: Any) -> bool:
    """Whether a type is laid out as offsets and bytes."""
    import pyarrow as pa

    return kind in (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())


def _is_view(kind: Any) -> bool:
    import pyarrow as pa

    return kind in (pa.string_view(), pa.binary_view())
