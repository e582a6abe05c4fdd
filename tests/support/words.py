"""The expression language, as every command reads it from DuckDB: once in a process."""

from __future__ import annotations

from reconcile.store.language import language

words = language
