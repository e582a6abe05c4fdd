"""Drafts identities.toml: who there is, by the columns of an HR export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.hr.inspection.columns import FoundColumn
from connectors.hr.inspection.inspect import FoundExport
from reconcile.usecases.draft import toml
from reconcile.usecases.draft.contract import CONNECTOR
from reconcile.usecases.draft.roles import Roles, other_dates, primary_word
from reconcile.usecases.draft.vocabulary import ATTRIBUTES, NAMES, NOT_STARTED, Meaning, Role, meaning, normal

_FORMS = {Role.MANAGER_EMAIL: "lower(trim({}))", Role.COUNTRY: "upper({})"}


@dataclass(frozen=True, slots=True)
class People:
    """The file, and what others need of it."""

    lines: Sequence[str]
    attributes: frozenset[str]
    """The attributes that an identity has; with managers, that of a target's mapping, too."""


def draft_people(export: FoundExport, roles: Roles) -> People:
    """Every value is an expression over the columns; one that cannot be known is a question in its place."""
    attributes = dict(_attributes(roles))
    state = list(_lifecycle(export, roles))
    managers = list(_managers(roles))
    lines = [
        "# Who there is. Every value is one SQL expression over the columns of a row. NULL states nothing; '' states \"empty\".",
        "",
        'name = "display_name"  # what people are shown by',
        "",
        "[[source]]",
        f'connector = "{CONNECTOR}"',
        *_anchor(roles),
        "",
        "[source.attributes]",
        *(f"{name} = {expression}" for name, expression in attributes.items()),
        *_open_attributes(roles),
        "",
        "[source.lifecycle]",
        *state,
        *managers,
    ]
    return People(lines, frozenset([*attributes, *(["manager_account_id"] if managers else [])]))


def _anchor(roles: Roles) -> Iterator[str]:
    key = roles.one.get(Role.KEY)
    if key is None:
        yield f"anchor = {toml.asked('the column of key in reconcile.toml, in double quotes')}"
        return
    yield f"anchor = {toml.quoted(toml.column(key.name))}"
    repeats = key.filled - len(key.values)
    primary = roles.one.get(Role.PRIMARY)
    if primary is not None and repeats:
        yield f"where = {toml.quoted(toml.column(primary.name) + ' = ' + toml.text(primary_word(primary)))}  # a second position is no second person"
    elif repeats:
        question = f'{repeats} more rows than numbers. "latest" where a later row is a later employment; "refuse" where each is a question'
        yield f"several = {toml.asked(question)}"
    if person := roles.name(Role.PERSON):
        yield f"# ASK: does {toml.shown(person)} stay the same when somebody gets a new number? Then: person = {toml.shown(toml.quoted(toml.column(person)))}"


def _attributes(roles: Roles) -> Iterator[tuple[str, str]]:
    yield Role.EMAIL.value, _sql(_required(roles, Role.EMAIL, "lower(trim({}))"), roles, Role.EMAIL)
    first = _preferred(roles, Role.PREFERRED_FIRST, Role.FIRST)
    last = _preferred(roles, Role.PREFERRED_LAST, Role.LAST)
    yield Role.FIRST.value, _sql(first, roles, Role.FIRST)
    yield Role.LAST.value, _sql(last, roles, Role.LAST)
    yield (
        "display_name",
        toml.quoted(f"concat_ws(' ', {first}, {last})") if first and last else toml.asked("an expression that gives the whole name"),
    )
    for role in ATTRIBUTES:
        if name := roles.name(role):
            expression = toml.column(name)
            yield role.value, toml.quoted(_FORMS.get(role, "{}").format(expression))


def _required(roles: Roles, role: Role, form: str) -> str:
    return form.format(toml.column(roles.name(role))) if roles.name(role) else ""


def _preferred(roles: Roles, preferred: Role, legal: Role) -> str:
    names = [toml.column(name) for role in (preferred, legal) if (name := roles.name(role))]
    if not roles.name(legal):
        return ""
    return f"coalesce({', '.join(names)})" if len(names) > 1 else names[0]


def _sql(expression: str, roles: Roles, role: Role) -> str:
    if expression:
        return toml.quoted(expression)
    names = [toml.shown(column.name) for column in roles.several.get(role, ())]
    which = f"which of {', '.join(names)}?" if names else "no column was found for it."
    return toml.asked(f"{which} An expression over the columns{_within(roles, role)}")


def _within(roles: Roles, role: Role) -> str:
    """Returns how one name is taken out of the whole one, as half a sentence; empty where that is not the question."""
    full = roles.one.get(Role.FULL)
    if full is None or role not in (Role.FIRST, Role.LAST):
        return ""
    name, first = toml.column(full.name), role is Role.FIRST
    if all(value.count(",") == 1 for value in full.values):
        return f", such as trim(split_part({name}, ',', {2 if first else 1}))"
    return f", such as regexp_extract({name}, '{'^(.*) ' if first else ' ([^ ]+)$'}', 1)"


