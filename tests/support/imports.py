"""What a file of tests reaches through its imports, as far as they lie under tests/."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVERS = frozenset(
    {"connectors.sandbox.host", "connectors.sandbox.listener", "http.server", "multiprocessing", "socket", "socketserver", "subprocess"}
)
"""Modules whose importer starts a server or a process."""
PLANNERS = frozenset({"reconcile.decide.planner", "reconcile.usecases.plan_making", "reconcile.usecases.session"})
"""Modules whose importer plans for whole companies, in hundreds of statements each."""

GENERATORS = frozenset({"hypothesis"})
"""Modules whose importer runs a test on many generated examples."""


@cache
def reached(module: str, root: Path = ROOT) -> frozenset[str]:
    """The modules that a module of tests imports, itself or through others of tests/; also those imported inside functions."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        new = _imported(waiting.pop(), root) - found
        found |= new
        waiting += (name for name in new if name.startswith("tests."))
    return frozenset(found)


@cache
def _imported(module: str, root: Path) -> frozenset[str]:
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    return frozenset(_names(path, root)) if path.is_file() else frozenset()


def _names(path: Path, root: Path) -> Iterator[str]:
    """The modules that a file imports, and what it takes from them, which may be modules as well."""
    folder = path.relative_to(root).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = folder[: len(folder) + 1 - node.level] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            yield base
            yield from (f"{base}.{each.name}" for each in node.names)
