"""The expression language, read from DuckDB once in a process of tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from mappings.expressions import Language
from reconcile.store.language import language


@cache
def words() -> Language:
    """The language, which parses each text once."""
    real = language()
    return replace(real, parse=cache(real.parse))
