"""`check`: the pre-flight report."""

from __future__ import annotations

import argparse
import sys

from importer.cli.console import CLEAN, FINDINGS, colour_wanted, write_results
from importer.cli.inputs import policy_of, report_inputs


def run(options: argparse.Namespace) -> int:
    """Report everything that is wrong; 0 if there is no error, with `--strict` no warning either."""
    text = options.output_format == "text"
    report = report_inputs(options, policy_of(options, text=text))
    if text:
        from importer.rendering.text import report_lines

        colour = options.output is None and colour_wanted(sys.stdout)
        lines = report_lines(report, colour=colour, infos=options.verbose, split=options.split)
        write_results((f"{line}\n" for line in lines), options.output)
    else:
        import json

        from importer.rendering.json_report import report_object

        body = json.dumps(report_object(report, strict=options.strict), indent=2)
        write_results([body, "\n"], options.output)
    return CLEAN if report.ok(strict=options.strict) else FINDINGS
