"""Names for the array types that all rooms share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
ByteArray = NDArray[np.uint8]
IntArray = NDArray[np.int64]
HalfArray = NDArray[np.uint32]
WordArray = NDArray[np.uint64]
