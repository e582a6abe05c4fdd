"""The mapping files of a project folder, read and checked: every mistake at once, with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from mappings.expressions import (
    CLOCK,
    NUMBER,
    OF_THE_MANAGER,
    OF_THE_MANAGERS_ACCOUNT,
    OF_THE_ROW,
    Expression,
    Fit,
    Language,
    NotAnExpression,
    kind_of,
    misfit,
    parse_expression,
    quoting,
    unknown_columns,
    unquoted_columns,
)
from mappings.lookups import LookupTable, read_lookup
from mappings.model import Model
from mappings.problems import BadConfiguration, Problem, line_of, near_miss, open_questions, read_toml
from mappings.references import Circular, deciding_order, unknown_systems
from mappings.rules import Identities, TargetMapping
from mappings.sentences import problems_of

IDENTITIES = "identities.toml"

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Mappings:
    """Everything that says what should be true."""

    identities: Identities
    targets: tuple[TargetMapping, ...]
    """By name of the target."""
    lookups: tuple[LookupTable, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Setting of an expression, and the columns that it may name; None where they are not known yet."""

    path: tuple[str, ...]
    text: str
    columns: frozenset[str] | None
    fit: Fit = Fit.ANYTHING
    beside: frozenset[str] = OF_THE_ROW
    """Columns that the rows have beside those."""


def load_mappings(
    folder: Path, language: Language, connectors: frozenset[str] | None, columns_of: Callable[[str], frozenset[str] | None]
) -> Mappings:
    """Every `*.toml` of the folder. `connectors` are None where reconcile.toml could not be read. `columns_of` gives the columns of a connector's rows, None where they are not known.

    Raises BadConfiguration.
    """
    if not (folder / IDENTITIES).is_file():
        raise BadConfiguration([Problem(f"mappings/{IDENTITIES}", 0, "", "is not there; it says where people come from")])
    problems: list[Problem] = []
    lookups: tuple[LookupTable, ...] = ()
    identities, identities_text = _read(folder / IDENTITIES, Identities, problems)
    targets: dict[str, TargetMapping] = {}
    shown_as: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name == IDENTITIES:
            continue
        mapping, text = _read(path, TargetMapping, problems)
        if mapping is None:
            continue
        shown = f"mappings/{path.name}"
        if mapping.target in targets:
            problems.append(Problem(shown, line_of(text, ["target"]), "target", f"{mapping.target!r} has a mapping file already"))
        targets[mapping.target] = mapping
        shown_as[mapping.target] = shown, text
        problems += _unknown_connector(mapping.target, connectors, shown, text, ["target"])
        attributes = frozenset(identities.columns()) if identities else None
        of_account = frozenset(OF_THE_MANAGERS_ACCOUNT) if identities and identities.manager else frozenset()
        problems += check_places(target_places(mapping, attributes, of_account), language, shown, text)
        problems += _two_numbers(mapping, attributes or frozenset(), shown, text)
    if identities is not None:
        shown = f"mappings/{IDENTITIES}"
        for number, source in enumerate(identities.source):
            problems += _unknown_connector(source.connector, connectors, shown, identities_text, ["source", str(number), "connector"])
        problems += check_places(identity_places(identities, columns_of), language, shown, identities_text)
        problems += _unknown_name(identities, shown, identities_text)
        problems += _given_twice(identities, shown, identities_text)
        lookups = _read_lookups(folder, identities, shown, identities_text, problems)
    if identities is not None:
        problems += _references(targets, shown_as, {source.connector for source in identities.source})
    if problems or identities is None:
        raise BadConfiguration(problems)
    return Mappings(identities, tuple(targets[name] for name in sorted(targets)), lookups)


