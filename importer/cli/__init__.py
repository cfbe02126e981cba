"""The command `dli-hosts`: the only room that prints."""

from importer.cli.main import main

__all__ = ["main"]
