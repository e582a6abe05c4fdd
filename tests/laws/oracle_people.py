"""Identities and their accounts, computed again in plain Python: one half of the oracle. Shares no code with the engine."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.support.companies.world import Account, HrRow, HrSource, World

Values = Mapping[str, Any]


def _both(one: str | None, other: str, answer: Callable[[str, str], bool]) -> bool | None:
    return None if one is None else answer(one, other)


def _low(text: str | None) -> str | None:
    return None if text is None else text.strip(" ").lower()


TEXTS: dict[str, Callable[[Values], Any]] = {
    "NULL": lambda _: None,
    **{name: lambda row, name=name: row.get(name) for name in ("no", "anchor", "mail", "name", "dept", "title", "badge")},
    "lower(trim(mail))": lambda row: _low(row.get("mail")),
    "coalesce(title, '')": lambda row: row.get("title") or "",
    "title = 'chief'": lambda row: _both(row.get("title"), "chief", str.__eq__),
    "run_date": lambda row: row["run_date"],
}
"""What each expression that a world may use means."""

TRUTHS: dict[str, Callable[[Values], bool | None]] = {
    "true": lambda _: True,
    "dept = 'red'": lambda row: _both(row.get("dept"), "red", str.__eq__),
    "dept <> 'blue'": lambda row: _both(row.get("dept"), "blue", str.__ne__),
    "title is distinct from 'guest'": lambda row: row.get("title") != "guest",
    "state <> 'leave'": lambda row: row["state"] != "leave",
}
ROW_TRUTHS = {"true": TRUTHS["true"], "job = 'main'": lambda row: _both(row.get("job"), "main", str.__eq__)}
"""The same over a row of a source."""

GROUP_NAMES: dict[str, Callable[[Values], str | None]] = {
    "'team ' || dept": lambda row: None if row.get("dept") is None else "team " + row["dept"],
}


def fold(value: Any) -> str:
    """What two values are compared by where case, and what nobody sees, does not count."""
    return "" if value is None else seen(str(value)).strip(" ").lower()


def seen(text: str) -> str:
    """The text as a reader sees it: without format characters, and each letter in its usual form."""
    return unicodedata.normalize("NFKC", "".join(letter for letter in text if unicodedata.category(letter) != "Cf"))


def key_of(value: Any, key: Mapping[str, Any]) -> str:
    """What two values of a correlation key are compared by."""
    text = "" if value is None else str(value)
    aside = key.get("normalise", ["case", "trim", "unicode"])
    text = text.strip(" ") if "trim" in aside else text
    text = seen(text) if "unicode" in aside else text
    text = text.strip(" ") if "trim" in aside else text
    text = text.lower() if "case" in aside else text
    return text.lstrip("0") if "zeros" in aside else text


@dataclass
class Person:
    """One anchor that some row states."""

    anchor: str
    state: str
    values: dict[str, Any]
    waits: Mapping[str, str]
    """What keeps everything of theirs as it is: the sources, with why each does not say enough."""
    leaves: bool = False
    """Whether some row says that they have left."""
    expected: str = ""
    if_trusted: str = ""
    """What would be expected if there were nothing to wait for."""
    situation: str = ""
    account: str = ""
    key: int | None = None
    """Which correlation key found the account."""
    disputed: bool = False
    """Whether the linked account says by a key that never changes that it is another's."""

    @property
    def held(self) -> bool:
        return bool(self.waits)


def _day(text: str | None) -> tuple[date | None, bool]:
    """The date, and whether the text is none."""
    if text is None or not text.strip(" "):
        return None, False
    try:
        return date.fromisoformat(text.strip(" ")), False
    except ValueError:
        return None, True


