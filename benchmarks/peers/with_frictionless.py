"""Question: how fast is a general table validator with a schema of the same rules?

    python peers/with_frictionless.py FILE -            (CSV only; it checks, it does not clean or write)

Inherent differences: the key is compared as written, so a repeat in another letter case is not seen and
counts as kept. The limit on errors is lifted: by default reading stops at the 1,000th.
Not called frictionless_.py: the library would import a module of that name as a plug-in of its own.
"""

import json
import sys
from pathlib import Path

from frictionless import Checklist, Resource, Schema

OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
SCHEMA = {
    "fields": [
        {
            "name": "ip",
            "type": "string",
            "constraints": {"required": True, "pattern": rf"(?:{OCTET}\.){{3}}{OCTET}"},
        },
        {
            "name": "name",
            "type": "string",
            "constraints": {"required": True, "pattern": "[A-Za-z][A-Za-z0-9_.-]*", "maxLength": 128},
        },
    ],
    "primaryKey": ["ip", "name"],
}


def main(path: str) -> None:
    """Validate and summarise."""
    file = Path(path).absolute()
    resource = Resource(path=file.name, basepath=str(file.parent), schema=Schema.from_descriptor(SCHEMA))
    report = resource.validate(Checklist(), limit_errors=1_000_000_000)
    task = report.task
    bad: set[int] = set()
    repeated: set[int] = set()
    for row, kind in task.flatten(["rowNumber", "type"]):
        (repeated if kind == "primary-key" else bad).add(row)
    records = task.stats["rows"]
    dup = len(repeated - bad)
    print(json.dumps({"records": records, "kept": records - len(bad) - dup, "bad": len(bad), "dup": dup}))


if __name__ == "__main__":
    main(sys.argv[1])