def _references(targets: Mapping[str, TargetMapping], shown_as: Mapping[str, tuple[str, str]], sources: Iterable[str]) -> Iterator[Problem]:
    """Finds problems of rules that look at the groups of other systems."""
    known = {*targets, *sources}
    for name, mapping in targets.items():
        shown, text = shown_as[name]
        for path, sentence in unknown_systems(mapping, known):
            yield Problem(shown, line_of(text, path[:-1]), ".".join(path[:-1]), sentence)
    try:
        deciding_order(targets.values())
    except Circular as circle:
        shown, text = shown_as[circle.targets[0]]
        sentence = f"the rules of {' look at those of '.join(circle.targets)}: in a circle none of them comes first"
        yield Problem(shown, line_of(text, ["target"]), "if_member_of", sentence)


def identity_places(identities: Identities, columns_of: Callable[[str], frozenset[str] | None]) -> Iterator[Place]:
    """Every expression of identities.toml."""
    for number, source in enumerate(identities.source):
        columns = columns_of(source.connector)
        at = ("source", str(number))
        yield Place((*at, "anchor"), source.anchor, columns, Fit.SINGLE)
        yield Place((*at, "where"), source.where, columns, Fit.TRUTH)
        if source.person:
            yield Place((*at, "person"), source.person, columns, Fit.SINGLE)
        for name, text in source.attributes.items():
            yield Place((*at, "attributes", name), text, columns, Fit.SINGLE)
        for name in ("status", "start", "end"):
            if text := getattr(source.lifecycle, name):
                yield Place((*at, "lifecycle", name), text, columns, Fit.SINGLE if name == "status" else Fit.DAY)
    stated = frozenset(identities.attributes()) | {"anchor", "state"}
    for name, lookup in identities.lookup.items():
        yield Place(("lookup", name, "key"), lookup.key, stated, Fit.SINGLE, beside=frozenset({CLOCK}))
    for number, way in enumerate(identities.manager):
        for name in ("names", "matches"):
            yield Place(("manager", str(number), name), getattr(way, name), stated, Fit.SINGLE, beside=frozenset({CLOCK}))


def target_places(mapping: TargetMapping, identity: frozenset[str] | None, of_account: frozenset[str] = frozenset()) -> Iterator[Place]:
    """Every expression of a target's file. `of_account`: the columns that only its attributes may name."""
    columns = None if identity is None else identity | {"anchor", "state"}

    def at(*path: str, text: str, fit: Fit = Fit.ANYTHING, beside: frozenset[str] = frozenset()) -> Place:
        return Place(path, text, columns, fit, beside | {CLOCK})

    yield at("who", text=mapping.who, fit=Fit.TRUTH)
    for number, key in enumerate(mapping.correlate):
        yield at("correlate", str(number), "identity", text=key.identity, fit=Fit.SINGLE)
    for name, rule in mapping.attributes.items():
        place = at("attributes", name, text=rule.expression)
        yield place if columns is None else replace(place, columns=columns | of_account)
        for number, text in enumerate(rule.otherwise, 1):
            # Only the last can count: those after it would never be tried.
            may_count = frozenset({NUMBER}) if number == len(rule.otherwise) else frozenset[str]()
            yield at("attributes", name, "otherwise", str(number - 1), text=text, beside=may_count)
        if rule.temporary:
            yield at("attributes", name, "temporary", text=rule.temporary)
    for name, group in mapping.groups.items():
        yield at("groups", name, "when", text=group.when, fit=Fit.TRUTH)
        if group.group_expression:
            yield at("groups", name, "group_expression", text=group.group_expression, fit=Fit.NAMES)
    for name, app in mapping.apps.items():
        yield at("apps", name, "when", text=app.when, fit=Fit.TRUTH)
    for name, role in mapping.roles.items():
        yield at("roles", name, "when", text=role.when, fit=Fit.TRUTH)


def _two_numbers(mapping: TargetMapping, identity: frozenset[str], shown: str, text: str) -> Iterator[Problem]:
    for name, rule in mapping.attributes.items():
        if rule.otherwise and NUMBER in {each.lower() for each in identity}:
            path = ["attributes", name, "otherwise"]
            message = f"can count with {NUMBER!r}, which identities.toml uses for an attribute; give that one another name"
            yield Problem(shown, line_of(text, path), ".".join(path), message)