def stand(columns: Values, rules: Mapping[str, Any], today: date) -> tuple[str, bool]:
    """Where the person of one row stands, empty where the source does not say; and whether the row can be used."""
    if not any(rules.get(name) for name in ("status", "start", "end")):
        return "", True
    word = (_low(columns.get("status")) or "") if rules.get("status") else None
    listed = {kind: [each.lower() for each in rules.get(kind, [])] for kind in ("active", "leave", "terminated")}
    start, bad_start = _day(columns.get("start")) if rules.get("start") else (None, False)
    end, bad_end = _day(columns.get("end")) if rules.get("end") else (None, False)
    usable = not (bad_start or bad_end) and (word is None or any(word in words for words in listed.values()))
    if start and end and end < start:
        end = None  # of an earlier employment
    last_day = None if end is None else end - timedelta(days=1 if rules.get("end_is", "last_day") == "first_day_gone" else 0)
    said_gone = word in listed["terminated"] and (end is None or end <= today)
    if said_gone or (last_day is not None and last_day < today):
        return "terminated", usable
    if start and today < start - timedelta(days=rules.get("lead_days", 0)):
        return "future", usable
    return "leave" if word in listed["leave"] else "active", usable


def people_of(world: World) -> dict[str, Person]:
    """Everybody that the sources state, merged: the first source that states a value counts."""
    found: dict[str, list[tuple[HrSource, HrRow, str]]] = defaultdict(list)
    waits: dict[str, dict[str, str]] = defaultdict(dict)
    for source in world.sources:
        counted = _counted_rows(world, source)
        times = Counter(row.columns.get("no") for row, _ in counted)
        for row, doubt in counted:
            if anchor := (row.columns.get("no") or "").strip(" "):
                state, usable = stand(row.columns, source.rules["lifecycle"], world.day)
                why = doubt or ("row" if not usable or times[anchor] > 1 else "")
                # That the source is in doubt says more than that a row is.
                if why and waits[anchor].get(source.name, "row") == "row":
                    waits[anchor][source.name] = why
                found[anchor].append((source, row, state))
        for row, doubt in _excluded_rows(world, source):
            if (anchor := (row.columns.get("no") or "").strip(" ")) and waits[anchor].get(source.name, "row") == "row":
                waits[anchor][source.name] = doubt
    return {anchor: _merged(anchor, rows, world, waits[anchor]) for anchor, rows in sorted(found.items())}


def _merged(anchor: str, rows: Iterable[tuple[HrSource, HrRow, str]], world: World, waits: Mapping[str, str]) -> Person:
    each = list(rows)
    values: dict[str, Any] = {"anchor": anchor, "run_date": world.day.isoformat()}
    for source, row, _ in each:  # who is held back is recognised all the same
        for name, text in source.rules["attributes"].items():
            if values.get(name) is None:
                values[name] = TEXTS[text](row.columns)
    state = next((state for _, _, state in each if state), "active")
    leaves = any(state == "terminated" for _, _, state in each)
    return Person(anchor, state, {**values, "state": state}, waits, leaves)


def unreadable_rows(world: World) -> bool:
    """Whether some source or row of one leaves it open who is there, or of whom it is."""
    return (
        world.doubtful
        or any(source.unreadable for source in world.sources)
        or any(not (row.columns.get("no") or "").strip(" ") for source in world.sources for row, _ in _counted_rows(world, source))
    )


def _counted_rows(world: World, source: HrSource) -> list[tuple[HrRow, str]]:
    """The rows of a source that count, each with why it may not hold any more; empty where it does."""
    return [(row, doubt) for row, doubt in _known_rows(world, source) if _counts(source, row)]


def _excluded_rows(world: World, source: HrSource) -> list[tuple[HrRow, str]]:
    """The rows in doubt that did not count when they were read: tonight they might."""
    return [(row, doubt) for row, doubt in _known_rows(world, source) if doubt and not _counts(source, row)]


def _counts(source: HrSource, row: HrRow) -> bool:
    return ROW_TRUTHS[source.rules.get("where", "true")](row.columns) is True


def _known_rows(world: World, source: HrSource) -> list[tuple[HrRow, str]]:
    ago = next((each.rows for each in world.before if each.name == source.name), ())
    if source.name in world.broken:
        rows = [(row, "untrusted") for row in ago]
    else:
        tonight = [(row, "") for row in source.rows if row.id not in source.unreadable]
        shown = {row.id for row, _ in tonight}
        unread = [(row, "row") for row in ago if row.id in source.unreadable]
        unseen = [(row, "unseen") for row in ago if row.id not in shown and row.id not in source.unreadable]
        rows = [*tonight, *unread, *(unseen if "" in source.unreadable else [])]
    return sorted(rows, key=lambda each: each[0].id)


