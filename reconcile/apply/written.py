"""Judges what an account shows after a write: the value, another form of it, nothing, or something else."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Traits, Value
from reconcile.forms import comparable
from reconcile.plan.model import Operation
from reconcile.plan.same_value import different, not_shown

SHORTEST = 3
"""Letters and digits that a shortened value keeps at least."""
DIGITS = 6
"""Digits by which two spellings of a telephone number are one number."""


@dataclass(frozen=True, slots=True)
class Written:
    """The attributes of one write that do not show the value exactly, by what they show."""

    other_form: Mapping[str, Value] = field(default_factory=dict)
    """The value in another form: it is done."""
    not_kept: Mapping[str, Value] = field(default_factory=dict)
    """Nothing: the target does not keep the attribute."""
    refused: Mapping[str, Value] = field(default_factory=dict)
    """What was there before, or something else: it is not done."""

    def note(self, target: str) -> str:
        """What is to be said of a write that is done."""
        other, lost = ", ".join(self.other_form), ", ".join(self.not_kept)
        sentences = (f"{target} keeps {other} in another form" if other else "", f"{target} does not keep {lost}" if lost else "")
        return "; ".join(each for each in sentences if each)


def judge_written(values: Mapping[str, Value], operation: Operation, traits: Traits) -> Written:
    """What the account shows of the values that an operation wrote.

    Of a login, an address or a correlation key only case, width and outer spaces may differ: another value could be another person's.
    """
    strict = {traits.login, traits.email, *traits.unique, *traits.immutable, *operation.account}
    missing = not_shown(values, operation, traits)
    unchanged = set(missing) - set(different(values, {name: operation.before.get(name) for name in missing}, traits))
    found: dict[str, dict[str, Value]] = {"other_form": {}, "not_kept": {}, "refused": {}}
    for name in missing:
        shown = values.get(name)
        if _is_none(shown) and name != traits.login:
            found["not_kept"][name] = shown
        elif name in unchanged or not in_another_form(operation.after[name], shown, strict=name in strict):
            found["refused"][name] = shown
        else:
            found["other_form"][name] = shown
    return Written(**found)


def in_another_form(wanted: Value, shown: Value, *, strict: bool = False) -> bool:
    """Whether what is shown can be what was written: other case, spaces, accents or punctuation, another type or order, or shortened.

    A number that is cut short is another number.
    """
    if _is_none(wanted) or _is_none(shown):
        return False
    if strict:
        return isinstance(wanted, str) and isinstance(shown, str) and comparable(wanted) == comparable(shown)
    one, other = _letters(wanted), _letters(shown)
    if not one or not other:
        return False
    shortened = len(other) >= SHORTEST and not other.isdigit() and one.startswith(other)
    return one == other or shortened or _same_digits(wanted, shown)


def _is_none(value: Value) -> bool:
    return value is None or value in ("", [])


def _letters(value: Value) -> str:
    """The letters and digits of a value without case and accents; of a list the items in order of their text."""
    if isinstance(value, list | tuple):
        return "".join(sorted(map(_letters, value)))
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=dict)
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def _same_digits(wanted: Value, shown: Value) -> bool:
    """Whether both are one telephone number: `0176 12345678` and `+4917612345678`."""
    if not (isinstance(wanted, str) and isinstance(shown, str)):
        return False
    texts = (wanted.lower().removeprefix("tel:"), shown.lower().removeprefix("tel:"))
    if any(character.isalpha() for text in texts for character in text):
        return False
    one, other = ("".join(filter(str.isdigit, text)).lstrip("0") for text in texts)
    return min(len(one), len(other)) >= DIGITS and (one.endswith(other) or other.endswith(one))
