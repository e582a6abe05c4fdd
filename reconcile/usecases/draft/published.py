"""Drafts the attributes of a target from the schema that it publishes of its accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.declaration import AccountSchema, SchemaAttribute
from reconcile.usecases.draft import toml
from reconcile.usecases.draft.vocabulary import NAMES, normal

_TEXTS = frozenset({"string", "reference"})


@dataclass(frozen=True, slots=True)
class Rule:
    """Rule that is drafted for an attribute of this name, where people have the identity attribute."""

    attribute: str
    identity: str
    required: bool = False
    unique: bool = False
    immutable: bool = False
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Facts that the file tells of people."""

    attributes: frozenset[str]
    """The identity attributes that they have."""
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By identity attribute the words that it has, where these repeat."""

    def have(self, identity: str) -> bool:
        """Whether people have an identity attribute; all have an anchor."""
        return identity == "anchor" or identity in self.attributes


@dataclass(frozen=True, slots=True)
class Drafted:
    """The lines, and the attributes that have a rule."""

    lines: tuple[str, ...]
    ruled: frozenset[str]


def draft_published(schema: AccountSchema, rules: Sequence[Rule], known: Known) -> Drafted:
    """Drafts rules for what is known of people, questions for whatever else is required, and comments for the rest."""
    of_name = {rule.attribute.lower(): rule for rule in rules if known.have(rule.identity)}
    ruled = {each.name: of_name[each.name.lower()] for each in schema.attributes if _can_have(each) and each.name.lower() in of_name}
    used = {each.optional_part for each in schema.attributes if each.name in ruled}
    asked = [each for each in schema.attributes if each.name not in ruled and _is_asked(each, used)]
    rest = [each for each in schema.attributes if each.name not in ruled and each not in asked and not each.read_only]
    lines = [
        *(line for each in schema.attributes if each.name in ruled for line in _ruled(each, ruled[each.name], known)),
        *(_asked(each) for each in asked),
        *_rest(rest, known),
        *_by_the_target(schema.attributes),
    ]
    return Drafted(tuple(lines), frozenset(ruled))


def _can_have(stated: SchemaAttribute) -> bool:
    """Whether one text can be its value."""
    return _is_settable(stated) and not stated.several and stated.type in _TEXTS


def _is_settable(stated: SchemaAttribute) -> bool:
    return not stated.read_only and not stated.unsettable


def _is_asked(stated: SchemaAttribute, used: set[str]) -> bool:
    return stated.required and _is_settable(stated) and (not stated.optional_part or stated.optional_part in used)


def _ruled(stated: SchemaAttribute, rule: Rule, known: Known) -> Iterator[str]:
    marks = {
        "required": stated.required or rule.required,
        "unique": (stated.unique and rule.attribute != "userName") or rule.unique,
        "immutable": stated.immutable or rule.immutable,
    }
    options = [f"{name} = true" for name, is_so in marks.items() if is_so] + (['case = "ignore"'] if rule.ignores_case else [])
    value = toml.quoted(rule.identity)
    text = f"{{ {', '.join([f'expression = {value}', *options])} }}" if options else value
    yield f"{toml.key(stated.name)} = {text}"
    if stated.allowed:
        yield from _allowed(stated, known.words.get(rule.identity, ()))


def _allowed(stated: SchemaAttribute, words: Sequence[str]) -> Iterator[str]:
    names = {each.casefold() for each in stated.allowed}
    others = [word for word in words if word.casefold() not in names]
    said = f"{toml.shown_whole(stated.name)}: the application names the values {_list(stated.allowed)}"
    if not words:
        yield f"# ASK: {said}. Does the file hold these? Else write a `case` expression."
    elif others:
        yield f"# ASK: {said}; the file has {_list(others)}, too. Write a `case` expression."
    else:
        yield f"# {said}."


def _asked(stated: SchemaAttribute) -> str:
    options = [name for name, is_so in (("unique", stated.unique), ("immutable", stated.immutable)) if is_so]
    question = toml.asked(f"the target requires it of every new account ({_takes(stated)}). An expression over the identity")
    marks = ", ".join(f"{name} = true" for name in ["required", *options])
    return f"{toml.key(stated.name)} = {{ {marks}, expression = {question} }}"


def _rest(rest: Iterable[SchemaAttribute], known: Known) -> Iterator[str]:
    """Yields what the target takes, too, each as the comment that becomes its rule; and what no rule can set."""
    each = tuple(rest)
    if settable := [one for one in each if not one.unsettable]:
        yield ""
        yield "# The application has these attributes, too. What no rule names is never touched; for a rule take the # away:"
        yield from (f"# {toml.key(one.name)} = {_suggested(one, known)}  # {_takes(one)}" for one in settable)
    for one in each:
        if one.unsettable:
            before = "ASK: the application requires " if one.required and not one.optional_part else ""
            yield f"# {before}{toml.shown_whole(f'{one.name}: {one.unsettable}')}."


def _suggested(stated: SchemaAttribute, known: Known) -> str:
    """An identity attribute of the same name, such as `cost_center` for `costCenter`; a gap where there is none."""
    if not _can_have(stated):
        return '"..."'
    last = normal(stated.name.rpartition(":")[2].rpartition(".")[2])
    same = [
        role.value for role, names in NAMES.items() if role.value in known.attributes and (last in names[0] or last == normal(role.value))
    ]
    return toml.quoted(same[0]) if len(same) == 1 else '"..."'


def _takes(stated: SchemaAttribute) -> str:
    kind = toml.shown_whole(f"{stated.type} of {', '.join(stated.parts)}" if stated.parts else stated.type)
    described = [
        f"list of {kind}" if stated.several else kind,
        *(name for name, is_so in (("unique", stated.unique), ("immutable", stated.immutable)) if is_so),
        *([f"one of {_list(stated.allowed)}"] if stated.allowed else []),
        *(["required of who has anything of this optional extension"] if stated.required and stated.optional_part else []),
        *([toml.shown(stated.description)] if stated.description else []),
    ]
    return "; ".join(described)


def _list(values: Sequence[str]) -> str:
    return ", ".join(map(toml.shown, values))


def _by_the_target(attributes: Iterable[SchemaAttribute]) -> Iterator[str]:
    names = [each.name for each in attributes if each.read_only]
    if names:
        yield f"# Set by the application alone: {', '.join(map(toml.shown_whole, names))}"