def place(world: World, people: Mapping[str, Person]) -> None:
    """Gives everybody what is expected of them and a situation."""
    mapping = world.mapping
    for person in people.values():
        person.if_trusted = _expected(person, mapping)
        person.expected = "held" if person.held else person.if_trusted
    accounts = {account.id: account for account in world.accounts}
    links = counted_links(world, people)
    owner = {account: anchor for anchor, account in links.items()}
    keys = mapping["correlate"]
    stated, carried = keys_of_people(world, people), keys_of_accounts(world)
    free = [anchor for anchor in people if links.get(anchor) not in accounts]
    places = _places(keys)
    matches = {anchor: _candidates(world, anchor, stated[anchor], carried) for anchor in free}
    marked = {account: {anchor for anchor in free if _is_anchor(keys, matches[anchor].get(account))} for account in accounts}
    waiting = [anchor for anchor in free if people[anchor].if_trusted == "due" and anchor not in links]
    for anchor, person in people.items():
        gone = anchor in links and links[anchor] not in accounts
        if anchor in links and not (gone and person.expected in ("not_due", "future") and matches[anchor]):
            person.account = links[anchor]
            there = person.account in accounts
            person.disputed = there and _disputed(world, people, person, accounts[person.account], (stated, carried))
            works = person.expected in ("due", "away", "held")
            person.situation = ("CONFIRMED" if works else "UNQUALIFIED") if there else ("MISSING" if works else "LINK_ONLY")
            continue
        mine = matches[anchor]
        if len(mine) == 1:
            person.account, person.key = next(iter(mine.items()))
            contradicted = _contradicted(places, stated[anchor], carried[person.account], person.key)
            contenders = marked[person.account] if _is_anchor(keys, person.key) else free
            rivals = [other for other in contenders if other != anchor and person.account in matches[other]]
            if contradicted:
                person.situation = "AMBIGUOUS"
            elif person.account in owner:
                person.situation = "FOUND_ALREADY_LINKED"
            elif rivals:
                person.situation = "AMBIGUOUS"
            else:
                person.situation = "FOUND" if person.expected in ("due", "away", "held") else "UNQUALIFIED"
        elif mine:
            person.situation = "AMBIGUOUS"
        elif person.expected != "due":
            person.situation = "NOT_DUE"
        else:
            sharing = any(_first_shared(places, stated[anchor], stated[other]) is not None for other in waiting if other != anchor)
            keyless = keys and not any(stated[anchor])
            person.situation = "AMBIGUOUS" if sharing or keyless else "ABSENT"


def keys_of_people(world: World, people: Mapping[str, Person]) -> dict[str, list[str]]:
    keys = world.mapping["correlate"]
    return {anchor: [key_of(TEXTS[key["identity"]](person.values), key) for key in keys] for anchor, person in people.items()}


def keys_of_accounts(world: World) -> dict[str, list[str]]:
    keys = world.mapping["correlate"]
    return {account.id: [key_of(account.values.get(key["account"]), key) for key in keys] for account in world.accounts}


def counted_links(world: World, people: Mapping[str, Person]) -> dict[str, str]:
    """The pairs that are remembered, as far as no decision says otherwise, and those that were decided."""
    there = {account.id for account in world.accounts}
    said = [each for each in world.link_decisions if each[0] in people and each[1] in there]
    decided = {anchor: account for anchor, account, word in said if word == "same"}
    remembered = {
        anchor: account
        for anchor, account in world.links.items()
        if anchor not in decided and account not in decided.values() and (anchor, account, "different") not in said
    }
    return {**remembered, **decided}


_Keys = tuple[Mapping[str, list[str]], Mapping[str, list[str]]]
"""What people state and what accounts carry, by anchor and by id."""


