"""A docstring begins with its subject or its verb, and names its people: a person, an account, a reviewer."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("connectors", "mappings", "reconcile")

FIRST = {
    "What", "Whatever", "Who", "Whoever", "Whom", "Whose", "Which", "Where", "When", "How", "Why", "Somebody", "Someone", "Nobody", "Everybody",
    "Anybody", "That", "This", "Those", "These", "It", "If", "Of", "So", "Also", "Then", "There", "Here", "Too", "Is", "Says",
}  # fmt: skip
"""First words that leave the reader to look for the subject. `Whether` begins the docstring of a truth value."""

PRONOUN = re.compile(r"\b(somebody|someone|nobody|everybody|anybody|whoever)\b", re.IGNORECASE)
"""Words in place of a term of the glossary."""


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Texts that stand alone: those of modules, classes, functions and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def _is_unclear(text: str) -> bool:
    first = re.match(r"\s*(\w+)", text)
    return bool((first and first[1] in FIRST) or PRONOUN.search(text))


def _unclear(source: str) -> list[tuple[int, str]]:
    """Line and first line of each docstring that breaks the rule."""
    found = [(each.lineno, str(each.value)) for each in _docstrings(ast.parse(source))]
    return [(line, text.strip().partition("\n")[0]) for line, text in found if _is_unclear(text)]


def _by_file() -> dict[str, list[tuple[int, str]]]:
    modules = [module for package in PACKAGES for module in sorted((ROOT / package).rglob("*.py"))]
    found = {module.relative_to(ROOT).as_posix(): _unclear(module.read_text(encoding="utf-8")) for module in modules}
    return {name: each for name, each in found.items() if each}


def test_docstring_begins_with_a_verb_or_a_noun():
    assert _by_file() == {}


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("What a target takes.", True),
        ("Who, if any, is left.", True),
        ("Returns the account that nobody holds.", True),
        ("Whether the account works.", False),
        ("Returns what a target takes.", False),
        ("`GET /Users`: one page.", False),
    ],
)
def test_first_word_and_pronouns_are_told(text, unclear):
    sources = (f'"""{text}"""', f'def one():\n    """{text}"""', f'class One:\n    two: int = 1\n    """{text}"""')
    assert Counter(bool(_unclear(source)) for source in sources) == {unclear: 3}
