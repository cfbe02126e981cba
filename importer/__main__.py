"""`python -m importer` is `dli-hosts`."""

from importer.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
