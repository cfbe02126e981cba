"""From the command line to a verb, and from what happens there to an exit status."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from importer.cli.console import say, say_error
from importer.cli.parser import parse
from importer.errors import AgainLater, ImporterError, of_a_library
from importer.language import ENGLISH, chosen, said, speak
from importer.statuses import AGAIN_LATER, CANNOT_WORK, INTERRUPTED, TERMINATED
from importer.system import fill_standard_streams, remembering_reads, signals_that_end


class _Stopped(BaseException):
    """SIGINT, SIGTERM or SIGHUP came."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `dli-hosts`; returns the exit status."""
    fill_standard_streams()
    # numpy's linear algebra starts a thread for each core, and nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    collects = gc.isenabled()
    gc.disable()  # a command makes no cycles worth searching for at start-up
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise _Stopped

    previous = {number: signal.signal(number, stop) for number in signals_that_end()}
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        speak(chosen(words, os.environ))
        options = parse(words)
        with remembering_reads():
            status: int = options.run(options)
        return status
    except ImporterError as error:
        say_error(error)
        return AGAIN_LATER if isinstance(error, AgainLater) else CANNOT_WORK
    except _Stopped:
        return _stopped(received[0])
    except MemoryError:
        say(said("dli-hosts: error: out of memory"))
        return CANNOT_WORK
    except BaseException as error:
        if not of_a_library(error):
            raise
        if received:  # code in C may turn what a signal raised into an exception of its own
            return _stopped(received[0])
        if os.environ.get("DLI_HOSTS_DEBUG"):
            raise
        say(said("dli-hosts: internal error: {kind}: {error}", kind=type(error).__name__, error=error))
        say(said("  = help: this is a fault of dli-hosts; DLI_HOSTS_DEBUG=1 shows where it happened"))
        return CANNOT_WORK
    finally:
        speak(ENGLISH)
        if collects:  # for a caller whose process goes on
            gc.enable()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _stopped(number: int) -> int:
    """Say in one line that a signal came; the status is what shells expect."""
    say(said("dli-hosts: interrupted") if number == signal.SIGINT else said("dli-hosts: terminated"))
    return INTERRUPTED if number == signal.SIGINT else TERMINATED
