"""Accounts for servers on this machine: credentials that were given for one endpoint, in a file."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from importer.sandbox.serve import Running

_FOLDER = tempfile.TemporaryDirectory()
_VARIABLE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"


def account_at(
    url: str, *, access_key: str = "AK", secret_key: str = "SK", project_id: str = "p"
) -> dict[str, str]:
    """The environment of an account at a server; what its file holds is what `dli-hosts sandbox` prints."""
    line = {
        "endpoint": url,
        "iam_endpoint": url,
        "project_id": project_id,
        "access_key": access_key,
        "secret_key": secret_key,
    }
    text = json.dumps(line)
    path = Path(_FOLDER.name, f"{abs(hash(text)):x}.json")
    path.touch(0o600)
    path.write_text(text, "utf-8")
    return {_VARIABLE: str(path)}


def account_of(sandbox: Running, **changes: str) -> dict[str, str]:
    """The environment of a sandbox's account."""
    own = {name: getattr(sandbox, name) for name in ("access_key", "secret_key", "project_id")}
    return account_at(sandbox.endpoint, **own | changes)


def profile(folder: Path, access_key: str = "AK", secret_key: str = "SK") -> str:
    """A file with the section [basic], which names no project."""
    path = folder / "profile"
    path.touch(0o600)
    path.write_text(f"[basic]\nak = {access_key}\nsk = {secret_key}\n", "utf-8")
    return str(path)
