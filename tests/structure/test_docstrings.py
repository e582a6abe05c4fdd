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

TO_DO: dict[str, int] = {
    "reconcile/decide/account_identity.py": 1,
    "reconcile/decide/changes/attributes.py": 2,
    "reconcile/decide/changes/bulk_additions.py": 4,
    "reconcile/decide/decide_target.py": 3,
    "reconcile/decide/explain/causes.py": 3,
    "reconcile/decide/undo/inverse.py": 2,
    "reconcile/report/redact.py": 3,
    "reconcile/report/redacted_operations.py": 1,
    "reconcile/store/plans/overview.py": 2,
    "reconcile/store/plans/tables.py": 2,
    "reconcile/usecases/why.py": 2,
}
"""By file: the docstrings of before this rule that break it. They can become fewer, and not more."""


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
    found = _by_file()
    assert {name: each for name, each in found.items() if len(each) > TO_DO.get(name, 0)} == {}


def test_file_without_such_docstrings_is_not_listed():
    assert TO_DO.keys() - _by_file().keys() == set()


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
