"""Judges what an account shows after a write: the value, another form of it, nothing, or something else."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.contract import Traits, Value
from reconcile.forms import comparable
from reconcile.plan.model import Operation
from reconcile.plan.same_value import different, not_shown

SHORTEST = 10
"""Letters and digits that a shortened value keeps at least: no limit is lower, and shorter values begin alike by chance."""
DIGITS = 7
"""Digits by which two spellings of a telephone number are one number."""
SCHEME = "tel:"
_TELEPHONE = re.compile(r"\+?[0-9 ()/.\u00a0-]+")


@dataclass(frozen=True, slots=True)
class Written:
    """The attributes of one write that do not show the value exactly, by what they show."""

    other_form: Mapping[str, Value] = field(default_factory=dict)
    """The value in another form: it is done."""
    not_kept: Mapping[str, Value] = field(default_factory=dict)
    """Nothing: the target does not keep the attribute."""
    refused: Mapping[str, Value] = field(default_factory=dict)
    """The old value, or a third one: the change is not done."""

    def note(self, target: str) -> str:
        """The note on a write that is done."""
        other, lost = ", ".join(self.other_form), ", ".join(self.not_kept)
        sentences = (f"{target} keeps {other} in another form" if other else "", f"{target} does not keep {lost}" if lost else "")
        return "; ".join(each for each in sentences if each)


def judge_written(values: Mapping[str, Value], operation: Operation, traits: Traits) -> Written:
    """Compares the account with the values that an operation wrote.

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

    A number that lost a sign, a point, a zero or digits is another number, unless it is a telephone number.
    """
    if _is_none(wanted) or _is_none(shown):
        return False
    if strict:
        return isinstance(wanted, str) and isinstance(shown, str) and comparable(wanted) == comparable(shown)
    if isinstance(wanted, list | tuple) and isinstance(shown, list | tuple):
        pairs = zip(sorted(wanted, key=_letters), sorted(shown, key=_letters), strict=False)
        return len(wanted) == len(shown) and all(each == other or in_another_form(each, other) for each, other in pairs)
    one, other = _letters(wanted), _letters(shown)
    if one.isdigit() or other.isdigit():
        return _text(wanted).strip() == _text(shown).strip() or _same_telephone_number(_text(wanted), _text(shown))
    return bool(other) and (one == other or (len(other) >= SHORTEST and one.startswith(other)))


def _is_none(value: Value) -> bool:
    return value is None or value in ("", [])


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=dict)


def _letters(value: Value) -> str:
    """The letters and digits of a value without case, accents and the scheme of a telephone number."""
    plain = unicodedata.normalize("NFKD", _text(value)).casefold().removeprefix(SCHEME)
    return "".join(character for character in plain if character.isalnum())


def _same_telephone_number(wanted: str, shown: str) -> bool:
    """Whether both are one telephone number: `0176 12345678` and `+4917612345678`. Without a country code on one side every digit counts."""
    one, other = (text.casefold().removeprefix(SCHEME).strip() for text in (wanted, shown))
    if not (_TELEPHONE.fullmatch(one) and _TELEPHONE.fullmatch(other)):
        return False
    digits, more = ("".join(filter(str.isdigit, text)) for text in (one, other))
    if one.startswith("+") or other.startswith("+"):
        digits, more = digits.lstrip("0"), more.lstrip("0")
        return min(len(digits), len(more)) >= DIGITS and (digits.endswith(more) or more.endswith(digits))
    return len(digits) >= DIGITS and digits == more
