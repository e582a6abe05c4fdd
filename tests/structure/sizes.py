"""Measures files (SQL, too), functions and classes: they stay small enough to be read once, at most 400, 60 and 120 lines, 12 methods a class."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE, LONGEST_FUNCTION, LONGEST_CLASS, MOST_METHODS = 400, 60, 120, 12


def too_long(path: Path) -> Iterator[str]:
    """A sentence for the file and for each function of it that is too long."""
    text = path.read_text(encoding="utf-8")
    if (lines := text.count("\n")) > LONGEST_FILE:
        yield f"{path}: {lines} lines; {LONGEST_FILE} are the most. Split it by question."
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines; {LONGEST_FUNCTION} are the most."
        if isinstance(node, ast.ClassDef) and not str(path).startswith("tests/"):
            yield from _too_large(path, node)


def _too_large(path: Path, node: ast.ClassDef) -> Iterator[str]:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    methods = sum(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body)
    if lines > LONGEST_CLASS or methods > MOST_METHODS:
        yield f"{path}:{node.lineno}: {node.name} has {lines} lines and {methods} methods; {LONGEST_CLASS} and {MOST_METHODS} are the most."


def main() -> int:
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.sql"], capture_output=True, text=True, check=True
    )
    problems = [problem for name in files.stdout.split() if Path(name).exists() for problem in too_long(Path(name))]
    for problem in problems:
        print(problem)  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
