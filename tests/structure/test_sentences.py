"""Statements give codes and values; sentences are made of them in Python."""

import re

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
