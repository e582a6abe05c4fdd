"""The parser and the catalogue of functions that expressions of mappings are judged by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache

import duckdb

from mappings.expressions import CLOCK, Language, NotAnExpression
from reconcile.store.faults import first_line
from reconcile.store.opening import in_memory
from reconcile.store.statements import statements

REMEMBERED = 4096
"""Texts whose judgement is remembered: it depends on nothing but the text and DuckDB."""


@cache
def language() -> Language:
    """The parser and the catalogue of functions that expressions are judged by; one for the whole process."""
    connection = in_memory()
    scalar = dict(connection.execute(statements()["scalar_functions"]).fetchall())
    other = dict(connection.execute(statements()["other_functions"]).fetchall())

    @lru_cache(REMEMBERED)
    def parse(text: str) -> Mapping[str, object]:
        answer = connection.execute(statements()["syntax_tree"], {"text": text}).fetchall()[0][0]
        tree: dict[str, object] = json.loads(answer)
        return tree

    @lru_cache(REMEMBERED)
    def kind_of(text: str, columns: frozenset[str]) -> str:
        named = {name.lower(): name for name in sorted(columns)} | {CLOCK: CLOCK}
        row = [duckdb.ConstantExpression(None).cast("DATE" if name == CLOCK else "VARCHAR").alias(name) for name in named.values()]
        try:
            return str(connection.sql(statements()["one_row"]).select(*row).select(duckdb.SQLExpression(text)).types[0])
        except duckdb.ProgrammingError as error:
            raise NotAnExpression(f"cannot be computed over text: {first_line(error)}") from error

    return Language(parse, scalar, other, kind_of)
