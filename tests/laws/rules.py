"""The laws of one night. Each is stated by itself, from the world and from what was written, whatever the engine thinks of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

from connectors.memory.state import MemoryAccount
from reconcile.plan.model import FindingKind, OutcomeKind, Situation, Verb
from reconcile.plan.waits import WaitCause
from tests.support.companies.world import EMAIL, LOGIN, TARGET, UNIQUE

from .nights import Night
from .oracle import desired, protected
from .oracle_people import fold, key_of


def everybody_has_exactly_one_situation(night: Night) -> None:
    for census in night.plan.census:
        counted = {situation.value: count for situation, count in census.situations.items()}
        assert counted == dict(night.expected.census(night.world))
        people = Counter(census.situations)
        alone = people.pop(Situation.UNASSIGNED, 0) + people.pop(Situation.SOURCE_MISSING, 0)
        gone = sum(1 for anchor, id_ in night.world.links.items() if anchor not in night.expected.people and id_ not in night.before)
        assert people.total() - gone == len(night.expected.people)
        assert alone <= len(night.world.accounts)


def everything_planned_is_done(night: Night) -> None:
    assert [each for each in night.outcomes if each.kind is not OutcomeKind.DONE] == []


def every_account_is_as_it_should_be(night: Night) -> None:
    assert {night.name(id_): each.state.value for id_, each in night.after.items()} == night.expected.states
    assert {night.name(id_): dict(each.attributes) for id_, each in night.after.items()} == night.expected.values


def every_membership_is_as_it_should_be(night: Night) -> None:
    assert {(night.name(id_), group) for id_, group in night.members} == night.expected.members


def the_next_plan_is_empty(night: Night) -> None:
    """But for people whose account could not be told from another's, where tonight's corrections are what tells them apart."""
    unclear = {each.anchor for each in night.expected.people.values() if each.situation in ("AMBIGUOUS", "FOUND_ALREADY_LINKED")}
    changed = night.before.keys() & {operation.account_id for operation in night.plan.operations}
    waiting = unclear if changed else set()
    assert [operation for operation in night.next_plan.operations if operation.anchor not in waiting] == []
    assert [link for link in night.next_plan.links if link.anchor not in waiting] == []


def whoever_must_not_be_touched_is_not_touched(night: Night) -> None:
    """Byte for byte: accounts of protected, unclaimed, vanished, ambiguous and held people, with their versions."""
    whole = {fold(name) for name in night.world.protected_accounts}
    paired = ("CONFIRMED", "FOUND", "UNQUALIFIED")
    owners = {person.account: person for person in night.expected.people.values() if person.situation in paired}
    for account in night.world.accounts:
        person = owners.get(account.id)
        situation = night.expected.accounts.get(account.id, "FROZEN")
        known_as = {fold(account.id), fold(account.values.get(LOGIN)), fold(account.values.get(EMAIL))}
        guarded = bool(known_as & whole) or protected(night.world, person, account) or (person is not None and person.held)
        if guarded or situation in ("SOURCE_MISSING", "AMBIGUOUS", "FROZEN"):
            assert _held(night.members, account.id) == _held(night.world.members, account.id)
        if guarded or situation in ("SOURCE_MISSING", "AMBIGUOUS", "FROZEN", "UNASSIGNED"):
            assert night.after[account.id] == night.before[account.id]
    for account in night.world.accounts:
        assert night.after[account.id].attributes.get("note") == "kept"


def _held(members: frozenset[tuple[str, str]], account: str) -> set[str]:
    return {group for id_, group in members if id_ == account}


def no_write_takes_a_value_that_another_account_holds(night: Night) -> None:
    names = [*UNIQUE, *(name for name, rule in night.world.mapping["attributes"].items() if rule.get("unique"))]
    for earlier, later in zip(night.history, night.history[1:], strict=False):
        for id_, account in later.items():
            for name in names:
                value = fold(account.attributes.get(name))
                if not value or value == _value(earlier, id_, name):
                    continue
                assert [other for other in later if other != id_ and _value(later, other, name) == value] == []


def _value(accounts: Mapping[str, MemoryAccount], id_: str, name: str) -> str:
    return fold(accounts[id_].attributes.get(name)) if id_ in accounts else ""


def nobody_gets_a_second_account(night: Night) -> None:
    for operation in night.plan.operations:
        if operation.verb is not Verb.CREATE:
            continue
        person = night.expected.people[operation.anchor]
        assert night.expected.links.get(operation.anchor) not in night.before
        others = {id_ for id_ in night.before if (operation.anchor, id_, "different") not in night.world.link_decisions}
        for key in night.world.mapping["correlate"]:
            stated = key_of(person.values.get(key["identity"]), key)
            assert not stated or stated not in {key_of(night.before[id_].attributes.get(key["account"]), key) for id_ in others}


def what_was_decided_is_remembered(night: Night) -> None:
    for anchor, account, word in night.world.link_decisions:
        if anchor in night.expected.people and account in night.before:
            assert (night.links.get(anchor) == account) == (word == "same")


def what_is_taken_was_ours_or_is_fully_managed(night: Night) -> None:
    names = {group.id: group.name for group in night.world.groups}
    for operation in night.plan.operations:
        if operation.verb is Verb.REMOVE_MEMBER:
            ours = (operation.account_id, operation.entitlement_id) in night.world.granted
            leaves = operation.because.situation is Situation.UNQUALIFIED and night.world.mapping["leavers_lose"] == "all"
            assert ours or leaves or names[operation.entitlement_id] in night.world.mapping["fully_managed"]


def leavers_of_whom_all_is_taken_keep_nothing_that_can_be_taken(night: Night) -> None:
    if night.world.mapping["leavers_lose"] != "all" or night.plan.untrusted:
        return
    fixed = {group.id for group in night.world.groups if group.read_only}
    for operation in night.plan.operations:
        state = night.expected.people[operation.anchor].state if operation.anchor in night.expected.people else ""
        if operation.verb in (Verb.DEACTIVATE, Verb.SUSPEND) and state == "terminated":
            assert _held(night.members, operation.account_id) <= fixed


def what_was_given_is_remembered_and_nothing_else(night: Night) -> None:
    given = {(night.name(each.account_id), _of(night, each.operation_id).entitlement_id) for each in _done(night, Verb.ADD_MEMBER)}
    taken = {(night.name(each.account_id), _of(night, each.operation_id).entitlement_id) for each in _done(night, Verb.REMOVE_MEMBER)}
    assert {(night.name(id_), group) for id_, group in night.granted} == (night.world.granted | given) - taken


def _done(night: Night, verb: Verb) -> list:
    return [each for each in night.outcomes if _of(night, each.operation_id).verb is verb]


def _of(night: Night, operation_id: str):
    return next(operation for operation in night.plan.operations if operation.id == operation_id)


def a_login_is_never_changed_and_the_difference_is_told(night: Night) -> None:
    assert [each for each in night.plan.operations if each.verb is Verb.UPDATE and LOGIN in each.after] == []
    for person in night.expected.people.values():
        account = next((each for each in night.world.accounts if each.id == person.account), None)
        # Of an account that is in question nothing goes on, so that no attribute of it is said to stay.
        if person.situation == "CONFIRMED" and person.expected == "due" and account and not person.disputed:
            login = desired(night.world, person)[LOGIN]
            if login and login != account.values[LOGIN]:
                assert FindingKind.IMMUTABLE in _told(night, person.anchor) | _told(night, "")


def two_people_with_one_login_are_told_and_neither_is_created(night: Night) -> None:
    mails = {}
    for person in night.expected.people.values():
        if person.expected == "due" and person.situation in ("CONFIRMED", "FOUND", "ABSENT", "MISSING"):
            mails.setdefault(fold(desired(night.world, person)[LOGIN]), []).append(person.anchor)
    for mail, anchors in mails.items():
        if mail and len(anchors) > 1:
            for anchor in anchors:
                assert FindingKind.NOT_UNIQUE in _told(night, anchor)
                assert Verb.CREATE not in _writes(night, anchor)
                assert not _changed(night, anchor) & {LOGIN}


def whoever_lacks_what_is_required_gets_no_account_and_is_told(night: Night) -> None:
    needed = [name for name, rule in night.world.mapping["attributes"].items() if rule.get("required")]
    for person in night.expected.people.values():
        if person.expected == "due" and person.situation in ("CONFIRMED", "FOUND", "ABSENT"):
            want = desired(night.world, person)
            missing = {name for name in needed if not (want[name] or "").strip()}
            if missing:
                assert FindingKind.REQUIRED in _told(night, person.anchor)
                assert Verb.CREATE not in _writes(night, person.anchor)
                assert not _changed(night, person.anchor) & missing


def whoever_waits_is_told(night: Night) -> None:
    """Of protected people only what would have been written is told."""
    accounts = {account.id: account for account in night.world.accounts}
    for anchor in night.expected.barred | night.expected.refused:
        person = night.expected.people[anchor]
        if not person.held and not protected(night.world, person, accounts.get(person.account)):
            assert _told(night, anchor)


def everybody_who_is_frozen_is_counted_leavers_first(night: Night) -> None:
    """By source and cause; whoever left and can still sign in stands in front, by name. Protected people are to keep what they have."""
    accounts = {account.id: account for account in night.world.accounts}
    frozen, left = Counter[tuple[str, str]](), defaultdict[tuple[str, str], set[str]](set)
    for person in night.expected.people.values():
        account = accounts.get(person.account) if person.situation in ("CONFIRMED", "FOUND") else None
        works = account is not None and account.state in ("active", "unknown") and not protected(night.world, person, account)
        for cause in person.waits.items():
            frozen[cause] += 1
            left[cause] |= {person.anchor} if works and person.leaves else set()
    waiting = {(each.source, each.cause.value): each for each in night.plan.waiting}
    if "accounts" not in night.world.broken:
        assert {cause: each.people for cause, each in waiting.items()} == dict(frozen)
        assert {cause: each.leavers for cause, each in waiting.items()} == {cause: len(left[cause]) for cause in frozen}
    for cause, each in waiting.items():
        first = [who.rpartition("(")[2].rstrip(")") for who in each.sample[: each.leavers]]
        if each.cause is WaitCause.TARGET:
            # Whose accounts were not read: known by their links alone.
            assert "accounts" in night.world.broken
            assert first
            assert set(first) <= night.world.links.keys()
            continue
        assert first == sorted(left[cause])[: len(each.sample)]


def nothing_is_forgotten_of_who_may_be_in_a_source_that_is_in_doubt(night: Night) -> None:
    if night.world.doubtful:
        ruled = {anchor for anchor, _, _ in night.world.link_decisions} | {account for _, account, _ in night.world.link_decisions}
        for anchor, account in night.world.links.items():
            if anchor not in night.expected.people and not {anchor, account} & ruled:
                assert night.links.get(anchor) == account


def what_was_not_read_completely_is_told(night: Night) -> None:
    frozen = {finding.target for finding in night.plan.findings if finding.kind is FindingKind.FROZEN}
    doubted = {source.name for source in night.world.sources if source.name in night.world.broken or "" in source.unreadable}
    assert frozen - {TARGET} == doubted
    assert night.plan.untrusted or not doubted


def _told(night: Night, anchor: str) -> set[FindingKind]:
    return {finding.kind for finding in night.plan.findings if finding.anchor == anchor}


def _writes(night: Night, anchor: str) -> list[Verb]:
    return [each.verb for each in night.plan.operations if each.anchor == anchor]


def _changed(night: Night, anchor: str) -> set[str]:
    """The attributes that are written for somebody."""
    return {name for each in night.plan.operations if each.anchor == anchor and each.verb is Verb.UPDATE for name in each.after}


def what_depends_on_another_comes_after_it(night: Night) -> None:
    place = {operation.id: position for position, operation in enumerate(night.plan.operations)}
    for operation in night.plan.operations:
        assert all(place[needed] < place[operation.id] for needed in operation.depends_on)


LAWS: tuple[Callable[[Night], None], ...] = (
    everything_planned_is_done,
    everybody_has_exactly_one_situation,
    whoever_must_not_be_touched_is_not_touched,
    no_write_takes_a_value_that_another_account_holds,
    nobody_gets_a_second_account,
    what_was_decided_is_remembered,
    what_is_taken_was_ours_or_is_fully_managed,
    leavers_of_whom_all_is_taken_keep_nothing_that_can_be_taken,
    a_login_is_never_changed_and_the_difference_is_told,
    two_people_with_one_login_are_told_and_neither_is_created,
    whoever_lacks_what_is_required_gets_no_account_and_is_told,
    whoever_waits_is_told,
    everybody_who_is_frozen_is_counted_leavers_first,
    nothing_is_forgotten_of_who_may_be_in_a_source_that_is_in_doubt,
    what_was_not_read_completely_is_told,
    every_account_is_as_it_should_be,
    every_membership_is_as_it_should_be,
    what_was_given_is_remembered_and_nothing_else,
    what_depends_on_another_comes_after_it,
    the_next_plan_is_empty,
)
