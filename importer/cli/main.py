"""From the command line to a verb, and from whatever happens there to an exit status."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from importer.cli.console import CANNOT_WORK, INTERRUPTED, TERMINATED, say, say_error
from importer.cli.options import parse
from importer.errors import ImporterError


class _Terminated(BaseException):
    """SIGTERM came."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `dli-hosts`; returns the exit status."""
    # numpy's linear algebra starts a thread for each core, and nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        options = parse(sys.argv[1:] if arguments is None else list(arguments))
        status: int = options.run(options)
        return status
    except ImporterError as error:
        say_error(error)
        return CANNOT_WORK
    except KeyboardInterrupt:
        say("dli-hosts: interrupted")
        return INTERRUPTED
    except _Terminated:
        say("dli-hosts: terminated")
        return TERMINATED
    except MemoryError:
        say("dli-hosts: error: out of memory")
        return CANNOT_WORK
    except Exception as error:
        if os.environ.get("DLI_HOSTS_DEBUG"):
            raise
        say(f"dli-hosts: internal error: {type(error).__name__}: {error}")
        say("  = help: this is a fault of dli-hosts; DLI_HOSTS_DEBUG=1 shows where it happened")
        return CANNOT_WORK
    finally:
        signal.signal(signal.SIGTERM, previous)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise _Terminated
