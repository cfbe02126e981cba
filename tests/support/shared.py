"""Where host files lie that are not part of the project; tests that want them are skipped without them."""

from __future__ import annotations

import os
from pathlib import Path

from command import ROOT

SHARED = Path(os.environ.get("DLI_HOSTS_SHARED") or ROOT.parent / "shared")
"""Its folders are `corpus` (public files) and `cases` (small ones, each with what is right in INDEX.tsv)."""
CORPUS = SHARED / "corpus"
CASES = SHARED / "cases"
