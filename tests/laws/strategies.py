"""Which small worlds there are: few values, so that people, accounts and keys meet, repeat and contradict one another.

A world is several villages that share no value: one plan then tries many small cases at the price of one. All is dealt from one
seed; villages can be left out, so that what breaks a law is narrowed down to those that do it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.support.companies.world import EMAIL, LOGIN, TARGET, Account, Group, HrRow, HrSource, World

from .oracle_people import GROUP_NAMES, TRUTHS

DAY = date(2026, 3, 2)
DATES = [str(DAY + timedelta(days)) for days in (-40, -1, 0, 0, 1, 2, 40)]
NAMES = ["ann", "bob", "cyd", "dee", "eve"]
DEPTS = ["red", "red", "red", "blue", "blue", "green", "", None]
TITLES = ["chief", "clerk", "guest", "", None]
WHENS, TEAM = sorted(TRUTHS), next(iter(GROUP_NAMES))
KEYS = [("no", "anchor"), (EMAIL, "mail"), (LOGIN, "mail")]
GROUPS = (
    Group("g1", "all"),
    Group("g2", "red"),
    Group("g3", "team red"),
    Group("g4", "built-in", "the system rules it"),
    Group("g5", "free"),
)
ODD_GROUPS = [(Group("g6", "red"),), (Group("g6", "team blue"),), (Group("g6", "team red", "fed by a rule"),)]
VILLAGES = range(9)
LIVED_IN = [*((one,) for one in VILLAGES), *combinations(VILLAGES, 2), *[tuple(VILLAGES)] * 75]
"""Mostly all; what breaks a law is narrowed down to one village, or two."""
HANDED_ON = [{0: "b2", 1: "b1"}, {0: "b9", 1: "b1", 2: "b2", 3: "b3"}]
"""Badges that accounts hold from before: two that were exchanged, and some that went from hand to hand in a row."""
TITLE_RULES: dict[str, dict[str, Any]] = {
    "title": {"expression": "coalesce(title, '')"},
    "first title": {"expression": "title", "create_only": True},
    "clear title": {"expression": "title", "clear": True},
    "any title": {"expression": "title", "case": "ignore"},
}
"""One for every way of comparing, so that each world tries them all."""


class Dice(Random):
    """What chance decides."""

    def mostly(self, usual: Any, *others: Any, weight: int = 4) -> Any:
        """The usual value `weight` times as often as each of the others."""
        return self.choice([usual] * weight + list(others))

    def some(self, values: list[Any], share: float = 0.5) -> list[Any]:
        """Each value with this probability, in any order."""
        kept = [value for value in values if self.random() < share]
        self.shuffle(kept)
        return kept

    def flag(self) -> bool:
        return self.random() < 0.3


@dataclass(frozen=True)
class Village:
    """A few people and accounts that share no value with another village's."""

    people: tuple[HrRow, ...]
    agency: tuple[HrRow, ...]
    accounts: tuple[Account, ...]
    members: tuple[tuple[str, str], ...]
    granted: tuple[tuple[str, str], ...]
    links: dict[str, str]
    link_decisions: tuple[tuple[str, str, str], ...]


def badges(village: int) -> list[str | None]:
    return [f"{village}-b1", f"{village}-b2", f"{village}-b3", f"{village}-B1", f" {village}-b2", "", None]


def hr_columns(dice: Dice, village: int, number: int, *, tidy: bool) -> dict[str, str | None]:
    """One row. A tidy one can be used: it has an anchor of its own, a known status and dates that are dates."""
    mail, first, last = (f"{name}{village}@x" for name in (NAMES[number], NAMES[0], NAMES[-1]))
    hidden, wide = f"{mail[0]}\u200b{mail[1:]}", chr(ord(mail[0]) + 0xFEE0) + mail[1:]
    anchors = [] if tidy else [f"{village}1", f"{village}2", "", None]
    odd_words = [] if tidy else ["unheard of", ""]
    odd_dates = [""] if tidy else ["", "soon"]
    return {
        "no": dice.mostly(f"{village}{number + 1}", *anchors, weight=20),
        "mail": dice.mostly(mail, mail.upper(), f" {mail}", hidden, wide, first, last, last, "", None, None, weight=17),
        "name": dice.mostly(f"Person {number}", "Ann", "", None, weight=8),
        "dept": dice.choice(DEPTS),
        "title": dice.choice(TITLES),
        "badge": dice.mostly(f"{village}-b{number + 1}", *badges(village), weight=14),
        "status": dice.mostly("active", "Active ", "leave", "left", "left", *odd_words, weight=9),
        "start": dice.mostly(None, *DATES, *odd_dates, weight=14),
        "end": dice.mostly(None, *DATES, *odd_dates, weight=14),
        "job": dice.mostly("main", "second", weight=9),
    }


def hr_rows(dice: Dice, prefix: str, village: int, most: int, *, tidy: bool) -> tuple[HrRow, ...]:
    count = dice.mostly(most, *range(1, most))
    return tuple(HrRow(f"{prefix}{village}{place}", hr_columns(dice, village, place, tidy=tidy)) for place in range(count))


