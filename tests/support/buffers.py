"""Texts in one buffer with other bytes around and between them, as a block of a file has them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from importer.columns.arrays import ByteArray, IntArray


def laid_out(
    texts: list[bytes], around: bytes = b"", between: bytes = b""
) -> tuple[ByteArray, IntArray, IntArray]:
    """Texts in one buffer: where each starts and ends."""
    data, start, end = bytearray(around), [], []
    for i, text in enumerate(texts):
        data += between if i else b""
        start.append(len(data))
        data += text
        end.append(len(data))
    data += around
    return np.frombuffer(bytes(data), np.uint8), np.array(start, np.int64), np.array(end, np.int64)


BETWEEN = st.sampled_from([b"", b"\n", b"1", b".", b"\0", b" # 1.2.3.4\n"])
AROUND = st.sampled_from([b"", b"", b"\n" * 64, b"9", b"."])
