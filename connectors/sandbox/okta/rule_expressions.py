"""Selects users by a group rule's expression: a part of Okta's expression language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.objects import OktaUser

Test = Callable[[OktaUser], Any]

_TOKEN = re.compile(r"""\s*(?:(?P<word>[A-Za-z_][\w.]*)|(?P<text>"[^"]*"|'[^']*')|(?P<sign>==|!=|&&|\|\||[!(),]))""")
_FUNCTIONS: dict[str, Callable[[Any, Any], bool]] = {
    "String.startsWith": lambda text, start: str(text or "").startswith(str(start)),
    "String.stringContains": lambda text, part: str(part) in str(text or ""),
}
_CONSTANTS = {"true": True, "false": False, "null": None}


def rule_test(text: str) -> Test:
    """Compiles an expression on a user: `==`, `!=`, `and`, `or`, `!`, `String.startsWith`, `String.stringContains`, `isMemberOfAnyGroup`.

    Raises OktaError E0000001 for anything else.
    """
    reader = _Reader(_tokens(text))
    test = reader.alternatives()
    if reader.tokens:
        raise _invalid()
    return test


def expression_of(rule: dict[str, Any]) -> str:
    """Returns a rule's expression; empty where it has none, and so selects no user."""
    return str(rule["conditions"].get("expression", {}).get("value", ""))


def _invalid() -> OktaError:
    return OktaError("E0000001", "conditions", causes=["conditions: The expression cannot be read"])


def _tokens(text: str) -> list[str]:
    found, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _invalid()
        found.append(match[match.lastgroup])
        position = match.end()
    return found


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._accept("or", "||"):
            tests.append(self._conjunction())
        return lambda user: any(test(user) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._comparison()]
        while self._accept("and", "&&"):
            tests.append(self._comparison())
        return lambda user: all(test(user) for test in tests)

    def _comparison(self) -> Test:
        if self._accept("!"):
            negated = self._comparison()
            return lambda user: not negated(user)
        left = self._operand()
        if self._accept("=="):
            right = self._operand()
            return lambda user: left(user) == right(user)
        if self._accept("!="):
            other = self._operand()
            return lambda user: left(user) != other(user)
        return left

    def _operand(self) -> Test:
        if self._accept("("):
            inner = self.alternatives()
            self._expect(")")
            return inner
        token = self._next()
        if token[0] in "\"'":
            return lambda _: token[1:-1]
        if token in _CONSTANTS:
            return lambda _: _CONSTANTS[token]
        if token.startswith("user.") and token.count(".") == 1:
            return lambda user: user.profile.get(token[5:])
        return self._call(token)

    def _call(self, name: str) -> Test:
        self._expect("(")
        given = [self._operand()]
        while self._accept(","):
            given.append(self._operand())
        self._expect(")")
        if name == "isMemberOfAnyGroup":
            return lambda user: any(one(user) in user.groups for one in given)
        function = _FUNCTIONS.get(name)
        if function is None or len(given) != 2:
            raise _invalid()
        return lambda user: function(given[0](user), given[1](user))

    def _accept(self, *signs: str) -> bool:
        if self.tokens and self.tokens[0].lower() in signs:
            del self.tokens[0]
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise _invalid()

    def _next(self) -> str:
        if not self.tokens:
            raise _invalid()
        return self.tokens.pop(0)
