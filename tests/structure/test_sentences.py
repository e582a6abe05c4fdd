"""Statements give codes and values; sentences are made of them in Python."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from reconcile.store.statements import statements

TOKEN = re.compile(r"'((?:[^']|'')*)'|--[^\n]*")
WORDS = re.compile(r"[a-z].*\s|\s.*[a-z]|\s\(")
"""Part of a sentence: words with a space beside them, or what begins a parenthesis."""

ALLOWED = {
    "make_stands_for": "not a sentence but a value: the text that stands for an id which is not known yet goes through the expressions of mappings",
}


def _literals(text: str) -> list[str]:
    return [found[1] for found in TOKEN.finditer(text) if found[1] is not None]


def test_statement_holds_no_part_of_a_sentence():
    found = {name: parts for name, text in statements().items() if (parts := [each for each in _literals(text) if WORDS.search(each)])}
    assert found.keys() == ALLOWED.keys(), found


def test_literals_are_told_from_comments_and_quotes_inside_them():
    assert _literals("SELECT 'it''s' -- what nobody's row says\n, x || ' more'") == ["it''s", " more"]


ROOT = Path(__file__).parents[2]
QUOTING = ("connectors/quoting.py", "connectors/sandbox/", "connectors/laws/")
"""What quotes, and what no user reads."""


def _doubling(tree: ast.AST) -> Iterator[int]:
    """Lines that quote a value by its representation, which doubles a backslash in it."""
    for node in ast.walk(tree):
        match node:
            case ast.FormattedValue(conversion=conversion) if conversion == ord("r"):
                yield node.lineno
            case ast.Call(func=ast.Name("map"), args=[ast.Name("repr"), *_]):
                yield node.lineno


def test_sentence_quotes_a_value_without_doubling_its_backslashes():
    modules = {path.relative_to(ROOT).as_posix(): path for room in ("reconcile", "connectors") for path in (ROOT / room).rglob("*.py")}
    found = {
        f"{name}:{line}"
        for name, path in modules.items()
        if not name.startswith(QUOTING)
        for line in _doubling(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_doubling_is_found():
    source = """f"{word!r}", f"{word}", ", ".join(map(repr, words)), map(quoted, words)"""
    assert list(_doubling(ast.parse(source))) == [1, 1]
