"""What differs between operating systems: files that appear whole, folders made durable, locks.

And what was read: no file is ever written that the same run reads, by whatever name.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import time
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from importer.errors import UsageError
from importer.language import said

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE = 0o600
_PART = ".dli-hosts-%s.part"
_TRIES = 5
"""How often a new file is begun; each time another run may take it for one that was left behind."""

_read: set[tuple[int, int]] | None = None
"""Device and inode of each regular file that the run has read; None outside of a run of the command."""


@contextlib.contextmanager
def remembering_reads() -> Iterator[None]:
    """For one run of the command: `note_read` remembers, and `was_read` knows."""
    global _read
    before, _read = _read, set()
    try:
        yield
    finally:
        _read = before


def note_read(file: int | str | Path) -> None:
    """This open file, or the one of this name, is read. Whoever opens a file to read it says so."""
    if _read is not None and (key := _key(file)):
        _read.add(key)


def was_read(file: int | str | Path) -> bool:
    """Whether the run has read this open file, or the one of this name."""
    return bool(_read) and _key(file) in (_read or ())


def _key(file: int | str | Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


@contextlib.contextmanager
def atomic_file(
    path: Path, *, private: bool = False, option: str = "-o ", in_place: bool = False
) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole: written beside it, synced, renamed.

    `private`: for its owner alone. `option`: what named it, for errors. `in_place`: it is to replace a file
    that this run has read. Raises UsageError where it cannot be written, or was read without that.
    """
    from pathlib import Path

    temporary: Path | None = None
    try:
        real = Path(os.path.realpath(path))  # a link stays one, and what it points to is replaced
        if not path.name or (real.exists() and not real.is_file()) or real.is_symlink():
            raise UsageError(
                said("{option}{path!r}: is no regular file", option=option, path=str(path)),
                hint="name a file to write",
            )
        mode = real.stat().st_mode & 0o7777 if real.exists() and not private else None
        clear_parts(real.parent)
        handle, temporary = _new_part(real.parent, PRIVATE if private or mode is not None else 0o666)
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if mode is not None:
                temporary.chmod(mode)
            if was_read(real) and not in_place:
                raise UsageError(
                    said("{option}{path}: is one of the inputs", option=option, path=path), hint=_ANOTHER
                )
            if os.name == "posix":  # while the file is locked, so that nobody clears it away
                os.replace(temporary, real)
        if os.name != "posix":
            os.replace(temporary, real)
        temporary = None
        sync_folder(real.parent)
    except OSError as error:
        raise UsageError(
            said(
                "{option}{path}: cannot be written: {strerror}",
                option=option,
                path=path,
                strerror=error.strerror or error,
            ),
            hint="check that its folder exists and has room; nothing was changed",
        ) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


_ANOTHER = "name another file; nothing was changed"


def _new_part(folder: Path, mode: int) -> tuple[int, Path]:
    """A new file, open and locked, that will get its name when it is whole. Raises OSError."""
    for _ in range(_TRIES):
        # Process numbers repeat where containers share a folder: a name that no other run can have.
        path = folder / (_PART % os.urandom(8).hex())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with contextlib.suppress(OSError):  # no locks there: then nobody clears anything away either
            if not lock_file(handle, read_by_others=True) or not os.fstat(handle).st_nlink:
                os.close(handle)  # another run has just taken it for a part that was left behind
                continue
        return handle, path
    raise OSError(errno.EBUSY, "other runs clear its folder all the time")


def clear_parts(folder: Path) -> None:
    """Remove the parts of files that killed runs of this user left in a folder: nobody holds their lock."""
    before, after = _PART.split("%s")
    with contextlib.suppress(OSError, AttributeError), os.scandir(folder) as found:
        for entry in found:
            if entry.name.startswith(before) and entry.name.endswith(after):
                with contextlib.suppress(OSError):
                    _clear(entry.path)


def _clear(path: str) -> None:
    handle = os.open(path, os.O_RDWR | NO_FOLLOW | getattr(os, "O_NONBLOCK", 0))
    try:
        found = os.fstat(handle)
        mine = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if mine and lock_file(handle, read_by_others=True):
            os.unlink(path)
    finally:
        os.close(handle)


def open_regular(path: str | Path) -> IO[bytes]:
    """Open a regular file for reading; a pipe or a device is not so much as touched. Raises OSError.

    Whoever writes to a pipe would lose what is read from it before the real reader comes.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    file = open(path, "rb")  # noqa: SIM115 (closed by the caller)
    note_read(file.fileno())
    return file


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder last through a power cut; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def fill_standard_streams() -> None:
    """Open the null device where standard input, output or error were closed before the start.

    Else the next file that is opened gets that number, and what is written to standard error goes there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it gets the lowest number that is free: this one


def home_folder() -> Path | None:
    """The user's home folder; None where there is none, as for a user without an entry or with an empty HOME.

    Only an absolute path is one: else a file of the working folder would be taken for the user's own.
    """
    from pathlib import Path

    if os.name == "posix" and os.environ.get("HOME", "/") == "":
        return None
    home = os.path.expanduser("~")
    return Path(home) if os.path.isabs(home) else None


def since_boot() -> tuple[str, float]:
    """Which start of the machine this is, and the seconds since then: nobody can set that clock.

    The id is empty where the system tells none, as outside Linux.
    """
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read(64).strip(), time.clock_gettime(time.CLOCK_BOOTTIME)
    except (OSError, ValueError, AttributeError):
        return "", 0.0


def lock_file(handle: int, *, read_by_others: bool = False) -> bool:
    """Take the only lock there is on an open file, without waiting; False while another process has it.

    It is the file's own, by whatever name that was opened, and ends with the process, however that ends,
    so that none is ever left behind.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            os.lseek(handle, _FAR if read_by_others else 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_FAR = 1 << 40
"""Where a file that others read is locked: Windows lets nobody read what is locked."""


NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
"""For `os.open`: refuse a symbolic link, where the system can."""


def signals_that_end() -> list[int]:
    """The signals that end a run; a terminal that is closed does, unless that is to be ignored (nohup)."""
    hangup = getattr(signal, "SIGHUP", None)
    more = [] if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN else [hangup]
    return [signal.SIGINT, signal.SIGTERM, *more]
