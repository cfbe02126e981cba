"""`sandbox`: serve a local DLI until it is stopped."""

from __future__ import annotations

import argparse
import gc
import threading

from importer.cli.console import write_results
from importer.cli.groups import amount, file_name
from importer.language import said
from importer.rendering.pretty import json_text
from importer.statuses import CLEAN


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `sandbox`, and below them the list of faults."""
    from importer.sandbox.rules import KINDS, OPS

    verb.formatter_class = argparse.RawDescriptionHelpFormatter
    verb.description = (
        "Serve a local DLI to try things on: prints one line of JSON with its address and keys, then serves\n"
        "until it is stopped. Only this machine can reach it."
    )
    verb.add_argument(
        "--host", default="127.0.0.1", help="loopback address to listen on (127.0.0.1, ::1, localhost)"
    )
    verb.add_argument(
        "--port", type=int, default=0, help="port to listen on; 0, the default, takes a free one"
    )
    verb.add_argument(
        "--data",
        metavar="FILE",
        type=file_name,
        help="file that keeps connections and keys for the next time",
    )
    verb.add_argument(
        "--fault", metavar="RULE", action="append", default=[], help="a fault, as below (repeatable)"
    )
    verb.add_argument(
        "--unique-names", action="store_true", help="refuse a second connection with the same name"
    )
    verb.add_argument("--rate", metavar="N", type=amount, help="calls a second; more than that are throttled")
    verb.add_argument(
        "--peering-seconds", metavar="S", type=amount, default=0.5,
        help="how long a peering is CREATING (0.5)",
    )  # fmt: skip
    faults = "\n".join(f"  {kind:<20} {of.summary}" for kind, of in KINDS.items())
    verb.epilog = said(
        "a rule is KIND[:KEY=VALUE[,KEY=VALUE...]], keys are name=GLOB (of the "
        "connection),\nop={OPS} (create), chance=0..1 (1),\ntimes=N (no end) and "
        "seconds=S; the first rule that fits a call is used. Kinds:\n{faults}\n\nexample: "
        "dli-hosts sandbox --fault commit-reset:name=mrs_*,times=1",
        OPS="|".join(OPS),
        faults=faults,
    )


def run(options: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from importer.sandbox.serve import start

    gc.enable()  # this verb may run for a long time, unlike others
    with start(
        host=options.host,
        port=options.port,
        data=options.data,
        faults=options.fault,
        unique_names=options.unique_names,
        rate=options.rate,
        peering_seconds=options.peering_seconds,
    ) as running:
        keys = ("endpoint", "iam_endpoint", "project_id", "access_key", "secret_key", "token")
        write_results([json_text({key: getattr(running, key) for key in keys}), "\n"], None)
        threading.Event().wait()
    return CLEAN
