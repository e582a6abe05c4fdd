"""The way in: `reconcile`, and `python -m reconcile`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs the command line; every exit code is one of `reconcile.errors.ExitCode`."""
    os.umask(0o077)  # plans, journals and spools hold personal data
    from reconcile.cli import cli  # noqa: PLC0415 - nothing is loaded before the umask holds

    sys.exit(cli())


if __name__ == "__main__":
    main()
