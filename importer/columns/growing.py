"""A column that grows at its end, for what must be remembered of every record."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


class Growing(Generic[Scalar]):
    """An array to append to; room is doubled when it runs out."""

    def __init__(self, kind: type[Scalar]) -> None:
        self._array: NDArray[Any] = np.empty(1024, kind)
        self.size = 0

    def append(self, values: NDArray[Any]) -> None:
        """Add values at the end."""
        needed = self.size + len(values)
        if needed > len(self._array):
            larger = np.empty(max(needed, 2 * len(self._array)), self._array.dtype)
            larger[: self.size] = self._array[: self.size]
            self._array = larger
        self._array[self.size : needed] = values
        self.size = needed

    @property
    def array(self) -> NDArray[Scalar]:
        """All values, a view."""
        return self._array[: self.size]
