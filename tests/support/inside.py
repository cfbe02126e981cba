"""The command run in this process: quicker than a process of its own, where nothing of that is under test."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from pathlib import Path
from unittest import mock

from accounts import account_of
from command import Outcome, environment

from importer.cli.main import main
from importer.sandbox.serve import Running


def inside(sandbox: Running, folder: Path, *arguments: str) -> Outcome:
    """Run a verb in a folder, with the sandbox's account in the environment."""
    account = {
        "HOME": str(folder),
        "XDG_STATE_HOME": str(folder / "state"),
        "HUAWEICLOUD_SDK_PROJECT_ID": sandbox.project_id,
        **account_of(sandbox),
    }
    offline = arguments[0] == "status" or (arguments[0] == "plan" and "--online" not in arguments)
    where = () if offline else ("--endpoint", sandbox.endpoint)
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["dli-hosts", *arguments, *where]),
        mock.patch.dict(os.environ, environment(account), clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            status = main([*arguments, *where])
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            gc.enable()
    assert "dli-hosts: internal error" not in err.getvalue(), err.getvalue()
    return Outcome(status, out.getvalue().encode(), err.getvalue())
