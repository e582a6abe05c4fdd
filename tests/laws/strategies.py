"""Which small worlds there are: few values, so that people, accounts and keys meet, repeat and contradict one another.

A world is several villages that share no value: one plan then tries many small cases at the price of one.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from .oracle_people import GROUP_NAMES, TRUTHS
from .worlds import EMAIL, LOGIN, TARGET, Account, Group, HrRow, HrSource, World

DAY = date(2026, 3, 2)
DATES = [str(DAY + timedelta(days)) for days in (-40, -1, 0, 0, 1, 40)]
NAMES = ["ann", "bob", "cyd", "dee", "eve"]
DEPTS = ["red", "red", "red", "blue", "blue", "green", "", None]
TITLES = ["chief", "clerk", "guest", "", None]
WHENS, TEAM = sorted(TRUTHS), next(iter(GROUP_NAMES))
GROUPS = (
    Group("g1", "all"),
    Group("g2", "red"),
    Group("g3", "team red"),
    Group("g4", "built-in", "the system rules it"),
    Group("g5", "free"),
)
ODD_GROUPS = [(Group("g6", "red"),), (Group("g6", "team blue"),), (Group("g6", "team red", "fed by a rule"),)]
FLAG = st.sampled_from([False, False, True])
CASE = st.sampled_from(["exact", "ignore"])


def mostly(usual: Any, *others: Any, weight: int = 4) -> st.SearchStrategy[Any]:
    """The usual value `weight` times as often as each of the others; shrinks to the usual one."""
    return st.sampled_from([usual] * weight + list(others))


def badges(village: int) -> list[str | None]:
    return [f"{village}-b1", f"{village}-b2", f"{village}-b3", f"{village}-B1", f" {village}-b2", "", None]


def hr_columns(village: int, number: int, *, tidy: bool) -> st.SearchStrategy[dict[str, str | None]]:
    """One row. A tidy one can be used: it has an anchor of its own, a known status and dates that are dates."""
    mail, first = f"{NAMES[number]}{village}@x", f"{NAMES[0]}{village}@x"
    anchors = [] if tidy else [f"{village}1", f"{village}2", "", None]
    odd_words = [] if tidy else ["unheard of", ""]
    odd_dates = [""] if tidy else ["", "soon"]
    return st.fixed_dictionaries(
        {
            "no": mostly(f"{village}{number + 1}", *anchors, weight=20),
            "mail": mostly(mail, mail.upper(), f" {mail}", first, first, "", None, weight=12),
            "name": mostly(f"Person {number}", "Ann", "", None),
            "dept": st.sampled_from(DEPTS),
            "title": st.sampled_from(TITLES),
            "badge": mostly(f"{village}-b{number + 1}", *badges(village), weight=14),
            "status": mostly("active", "Active ", "leave", "left", "left", *odd_words, weight=9),
            "start": mostly(None, *DATES, *odd_dates, weight=14),
            "end": mostly(None, *DATES, *odd_dates, weight=12),
            "job": mostly("main", "second", weight=9),
        }
    )


def hr_rows(prefix: str, village: int, most: int, *, tidy: bool) -> st.SearchStrategy[tuple[HrRow, ...]]:
    each = [hr_columns(village, number, tidy=tidy) for number in range(most)]
    drawn = mostly(most, *range(1, most)).flatmap(lambda count: st.tuples(*each[:count]))
    return drawn.map(lambda rows: tuple(HrRow(f"{prefix}{village}{place}", columns) for place, columns in enumerate(rows)))


def lifecycles() -> st.SearchStrategy[dict[str, Any]]:
    words = {"status": "status", "active": ["active"], "leave": ["Leave"], "terminated": ["left"]}
    end_is = st.sampled_from(["last_day", "first_day_gone"])
    dates = st.fixed_dictionaries({"start": st.just("start"), "end": st.just('"end"'), "end_is": end_is})
    lead = st.sampled_from([0, 0, 1, 30])
    both = st.tuples(dates, lead).map(lambda pair: {**words, **pair[0], "lead_days": pair[1]})
    return st.one_of(both, st.just(words), dates, st.just({}))


@st.composite
def sources(draw: st.DrawFn, villages: int, *, tidy: bool) -> tuple[HrSource, ...]:
    attributes = {"mail": "lower(trim(mail))", "name": "name", "dept": "dept", "title": "title", "badge": "badge"}
    rules = {"connector": "hr", "anchor": "no", "attributes": attributes, "lifecycle": draw(lifecycles())}
    rules["where"] = draw(st.sampled_from(["true", "job = 'main'"]))
    rows = tuple(row for village in range(villages) for row in draw(hr_rows("hr", village, 5, tidy=tidy)))
    lost = () if tidy else draw(mostly((), ("hr01",), ("",), weight=6))
    first = HrSource("hr", rows, rules, lost)
    if not draw(FLAG):
        return (first,)
    second = {"mail": "mail", "name": "name", "title": draw(st.sampled_from(["title", "NULL"]))}
    more = tuple(row for village in range(villages) for row in draw(hr_rows("ag", village, 2, tidy=tidy)))
    return first, HrSource("agency", more, {"connector": "agency", "anchor": "no", "attributes": second, "lifecycle": draw(lifecycles())})


@st.composite
def accounts(draw: st.DrawFn, village: int, people: tuple[HrRow, ...]) -> tuple[Account, ...]:
    """Accounts that look like a person's, more or less, and accounts of nobody."""
    count = draw(mostly(4, 0, 1, 2, 3, 5))
    order = draw(st.permutations(NAMES)) if draw(FLAG) else NAMES
    made = []
    for number, name in enumerate(order[:count]):
        like = people[number % len(people)].columns
        login, first, second = (f"{each}{village}@x" for each in (name, *NAMES[:2]))
        values: dict[str, Any] = {
            LOGIN: login,
            EMAIL: draw(mostly(login, login.upper(), first, second, f"old{village}@x", None, weight=12)),
            "name": draw(mostly(like["name"], "Former", "", weight=2)),
            **{
                name: draw(mostly(like["title"], "clerk", "GUEST", "", weight=2))
                for name in ("title", "first title", "clear title", "any title")
            },
            "no": draw(mostly(like["no"], f"{village}{number + 1}", f"{village}1", f"{village}2", "77", None, weight=8)),
            "badge": draw(mostly(like["badge"], *badges(village), weight=6)),
            "chief": draw(st.sampled_from([True, False, None])),
            "note": "kept",
        }
        state = draw(mostly("active", "deactivated", "suspended", "staged", "unknown", weight=8))
        made.append(Account(f"u{village}{number + 1}", state, {key: value for key, value in values.items() if value is not None}))
    return tuple(made)