def accounts(dice: Dice, village: int, people: tuple[HrRow, ...]) -> tuple[Account, ...]:
    """Accounts that look like a person's, more or less, and accounts of nobody."""
    names = dice.mostly(NAMES, dice.sample(NAMES, 5), weight=3)
    count = dice.mostly(4, 0, 1, 2, 3, 5)
    passed_on = dice.mostly({}, *HANDED_ON, weight=3)
    made = []
    for number, name in enumerate(names[:count]):
        like = people[number % len(people)].columns
        login, first, second = (f"{each}{village}@x" for each in (name, *NAMES[:2]))
        values: dict[str, Any] = {
            LOGIN: login,
            EMAIL: dice.mostly(login, login.upper(), f"{login}\ufeff", first, second, f"old{village}@x", None, weight=12),
            "name": dice.mostly(like["name"], "Former", "", weight=2),
            **{title: dice.mostly(like["title"], "clerk", "GUEST", "", weight=2) for title in TITLE_RULES},
            "no": dice.mostly(
                like["no"], f"{village}{number + 1}", f"{village}1", f"{village}2", f"0{village}{number + 1}", "77", None, weight=8
            ),
            "badge": f"{village}-{passed_on[number]}" if number in passed_on else dice.mostly(like["badge"], *badges(village), weight=6),
            "chief": dice.choice([True, False, None]),
            "note": "kept",
        }
        state = dice.mostly("active", "deactivated", "suspended", "staged", "unknown", weight=8)
        made.append(Account(f"u{village}{number + 1}", state, {key: value for key, value in values.items() if value is not None}))
    return tuple(made)


def links(dice: Dice, village: int, known: tuple[Account, ...]) -> dict[str, str]:
    """What was remembered: mostly that an account is its person's; sometimes of people or accounts that are gone."""
    made = {}
    for number, account in enumerate(known):
        anchor = dice.mostly(f"{village}{number + 1}", None, None, None, f"{village}9{number}", weight=5)
        if anchor is not None:
            made[anchor] = account.id
    gone = dice.mostly((), (f"{village}1",), (f"{village}5",), (f"{village}5",), (f"{village}98",))
    return {**made, **{anchor: f"gone{anchor}" for anchor in gone}}


def deal_village(village: int, seed: bytes, groups: tuple[Group, ...], *, tidy: bool) -> Village:
    dice = Dice(seed + bytes([village]))
    people = hr_rows(dice, "hr", village, 5, tidy=tidy)
    agency = hr_rows(dice, "ag", village, 2, tidy=tidy)
    known = accounts(dice, village, people)
    members = dice.some([(account.id, group.id) for account in known for group in groups], 0.3)
    remembered = links(dice, village, known)
    return Village(people, agency, known, tuple(members), tuple(dice.some(members)), remembered, link_decisions(dice, village, known))


def link_decisions(dice: Dice, village: int, known: tuple[Account, ...]) -> tuple[tuple[str, str, str], ...]:
    """What reviewers decided: of a person and of an account only once that the two are one."""
    people, ids = [f"{village}{number}" for number in range(1, 7)], [*(account.id for account in known), f"gone{village}"]
    same = [(anchor, account, "same") for anchor, account in zip(dice.some(people, 0.15), dice.some(ids), strict=False)]
    taken = {anchor: account for anchor, account, _ in same}
    apart = [(anchor, account, "different") for anchor in dice.some(people, 0.15) if taken.get(anchor) != (account := dice.choice(ids))]
    return tuple(dice.mostly((), (*same, *apart), weight=1))


def lifecycle(dice: Dice) -> dict[str, Any]:
    words = {"status": "status", "active": ["active"], "leave": ["Leave"], "terminated": ["left"]}
    end_is, lead_days = dice.choice(["last_day", "first_day_gone"]), dice.choice([0, 0, 1, 30])
    dates = {"start": "start", "end": '"end"', "end_is": end_is}
    return dice.mostly({**words, **dates, "lead_days": lead_days}, words, dates, {}, weight=3)


def mapping(dice: Dice) -> dict[str, Any]:
    rules = {
        "all": {"group": "all", "when": "true"},
        "reds": {"group": dice.mostly("red", "built-in", "nowhere"), "when": dice.choice(WHENS)},
        "teams": {"group_expression": TEAM, "when": dice.choice(WHENS)},
    }
    keys = dice.mostly(KEYS, KEYS[:1], KEYS[1:], KEYS[::-1], KEYS[2:], [])
    return {
        "target": TARGET,
        "who": dice.mostly("true", *WHENS, weight=4),
        "leave": dice.choice(["keep", "suspend", "deactivate"]),
        "leavers": dice.mostly("deactivate", "suspend", weight=2),
        "leavers_lose": dice.mostly("managed", "all", weight=2),
        "recreate_missing": dice.choice([False, True]),
        "correlate": [{"account": account, "identity": identity, "adopt": not dice.flag(), **compared(dice)} for account, identity in keys],
        "attributes": attribute_rules(dice),
        "groups": {name: rules[name] for name in dice.some(list(rules), 0.7)},
        "fully_managed": dice.some(["all", "red", "team red", "free", "built-in"]),
    }


