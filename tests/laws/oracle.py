"""How every account and membership must stand after a plan was applied, worked out again in plain Python. Shares no code with the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.companies.world import LOGIN, UNIQUE, Account, Group, World

from .oracle_people import (
    GROUP_NAMES,
    TEXTS,
    TRUTHS,
    Person,
    account_situations,
    counted_links,
    fold,
    matches,
    people_of,
    place,
    seen,
    unreadable_rows,
)

IMMUTABLE = frozenset({LOGIN})
WANTING = ("CONFIRMED", "FOUND", "ABSENT", "MISSING")


@dataclass
class Expected:
    """The world as it must be afterwards. A created account goes by `new ANCHOR`."""

    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    """The situation of every account."""
    states: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    """The pairs that count: remembered or decided."""
    barred: set[str] = field(default_factory=set)
    """People about whom something is to be said and nothing written."""
    contested: set[tuple[str, str]] = field(default_factory=set)
    """Whose unique attribute somebody else should have the value of, too."""
    refused: set[str] = field(default_factory=set)
    """People of whom a value that is held by another account stays as it is."""

    def census(self, world: World) -> Counter[str]:
        """How often each situation occurs: people, and the accounts and links that no person stands for."""
        counted = Counter(person.situation for person in self.people.values())
        counted.update(situation for situation in self.accounts.values() if situation in ("UNASSIGNED", "SOURCE_MISSING"))
        counted.update("LINK_ONLY" for anchor, account in world.links.items() if anchor not in self.people and account not in self.accounts)
        return counted


def expected_of(world: World) -> Expected:
    """What must come of a world. Where the accounts are in doubt, nothing does; where people are, nothing of theirs."""
    after = Expected(
        states={account.id: account.state for account in world.accounts},
        values={account.id: dict(account.values) for account in world.accounts},
        members=set(world.members),
    )
    if "accounts" in world.broken:
        return after
    after.people = people_of(world)
    place(world, after.people)
    after.links = counted_links(world, after.people)
    after.accounts = account_situations(world, after.people)
    after.contested = _contested(world, after.people)
    after.barred = set(_barred(world, after))
    writes = _possible(world, after)
    for anchor, values in writes.items():
        _write(world, after, anchor, values)
    _leave(world, after)
    if "entitlements" not in world.broken:
        _share_out(world, after)
    return after


def desired(world: World, person: Person) -> dict[str, Any]:
    """What each mapped attribute should be: None where nothing is stated."""
    stated = {name: TEXTS[rule["expression"]](person.values) for name, rule in world.mapping["attributes"].items()}
    return {name: _as_written(value) if _told_apart(world, name) else value for name, value in stated.items()}


def _told_apart(world: World, name: str) -> bool:
    return name in UNIQUE or bool(world.mapping["attributes"][name].get("unique"))


def _as_written(value: Any) -> Any:
    """An address or a unique value without what nobody sees: nothing is stated where nothing else is in it."""
    return (seen(value).strip(" ") or None) if value else value


def protected(world: World, person: Person | None, account: Account | None) -> bool:
    """Whether nobody may touch this person, or the account by its id, login or e-mail address."""
    listed = {fold(name) for name in world.protected_accounts}
    known_as = {fold(account.id), fold(account.values.get(LOGIN)), fold(account.values.get("email"))} if account else set()
    return bool((person and person.anchor in world.protected_people) or known_as & listed)


def _account(world: World, id_: str) -> Account | None:
    return next((account for account in world.accounts if account.id == id_), None)


def _adopted(world: World, person: Person) -> bool:
    return person.key is None or world.mapping["correlate"][person.key]["adopt"]


def _contested(world: World, people: Mapping[str, Person]) -> set[tuple[str, str]]:
    wanted: dict[tuple[str, str], set[str]] = {}
    for person in people.values():
        writes = person.expected in ("due", "away") and person.situation in WANTING
        if not writes and not (person.held and person.if_trusted in ("due", "away", "future")):
            continue
        for name, value in desired(world, person).items():
            if (name in UNIQUE or world.mapping["attributes"][name].get("unique")) and fold(value):
                wanted.setdefault((name, fold(value)), set()).add(person.anchor)
    return {(anchor, name) for (name, _), claimants in wanted.items() if len(claimants) > 1 for anchor in claimants}


def _barred(world: World, after: Expected) -> Iterable[str]:
    for person in after.people.values():
        account = _account(world, person.account)
        if (
            person.held
            or person.disputed
            or person.situation in ("AMBIGUOUS", "FOUND_ALREADY_LINKED")
            or not _adopted(world, person)
            or (person.situation == "MISSING" and not world.mapping["recreate_missing"])
            or (person.expected == "due" and not account and _cannot_be_created(world, after, person))
            or (person.expected == "away" and account and account.state in ("staged", "deactivated"))
            or (person.situation == "FOUND" and account and account.state == "staged")
            or (person.situation == "MISSING" and _somebody_elses(world, person))
        ):
            yield person.anchor


def _cannot_be_created(world: World, after: Expected, person: Person) -> bool:
    """Whether something is wrong with one attribute: of an account that exists it would only stay."""
    return _lacking(world, person) or any(anchor == person.anchor for anchor, _ in after.contested)


def _somebody_elses(world: World, person: Person) -> bool:
    """Whether an account carries a key of a person whose own account is gone: a second one would be made."""
    return any(matches(world, person, account.id) for account in world.accounts)


def _lacking(world: World, person: Person) -> bool:
    want = desired(world, person)
    needed = [name for name, rule in world.mapping["attributes"].items() if rule.get("required") or name == LOGIN]
    return any(not (want[name] or "").strip() for name in needed)


def changes(world: World, person: Person, account: Account | None) -> dict[str, Any]:
    """What is to be written: all that is stated for a new account, else what differs and may change."""
    found = {}
    for name, value in desired(world, person).items():
        rule = world.mapping["attributes"][name]
        if value is None or (account and (rule.get("create_only") or rule.get("immutable") or name in IMMUTABLE)):
            continue
        if account and rule.get("required") and not value.strip():
            continue
        has = account.values.get(name) if account else None
        if value == "":
            if account and rule.get("clear") and has not in (None, ""):
                found[name] = None
            continue
        same = has is not None and (fold_case(has) == fold_case(value) if rule.get("case") == "ignore" else has == value)
        if not same:
            found[name] = value
    return found


def fold_case(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _possible(world: World, after: Expected) -> dict[str, dict[str, Any]]:
    """The writes that can be done one by one, each when no other account holds a value it needs; who can never write is barred."""
    unique = [name for name, rule in world.mapping["attributes"].items() if name in UNIQUE or rule.get("unique")]
    now = {account.id: {name: fold(account.values.get(name)) for name in unique} for account in world.accounts}
    stored = {account.id: {name: _stored(account.values.get(name)) for name in unique} for account in world.accounts}
    waiting, done = {}, {}
    for person in after.people.values():
        if person.expected not in ("due", "away") or person.situation not in WANTING or person.anchor in after.barred:
            continue
        account = _account(world, person.account)
        if person.expected == "away" and account is None:
            continue
        stated = changes(world, person, account)
        write = {name: value for name, value in stated.items() if (person.anchor, name) not in after.contested}
        # Who would take a protected name is held for that, also where somebody else should have it too.
        new_names = {fold(stated.get(LOGIN)), fold(stated.get("email"))} & {fold(name) for name in world.protected_accounts} - {""}
        if protected(world, person, account) or new_names:
            if account is None or protected(world, person, account):
                after.barred.add(person.anchor)
            write = {}
        waiting[person.anchor] = (account.id if account else f"new {person.anchor}", write)
    while waiting:
        ready = next((anchor for anchor, (id_, write) in waiting.items() if not _blocked(now, stored.get(id_, {}), id_, write)), None)
        if ready is not None:
            id_, done[ready] = waiting.pop(ready)
            now.setdefault(id_, {}).update({name: fold(value) for name, value in done[ready].items() if name in unique})
            continue
        for anchor, name in _hopeless(now, stored, waiting):
            id_, write = waiting[anchor]
            after.refused.add(anchor)
            waiting[anchor] = id_, {other: value for other, value in write.items() if other != name}
            if id_.startswith("new "):
                after.barred.add(anchor)
        waiting = {anchor: each for anchor, each in waiting.items() if anchor not in after.barred}
    return {anchor: write for anchor, write in done.items() if anchor not in after.barred}


def _hopeless(
    now: Mapping[str, Mapping[str, str]], stored: Mapping[str, Mapping[str, str]], waiting: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> set[tuple[str, str]]:
    """What nobody gives up; else what waits in a ring of one attribute; else what people in a ring wait for. By whose it would be."""
    owners = {id_: anchor for anchor, (id_, _) in waiting.items()}
    found, edges = set(), dict[tuple[str, str], set[str]]()
    for anchor, (id_, write) in waiting.items():
        for name, holders in _blocked(now, stored.get(id_, {}), id_, write).items():
            giving = {owners[holder] for holder in holders if holder in owners and name in waiting[owners[holder]][1]}
            edges[anchor, name] = giving
            if len(giving) < len(holders):
                found.add((anchor, name))
    if found:
        return found
    for names in (*({name} for name in sorted({name for _, name in edges})), {name for _, name in edges}):
        here = {(anchor, name): others for (anchor, name), others in edges.items() if name in names}
        nexts = {anchor: {each for (who, _), others in here.items() if who == anchor for each in others} for anchor in waiting}
        found = {(anchor, name) for (anchor, name), others in here.items() if any(anchor in _reach(nexts, each) for each in others)}
        if found:
            return found
    return found


def _reach(nexts: Mapping[str, set[str]], start: str) -> set[str]:
    reached, last = {start}, set()
    while reached != last:
        last = set(reached)
        reached |= {each for one in last for each in nexts[one]}
    return reached


def _stored(value: Any) -> str:
    """A value as a system compares it, which sees what a reader does not."""
    return "" if value is None else str(value).strip(" ").lower()


def _blocked(now: Mapping[str, Mapping[str, str]], mine: Mapping[str, str], id_: str, write: Mapping[str, Any]) -> dict[str, set[str]]:
    """By attribute, the other accounts that hold what would be written."""
    held = {
        name: {other for other, values in now.items() if other != id_ and values.get(name) == fold(value)}
        for name, value in write.items()
        if fold(value) and mine.get(name) != _stored(value)
    }
    return {name: holders for name, holders in held.items() if holders}


def _write(world: World, after: Expected, anchor: str, write: Mapping[str, Any]) -> None:
    person = after.people[anchor]
    account = _account(world, person.account)
    id_ = account.id if account else f"new {anchor}"
    if account is None or account.state == "deactivated" or (account.state == "staged" and person.situation == "CONFIRMED"):
        after.states[id_] = "active"
    merged = {**after.values.get(id_, {}), **write}
    after.values[id_] = {name: value for name, value in merged.items() if value is not None}


def _leave(world: World, after: Expected) -> None:
    for person in after.people.values():
        account = _account(world, person.account)
        if account is None or person.disputed or not _adopted(world, person) or protected(world, person, account):
            continue
        if person.situation == "UNQUALIFIED" and person.expected == "not_due":
            away = person.state == "leave" and world.mapping["leave"] == "deactivate"
            after.states[account.id] = "deactivated" if away or world.mapping["leavers"] == "deactivate" else _suspended(account)
        if person.situation in ("CONFIRMED", "FOUND") and person.expected == "away":
            after.states[account.id] = _suspended(account)


def _suspended(account: Account) -> str:
    """Who cannot sign in anyway is not suspended."""
    return account.state if account.state in ("staged", "deactivated") else "suspended"


def _share_out(world: World, after: Expected) -> None:
    granted = _granted(world, after)
    known = _meant(world)
    managed = {
        known[name].id
        for name in world.mapping["fully_managed"]
        if name in known and not known[name].read_only and _named_by_a_rule(world, name)
    }
    frozen = {scope.partition(" ")[2] for scope in world.broken if scope.startswith("members ")} | {
        group.id for group in world.groups if group.read_only
    }
    holders = {_holds(world, person): person for person in after.people.values() if _pairs(person)}
    for id_ in after.values:
        person, account = holders.get(id_), _account(world, id_)
        if protected(world, person, account) or (person and person.anchor in after.barred):
            continue
        situation = after.accounts.get(id_, "ABSENT")
        wanted = {group for anchor, group in granted if person and person.anchor == anchor and person.situation in WANTING} - frozen
        held = {group for account_id, group in world.members if account_id == id_} - frozen
        after.members |= {(id_, group) for group in wanted}
        if person is None and (situation != "UNASSIGNED" or unreadable_rows(world) or any(one.held for one in after.people.values())):
            continue
        if person is None or person.expected not in ("held", "future"):
            ours = {group for account_id, group in world.granted if account_id == id_} if person else set()
            unsure = {group for group in managed if person and person.situation in WANTING and _unsure(world, after, person, group)}
            if person and _loses_all(world, person):
                ours = held
            after.members -= {(id_, group) for group in held - wanted - unsure if group in ours | managed}


def _loses_all(world: World, person: Person) -> bool:
    on_leave = person.state == "leave" and world.mapping["leave"] == "deactivate"
    left = person.situation == "UNQUALIFIED" and person.expected == "not_due" and not on_leave
    return left and world.mapping.get("leavers_lose") == "all"


def _meant(world: World) -> dict[str, Group]:
    """The group that each name means: of several with one name the only one whose members can be changed, if there is exactly one."""
    named: dict[str, list[Group]] = {}
    for group in world.groups:
        named.setdefault(group.name, []).append(group)
    chosen = {name: each if len(each) == 1 else [one for one in each if not one.read_only] for name, each in named.items() if name}
    return {name: each[0] for name, each in chosen.items() if len(each) == 1}


def _usable(world: World) -> dict[str, str]:
    """The groups, by name, whose members a rule can change."""
    return {name: group.id for name, group in _meant(world).items() if not group.read_only}


def _named_by_a_rule(world: World, name: str) -> bool:
    return any(rule.get("group", name) == name for rule in world.mapping["groups"].values())


def _unsure(world: World, after: Expected, person: Person, group: str) -> bool:
    """Whether a rule that may grant somebody a group cannot be evaluated: it reads what is stated of nobody, or names no usable group."""
    usable = _usable(world)
    for rule in world.mapping["groups"].values():
        answers = {each.anchor: TRUTHS[rule.get("when", "true")](each.values) for each in after.people.values()}
        named = {anchor: rule.get("group") for anchor in answers}
        if "group_expression" in rule:
            named = {each.anchor: GROUP_NAMES[rule["group_expression"]](each.values) for each in after.people.values()}
        elif usable.get(rule["group"]) != group:
            continue
        chosen = [anchor for anchor, answer in answers.items() if answer is True]
        if set(answers.values()) == {None} or (chosen and not any(named[anchor] is not None for anchor in chosen)):
            return True
        if person.anchor in chosen and named[person.anchor] and named[person.anchor] not in usable:
            return True
    return False


def _holds(world: World, person: Person) -> str:
    account = _account(world, person.account)
    return account.id if account else f"new {person.anchor}"


def _pairs(person: Person) -> bool:
    return person.situation in (*WANTING, "UNQUALIFIED")


def _granted(world: World, after: Expected) -> set[tuple[str, str]]:
    """Which person some rule gives which group."""
    usable = _usable(world)
    found = set()
    for person in after.people.values():
        for rule in world.mapping["groups"].values():
            if person.expected not in ("due", "away") or TRUTHS[rule.get("when", "true")](person.values) is not True:
                continue
            name = GROUP_NAMES[rule["group_expression"]](person.values) if "group_expression" in rule else rule["group"]
            if name in usable:
                found.add((person.anchor, usable[name]))
    return found
