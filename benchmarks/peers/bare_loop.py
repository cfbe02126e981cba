"""Question: how fast can prepared bodies be posted at all?

    python peers/bare_loop.py BODIES KEYS       (one body a line; the keys as `dli-hosts sandbox` prints them)

One session, one body after the other, signed, and believed whatever comes back.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import requests

from importer.calling.signing import sign

HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}


def main(bodies: str, keys: str) -> None:
    """Post them all."""
    told = json.loads(Path(keys).read_text(encoding="utf-8"))
    url = f"{told['endpoint']}/v2.0/{told['project_id']}/datasource/enhanced-connections"
    access, secret = told["access_key"], told["secret_key"]
    with requests.Session() as session, open(bodies, "rb") as file:
        session.trust_env = False
        for line in file:
            body = line.removesuffix(b"\n")
            signed = sign("POST", url, HEADERS, body, access, secret, datetime.now(UTC))
            answer = session.post(url, data=body, headers=HEADERS | signed, timeout=120)
            assert answer.status_code == 201, answer.text
            assert answer.json()["connection_id"]
    print(json.dumps({"done": True}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
