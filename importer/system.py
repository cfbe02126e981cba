"""What differs between operating systems: files that appear whole, folders made durable, locks."""

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

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE = 0o600


@contextlib.contextmanager
def atomic_file(path: Path, *, private: bool = False, option: str = "-o ") -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole: written beside it, synced, renamed.

    `private`: for its owner alone. `option`: what named it, for errors. Raises UsageError where it cannot be
    written.
    """
    from pathlib import Path

    real = Path(os.path.realpath(path))  # a link stays one, and what it points to is replaced
    # Process numbers repeat where containers share a folder: a name that no other run can have.
    temporary = real.parent / f".dli-hosts-{os.urandom(8).hex()}.part"
    made = False
    try:
        if not path.name or (real.exists() and not real.is_file()) or real.is_symlink():
            raise UsageError(f"{option}{str(path)!r}: is no regular file", hint="name a file to write")
        mode = real.stat().st_mode & 0o7777 if real.exists() and not private else None
        new = PRIVATE if private or mode is not None else 0o666
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, new)
        made = True
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        os.replace(temporary, real)
        made = False
        sync_folder(real.parent)
    except OSError as error:
        raise UsageError(
            f"{option}{path}: cannot be written: {error.strerror or error}",
            hint="check that its folder exists and has room; nothing was changed",
        ) from None
    finally:
        if made:
            with contextlib.suppress(OSError):
                temporary.unlink()


def open_regular(path: str | Path) -> IO[bytes]:
    """Open a regular file for reading; a pipe or a device is not so much as touched. Raises OSError.

    Whoever writes to a pipe would lose what is read from it before the real reader comes.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    return open(path, "rb")


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
