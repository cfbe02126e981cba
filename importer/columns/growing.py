"""A column that grows at its end, for what must be remembered of every record."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)

_FIRST = 1024


class Growing(Generic[Scalar]):
    """An array to append to. Memory is taken up only as far as values were appended."""

    def __init__(self, kind: type[Scalar]) -> None:
        self._array: NDArray[Any] = np.empty(_FIRST, kind)
        self.size = 0

    def append(self, values: NDArray[Any], expected: int = 0) -> None:
        """Add values at the end. `expected`, a guess at how many there will be in all, saves copying."""
        needed = self.size + len(values)
        if needed > len(self._array):
            larger = np.empty(max(needed, len(self._array) * 3 // 2, expected), self._array.dtype)
            larger[: self.size] = self._array[: self.size]
            self._array = larger
        self._array[self.size : needed] = values
        self.size = needed

    def put(self, at: NDArray[np.int64], values: NDArray[Any]) -> None:
        """Set the values that there are and append the others; the places are ascending."""
        if len(at) and at[0] >= self.size:  # ascending, so none is known
            self.append(values)
            return
        known = at < self.size
        self._array[at[known]] = values[known]
        self.append(values[~known])

    @property
    def array(self) -> NDArray[Scalar]:
        """All values, a view."""
        return self._array[: self.size]