def _read(path: Path, model: type[M], problems: list[Problem]) -> tuple[M | None, str]:
    shown = f"mappings/{path.name}"
    try:
        table, text = read_toml(path, shown)
    except BadConfiguration as error:
        problems += error.problems
        return None, ""
    problems += open_questions(table, shown, text)
    try:
        return model.model_validate(table), text
    except ValidationError as error:
        problems += problems_of(error, model, shown, text)
        return _read_rest(table, model, error), text


def _read_rest(table: dict[str, object], model: type[M], error: ValidationError) -> M | None:
    """The file without the keys that do not belong there, so that what else is wrong in it is told at the same time; None where that is not enough."""
    for each in error.errors():
        holder: object = table
        for part in each["loc"][:-1]:
            holder = (
                holder.get(part)
                if isinstance(holder, dict)
                else holder[part]
                if isinstance(holder, list) and isinstance(part, int)
                else None
            )
        if each["type"] == "extra_forbidden" and isinstance(holder, dict):
            holder.pop(each["loc"][-1], None)
    try:
        return model.model_validate(table)
    except ValidationError:
        return None


def check_places(places: Iterator[Place], language: Language, shown: str, text: str) -> Iterator[Problem]:
    """Finds problems of the expressions of a file."""
    for place in places:
        key = ".".join(place.path)
        try:
            expression = parse_expression(place.text, language)
        except NotAnExpression as error:
            yield Problem(shown, line_of(text, place.path), key, _of_quotes(place) or str(error))
            continue
        unknown = unknown_columns(expression, place.columns, place.beside) if place.columns is not None else []
        if unknown and (quotes := _of_quotes(place)):
            unknown = [quotes]
        for sentence in unknown or _misfits(expression, place.fit, language):
            yield Problem(shown, line_of(text, place.path), key, sentence)


def _of_quotes(place: Place) -> str:
    """Returns the sentence for columns that lack their quotes; empty where none does."""
    names = unquoted_columns(place.text, place.columns or ())
    return quoting(names) if names else ""


def _misfits(expression: Expression, fit: Fit, language: Language) -> list[str]:
    try:
        sentence = misfit(kind_of(expression, language), fit)
    except NotAnExpression as error:
        return [str(error)]
    return [sentence] if sentence else []


def _read_lookups(folder: Path, identities: Identities, shown: str, text: str, problems: list[Problem]) -> tuple[LookupTable, ...]:
    found = []
    for name, rule in identities.lookup.items():
        try:
            found.append(read_lookup(folder, name, rule, shown, text))
        except BadConfiguration as error:
            problems += error.problems
    return tuple(found)


def _given_twice(identities: Identities, shown: str, text: str) -> Iterator[Problem]:
    """Attributes that something else gives already. Names ignore case, as in SQL."""
    of_manager = {*OF_THE_MANAGER, *OF_THE_MANAGERS_ACCOUNT} if identities.manager else set()
    for number, source in enumerate(identities.source):
        for name in source.attributes:
            if name.lower() in of_manager:
                place = ["source", str(number), "attributes", name]
                yield Problem(shown, line_of(text, place), ".".join(place), "is what [[manager]] gives; give it another name")
    known = {name.lower() for name in (*identities.attributes(), "anchor", "state", CLOCK)} | of_manager
    for lookup, rule in identities.lookup.items():
        for name in rule.gives:
            if name.lower() in known:
                place = ["lookup", lookup, "gives", name]
                yield Problem(shown, line_of(text, place), ".".join(place), "is an attribute already; give it another name")
            known.add(name.lower())


def _unknown_connector(name: str, connectors: frozenset[str] | None, shown: str, text: str, path: list[str]) -> Iterator[Problem]:
    if connectors is not None and name not in connectors:
        yield Problem(shown, line_of(text, path), path[-1], f"reconcile.toml has no connector {name!r}{near_miss(name, connectors)}")


def _unknown_name(identities: Identities, shown: str, text: str) -> Iterator[Problem]:
    if identities.name not in identities.attributes():
        message = f"no source gives the attribute {identities.name!r}{near_miss(identities.name, identities.attributes())}"
        yield Problem(shown, line_of(text, ["name"]), "name", message)