def _open_attributes(roles: Roles) -> Iterator[str]:
    for role in ATTRIBUTES:
        for column in roles.several.get(role, ()):
            yield f"# ASK: which is the {role.value}? {role.value} = {toml.shown(toml.quoted(toml.column(column.name)))}"


def _lifecycle(export: FoundExport, roles: Roles) -> Iterator[str]:
    yield from _status(export, roles)
    yield from _day(export, roles, Role.START)
    yield from _day(export, roles, Role.END)
    if name := roles.name(Role.END):
        yield f"end_is = {toml.asked(f'is {toml.shown(name)} the last day of work (last_day), or the first day without (first_day_gone)?')}"


def _status(export: FoundExport, roles: Roles) -> Iterator[str]:
    named = [column for column in export.columns if normal(column.name) in NAMES[Role.STATUS][0] and column.words]
    column = roles.one.get(Role.STATUS) or (named[0] if len(named) == 1 else None)
    if column is not None:
        yield f"status = {toml.quoted(toml.column(column.name))}"
        yield from _words(column)
    elif named:
        names = ", ".join(toml.shown(toml.column(each.name)) for each in named)
        yield f"status = {toml.asked(f'which column says who works here: {names}? Sort its words into the lists')}"
        yield f"active = [{toml.asked('the words that mean active; then leave and terminated in lists of their own')}]"
    else:
        yield "# ASK: no column of status words was found: whoever is in the file works here, between the dates below. Is that so?"


def _words(column: FoundColumn) -> Iterator[str]:
    sorted_words = {each: [word for word in column.words if meaning(word, column.name) is each] for each in Meaning}
    for each in (Meaning.ACTIVE, Meaning.LEAVE, Meaning.GONE):
        words = sorted_words[each]
        rows = ", ".join(f"{column.words[word]} rows" for word in words)
        if words:
            yield f"{each.value} = {toml.listed(words)}  # {rows}"
    unclear = sorted_words[Meaning.UNCLEAR]
    if unclear:
        yield "# Write each of these words into one list (active, leave, terminated), and remove it here:"
        yield "unclear = ["
        yield from (f"  {toml.asked(_unclear(word, column.words[word]))}," for word in unclear)
        yield "]"


def _unclear(word: str, rows: int) -> str:
    early = " (whoever has not begun has a start date, and counts as active from then on)" if word.casefold() in NOT_STARTED else ""
    return f"{toml.shown(word)}, {rows} row{'s' if rows != 1 else ''}: active, on leave or gone{early}?"


def _day(export: FoundExport, roles: Roles, role: Role) -> Iterator[str]:
    if name := roles.name(role):
        yield f"{role.value} = {toml.quoted(toml.column(name))}"
        return
    named = [column for column in export.columns if any(normal(column.name) in names for names in NAMES[role])]
    what = "first day of work" if role is Role.START else "end of work"
    if named:
        names = ", ".join(toml.shown(toml.column(each.name)) for each in named)
        why = " ".join(_serial(each) for each in named if each.has_serials) or "Its dates are of no one form, or there are several columns"
        yield f"{role.value} = {toml.asked(f'which column holds the {what}: {names}? {why}')}"
    else:
        dates = other_dates(export.columns, roles)
        others = ", ".join(toml.shown(toml.column(each.name)) for each in dates)
        which = f"Is it one of {others}?" if others else "Is there one under another name?"
        which = " ".join([which, *(_serial(each) for each in dates if each.has_serials)])
        yield f"# ASK: no column with the {what} was found. {which} {role.value} = ..."


def _serial(column: FoundColumn) -> str:
    """The sentence about a column of dates that a spreadsheet gave as bare numbers."""
    name = toml.column(column.name)
    expression = f"DATE '1899-12-30' + CAST(floor(CAST({name} AS DOUBLE)) AS INTEGER)"
    return (
        f"{toml.shown(name)} holds bare numbers, as a spreadsheet counts days where it has no date format: if 45292 means 2024-01-01 in it, "
        f"write {toml.shown_whole(expression)}; else have it exported with dates."
    )


def _managers(roles: Roles) -> Iterator[str]:
    """A way to find managers where nearly all that are named are there."""
    for role, matches in ((Role.MANAGER_ID, Role.KEY), (Role.MANAGER_EMAIL, Role.EMAIL)):
        manager, there = roles.one.get(role), roles.one.get(matches)
        if manager is None or there is None:
            continue
        known = {value.casefold() for value in there.values}
        found = sum(count for value, count in manager.values.items() if value.casefold() in known)
        if manager.filled and 2 * found >= manager.filled:
            yield from ("", f"# {found} of {manager.filled} rows name a manager who is in the file", "[[manager]]")
            yield f'names = "{role.value}"'
            yield f'matches = "{matches.value}"'
            return
