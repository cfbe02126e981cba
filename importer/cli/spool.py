"""What waits to be shown: in memory, and beyond 64 MiB in a file that has no name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from importer.errors import UsageError

_IN_MEMORY = 1 << 26
_PART = 1 << 20


class Spool:
    """Bytes to be written first and read once. Raises UsageError where there is no room for them."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._file: IO[bytes] | None = None

    def write(self, part: Any) -> None:
        """Add bytes, or an array of them."""
        self._parts.append(bytes(part))
        self._size += len(part)
        if self._size > _IN_MEMORY:
            self._spill()

    def _spill(self) -> None:
        import tempfile

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the spool)
            self._file.writelines(self._parts)
        except OSError as error:
            raise UsageError(
                f"the results cannot be held back: {error.strerror or error}",
                hint="name a file with -o FILE, or set TMPDIR to a folder with room",
            ) from None
        self._parts.clear()
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        if self._file is not None:
            self._file.seek(0)
            while part := self._file.read(_PART):
                yield part
        yield from self._parts

    def __enter__(self) -> Spool:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget all of it."""
        self._parts.clear()
        if self._file is not None:
            self._file.close()
