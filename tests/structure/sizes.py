"""Files and functions stay small enough to be read once: at most 400 and 60 lines."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def too_long(path: Path) -> Iterator[str]:
    """A sentence for the file and for each function of it that is too long."""
    text = path.read_text(encoding="utf-8")
    if (lines := text.count("\n")) > LONGEST_FILE:
        yield f"{path}: {lines} lines; {LONGEST_FILE} are the most. Split it by question."
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines; {LONGEST_FUNCTION} are the most."


def main() -> int:
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"], capture_output=True, text=True, check=True
    )
    problems = [problem for name in files.stdout.split() if Path(name).exists() for problem in too_long(Path(name))]
    for problem in problems:
        print(problem)  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
