"""Whether tests do all that they can, as in `make test`, or less, as in `make test-fast`.

Imports no hypothesis: a module that reaches it is taken for a test on generated examples (`tests/support/imports.py`).
"""

from __future__ import annotations

import os

_VARIABLE = "RECONCILE_TESTS_FAST"


def choose_fast() -> None:
    """Makes this a run of `make test-fast`; called before any test is imported."""
    os.environ[_VARIABLE] = "1"


def is_fast() -> bool:
    """Whether this is `make test-fast`."""
    return _VARIABLE in os.environ