def _disputed(world: World, people: Mapping[str, Person], person: Person, account: Account, keys_of: _Keys) -> bool:
    """Whether the first key that both state is the anchor's, differs, and one of the two stands where it makes sense of that.

    Where all whose account it may be should have none, nobody has to decide.
    """
    stated, carried = keys_of
    looked_at = person.expected in ("due", "away") or (person.expected == "not_due" and account.state != "deactivated")
    if not looked_at or (person.anchor, account.id, "same") in world.link_decisions:
        return False
    for place in _places(world.mapping["correlate"]):
        key = world.mapping["correlate"][place]
        mine, theirs = stated[person.anchor][place], carried[account.id][place]
        if mine and theirs:
            elsewhere = any(
                keys[place] == mine and id_ != account.id and (person.anchor, id_, "different") not in world.link_decisions
                for id_, keys in carried.items()
            )
            claimants = [people[anchor] for anchor, keys in stated.items() if keys[place] == theirs and anchor != person.anchor]
            settled = bool(claimants) and all(each.expected == "not_due" for each in (person, *claimants))
            return key["identity"] == "anchor" and mine != theirs and (elsewhere or bool(claimants)) and not settled
    return False


def _expected(person: Person, mapping: Mapping[str, Any]) -> str:
    if person.state == "future":
        return "future"
    if person.state == "terminated" or (person.state == "leave" and mapping["leave"] == "deactivate"):
        return "not_due"
    if TRUTHS[mapping["who"]](person.values) is not True:
        return "not_due"
    return "away" if person.state == "leave" and mapping["leave"] == "suspend" else "due"


def _is_anchor(keys: Sequence[Mapping[str, Any]], place: int | None) -> bool:
    return place is not None and keys[place]["identity"] == "anchor"


def _places(keys: Sequence[Mapping[str, Any]]) -> list[int]:
    """The keys in the order in which they count: those that state the anchor, then the others as the file has them."""
    anchors = [place for place in range(len(keys)) if _is_anchor(keys, place)]
    return anchors + [place for place in range(len(keys)) if place not in anchors]


def _candidates(world: World, anchor: str, stated: list[str], carried: Mapping[str, list[str]]) -> dict[str, int]:
    """The accounts that may be a person's, each with the key that says so. One that carries their anchor leaves no other."""
    keys = world.mapping["correlate"]
    places = _places(keys)
    open_ids = [id_ for id_ in carried if (anchor, id_, "different") not in world.link_decisions]
    found = {id_: hit for id_ in open_ids if (hit := _first_shared(places, stated, carried[id_])) is not None}
    sure = {id_: hit for id_, hit in found.items() if _is_anchor(keys, hit) and not _contradicted(places, stated, carried[id_], hit)}
    return sure or found


def _first_shared(places: list[int], one: list[str], other: list[str]) -> int | None:
    return next((place for place in places if one[place] and one[place] == other[place]), None)


def _contradicted(places: list[int], one: list[str], other: list[str], key: int) -> bool:
    return any(one[place] and other[place] and one[place] != other[place] for place in places[: places.index(key)])


def account_situations(world: World, people: Mapping[str, Person]) -> dict[str, str]:
    """The situation of every account."""
    owner = {account: anchor for anchor, account in counted_links(world, people).items()}
    paired = {each.account: each.situation for each in people.values() if each.situation in ("CONFIRMED", "FOUND", "UNQUALIFIED")}
    doubtful = {
        account.id
        for account in world.accounts
        for person in people.values()
        if person.situation in ("AMBIGUOUS", "MISSING") and matches(world, person, account.id)
    }
    found = {}
    for account in world.accounts:
        if account.id in paired:
            found[account.id] = paired[account.id]
        elif account.id in owner:
            found[account.id] = "SOURCE_MISSING"
        else:
            found[account.id] = "AMBIGUOUS" if account.id in doubtful else "UNASSIGNED"
    return found


def matches(world: World, person: Person, account: str) -> bool:
    """Whether an account may be a person's, by a key of theirs."""
    stated = keys_of_people(world, {person.anchor: person})[person.anchor]
    return account in _candidates(world, person.anchor, stated, keys_of_accounts(world))