def compared(dice: Dice) -> dict[str, Any]:
    """How the two sides of a key are compared: mostly as they are by default."""
    return dice.mostly({}, {"normalise": []}, {"normalise": ["case"]}, {"normalise": ["trim", "unicode", "zeros"]}, weight=9)


def attribute_rules(dice: Dice) -> dict[str, dict[str, Any]]:
    optional: dict[str, dict[str, Any]] = {
        EMAIL: {"expression": "mail", "clear": dice.flag(), "case": dice.choice(["exact", "ignore"])},
        "name": {"expression": "name", "required": not dice.flag(), "clear": dice.flag()},
        "no": {"expression": "anchor", "immutable": dice.flag()},
        "badge": {"expression": "badge", "unique": not dice.flag(), "clear": dice.flag()},
        "chief": {"expression": "title = 'chief'"},
        "day": {"expression": "run_date"},
    }
    kept = dice.some(list(optional), 0.7)
    return {LOGIN: {"expression": "mail", "required": dice.choice([False, True])}, **TITLE_RULES, **{name: optional[name] for name in kept}}


def sources_before(dice: Dice, sources: tuple[HrSource, ...], lived_in: tuple[int, ...], *, tidy: bool) -> tuple[HrSource, ...]:
    """The same sources the night before: some rows said something else, some were not there, some are gone since. Rarely one was never read."""
    read = [source for source in sources if dice.random() < 0.85] if len(sources) > 1 else list(sources)
    return tuple(replace(source, rows=rows_before(dice, source, lived_in, tidy=tidy), unreadable=()) for source in read)


def rows_before(dice: Dice, source: HrSource, lived_in: tuple[int, ...], *, tidy: bool) -> tuple[HrRow, ...]:
    prefix, tonight = source.name[:2], {row.id: row for row in source.rows}
    most = 5 if source.name == "hr" else 2
    rows = []
    for village in lived_in:
        for place in range(most):
            other = HrRow(f"{prefix}{village}{place}", hr_columns(dice, village, place, tidy=tidy))
            rows += [dice.mostly(tonight.get(other.id, other), other, other, None, weight=7)]
    return tuple(row for row in rows if row is not None)


def sources(dice: Dice, villages: list[Village], *, tidy: bool) -> tuple[HrSource, ...]:
    attributes = {"mail": "lower(trim(mail))", "name": "name", "dept": "dept", "title": "title", "badge": "badge"}
    where = dice.choice(["true", "job = 'main'"])
    rules = {"connector": "hr", "anchor": "no", "where": where, "attributes": attributes, "lifecycle": lifecycle(dice)}
    lost = dice.mostly((), ("",), ("",), ("", "hr01"), *(() if tidy else (("hr01",), ("hr22",))), weight=14)
    first = HrSource("hr", tuple(row for village in villages for row in village.people), rules, lost)
    if not dice.flag():
        return (first,)
    fewer = {"mail": "mail", "name": "name", "title": dice.choice(["title", "NULL"])}
    second = {"connector": "agency", "anchor": "no", "attributes": fewer, "lifecycle": lifecycle(dice)}
    nameless = dice.mostly((), ("",), weight=9)
    return first, HrSource("agency", tuple(row for village in villages for row in village.agency), second, nameless)


def deal_world(seed: bytes, lived_in: tuple[int, ...], *, whole: bool) -> World:
    dice = Dice(seed)
    tidy = dice.choice([False, True])
    groups = GROUPS + dice.mostly((), *ODD_GROUPS)
    villages = [deal_village(number, seed, groups, tidy=tidy) for number in lived_in]
    people = sources(dice, villages, tidy=tidy)
    scopes = ["accounts", "entitlements", "members g1", "members g2", *(source.name for source in people)]
    broken = () if whole else dice.mostly((), *((scope,) for scope in scopes), tuple(source.name for source in people), weight=20)
    doubtful = any(source.name in broken or source.unreadable for source in people)
    return World(
        day=DAY,
        sources=people,
        accounts=tuple(account for village in villages for account in village.accounts),
        groups=groups,
        members=frozenset(pair for village in villages for pair in village.members),
        granted=frozenset(pair for village in villages for pair in village.granted),
        links={anchor: account for village in villages for anchor, account in village.links.items()},
        link_decisions=tuple(each for village in villages for each in village.link_decisions),
        mapping=mapping(dice),
        protected_people=dice.mostly((), ("01",), ("02", "13"), weight=2),
        protected_accounts=dice.mostly((), ("U01", "bob1@x", "ANN2@X"), ("old0@x", "ann1@x", "u22", "cyd3@x", "dee4@x"), weight=1),
        before=sources_before(dice, people, lived_in, tidy=tidy) if doubtful and not whole else (),
        broken=frozenset(broken),
    )


def worlds(*, whole: bool = False) -> st.SearchStrategy[World]:
    """Any small world; a `whole` one was read completely."""
    return st.builds(deal_world, st.binary(min_size=8, max_size=8), st.sampled_from(LIVED_IN), whole=st.just(whole))