def attribute_rules() -> st.SearchStrategy[dict[str, Any]]:
    """One title for every way of comparing, so that each world tries them all; the rest as it comes."""
    login = st.fixed_dictionaries({"expression": st.just("mail"), "required": st.booleans()})
    titles = {
        "title": {"expression": "coalesce(title, '')"},
        "first title": {"expression": "title", "create_only": True},
        "clear title": {"expression": "title", "clear": True},
        "any title": {"expression": "title", "case": "ignore"},
    }
    optional = {
        EMAIL: st.fixed_dictionaries({"expression": st.just("mail"), "clear": FLAG, "case": CASE}),
        "name": st.fixed_dictionaries({"expression": st.just("name"), "required": FLAG, "clear": FLAG, "case": CASE}),
        "no": st.fixed_dictionaries({"expression": st.just("anchor"), "immutable": FLAG}),
        "badge": st.fixed_dictionaries({"expression": st.just("badge"), "unique": st.sampled_from([True, True, False]), "clear": FLAG}),
        "chief": st.just({"expression": "title = 'chief'"}),
        "day": st.just({"expression": "run_date"}),
    }
    return st.fixed_dictionaries({LOGIN: login, **{name: st.just(rule) for name, rule in titles.items()}}, optional=optional)


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    keys = [("no", "anchor"), (EMAIL, "mail"), (LOGIN, "mail")]
    chosen = draw(mostly(keys, keys[:1], keys[1:], keys[::-1], keys[2:], []))
    rules = {
        "all": {"group": "all", "when": "true"},
        "reds": {"group": draw(st.sampled_from(["red", "built-in", "nowhere"])), "when": draw(st.sampled_from(WHENS))},
        "teams": {"group_expression": TEAM, "when": draw(st.sampled_from(WHENS))},
    }
    managed = st.lists(st.sampled_from(["all", "red", "team red", "free", "built-in"]), unique=True, max_size=3)
    return {
        "target": TARGET,
        "who": draw(mostly("true", *WHENS, weight=3)),
        "leave": draw(st.sampled_from(["keep", "deactivate"])),
        "recreate_missing": draw(st.booleans()),
        "correlate": [{"account": account, "identity": identity, "adopt": draw(mostly(True, False))} for account, identity in chosen],
        "attributes": draw(attribute_rules()),
        "groups": {name: rules[name] for name in draw(st.lists(st.sampled_from(sorted(rules)), unique=True, max_size=3))},
        "fully_managed": draw(managed),
    }


@st.composite
def links(draw: st.DrawFn, village: int, known: tuple[Account, ...]) -> dict[str, str]:
    """What was remembered: mostly that an account is its person's; sometimes of people or accounts that are gone."""
    made = {}
    for number, account in enumerate(known):
        anchor = draw(mostly(f"{village}{number + 1}", None, None, None, f"{village}9{number}", weight=5))
        if anchor is not None:
            made[anchor] = account.id
    gone = draw(mostly((), (f"{village}1",), (f"{village}5",), (f"{village}98",), weight=5))
    return {**made, **{anchor: f"gone{anchor}" for anchor in gone}}


@st.composite
def worlds(draw: st.DrawFn, *, whole: bool = False) -> World:
    """Any small world; a `whole` one was read completely."""
    villages = draw(mostly(7, 1, 2, 4))
    people = draw(sources(villages, tidy=draw(st.booleans())))
    mapping = draw(mappings())
    by_village = [tuple(row for row in people[0].rows if row.id.startswith(f"hr{village}")) for village in range(villages)]
    known = [draw(accounts(village, rows)) for village, rows in enumerate(by_village)]
    remembered = {anchor: id_ for village, each in enumerate(known) for anchor, id_ in draw(links(village, each)).items()}
    groups = GROUPS + draw(mostly((), *ODD_GROUPS))
    pairs = [(account.id, group.id) for each in known for account in each for group in groups]
    members = frozenset(draw(st.lists(st.sampled_from(pairs), min_size=villages * 4, max_size=villages * 6))) if pairs else frozenset()
    granted = (
        frozenset(draw(st.lists(st.sampled_from(sorted(members)), min_size=villages, max_size=villages * 2))) if members else frozenset()
    )
    scopes = ["accounts", "entitlements", "members g1", "members g2", *(source.name for source in people)]
    return World(
        day=DAY,
        sources=people,
        accounts=tuple(account for each in known for account in each),
        groups=groups,
        members=members,
        granted=granted,
        links=remembered,
        mapping=mapping,
        protected_people=draw(mostly((), ("01",), ("02", "13"))),
        protected_accounts=draw(mostly((), ("U01",), ("bob0@x",), ("old0@x", "ann1@x"))),
        broken=frozenset() if whole else draw(mostly(frozenset(), *(frozenset({scope}) for scope in scopes), weight=20)),
    )
