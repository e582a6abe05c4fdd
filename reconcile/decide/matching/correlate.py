"""Correlates identities with the accounts of one target: every identity and every account has exactly one situation.

Leaves the working tables `eligibility`, `account`, `desired`, `identity_situation` and `account_situation` for the questions that follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from connectors.contract import AccountState, Traits
from mappings.expressions import Language, parse_expression
from mappings.rules import CorrelationKey, Normalisation, TargetMapping
from reconcile.decide.fragment import TargetContext
from reconcile.decide.identities.standing import Life
from reconcile.decide.matching.doubts import Doubt
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.decide.matching.member_rules import Elsewhere, ask_elsewhere
from reconcile.forms import compatible_class, compatible_forms
from reconcile.plan.model import Candidate, Census, LifecycleState, Situation
from reconcile.store.connection import Store
from reconcile.store.values import json_path

CROWD = 20
"""People, and accounts, of one key that are paired each with each: as many as a finding lists."""
NAMED = 4
"""People, and accounts, of a crowd that are paired with each of the other side: one more than a sentence names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMatch:
    """One identity in one target."""

    anchor: str
    name: str
    state: LifecycleState
    life: Life | None
    """Lifecycle values in their source."""
    expected: Eligibility
    situation: Situation
    account_id: str
    login: str
    account_state: AccountState | None
    """None where there is no account."""
    status: str
    found_by: int | None
    """The number of the correlation key that found the account (from 1); None for a link."""
    found_value: str
    """Value of that key on the account."""
    doubt: Doubt | None
    candidates: tuple[Candidate, ...]
    """The accounts that match, where it is in doubt which is theirs."""
    candidate_works: bool = False
    """Whether one of these can be used."""
    suspended_by_us: bool = False
    """Whether this job suspended or deactivated the account, and no read showed another state since."""


@dataclass(frozen=True, slots=True)
class LinkConflict:
    """A linked pair that a key contradicts: the first one that both sides state (the columns of `link_conflicts`)."""

    anchor: str
    name: str
    account_id: str
    login: str
    attribute: str
    by_anchor: bool
    """Whether the key says what the anchor says: then the difference is no rename."""
    wanted: str
    carried: str
    other_account: str
    """The account that carries the person's key; empty where none does."""
    other_login: str
    other_anchor: str
    """The person that it is linked to."""
    other_name: str
    people: Sequence[Sequence[str]]
    """The first of those whose key the linked account carries (name, anchor); empty where that is not asked, or there is none."""
    total: int
    """Number of all of them."""
    swapped: bool
    """Whether the other account's person has it the other way round."""


@dataclass(frozen=True, slots=True)
class DecidedLink:
    """A pair that a decision makes or ends (the columns of `decided_links`)."""

    anchor: str
    account_id: str
    forget: bool
    decided: tuple[str, str]
    """The pair that was decided about."""
    login: str
    name: str


class CarriedAnchor(NamedTuple):
    """The anchor of a person with another account, in an attribute of an unmatched one (the last columns of `unmatched_accounts`)."""

    attribute: str
    anchor: str
    name: str
    leaving: bool
    """Whether the person should have no working account."""
    own_login: str
    """Login of the account that is theirs, else its id."""


@dataclass(frozen=True, slots=True)
class UnmatchedAccount:
    """One account without an identity: unmatched (UNASSIGNED), or of a person who is missing from all sources (SOURCE_MISSING)."""

    account_id: str
    anchor: str
    situation: Situation
    login: str
    state: AccountState
    status: str
    """The system's own word for the state."""
    carried: CarriedAnchor | None = None


@dataclass(frozen=True, slots=True)
class StaleLink:
    """A link to an account that is gone."""

    anchor: str
    account_id: str
    both_gone: bool
    """Whether the person is gone, too; else they should have no account."""


@dataclass(frozen=True, slots=True)
class MovedLink:
    """A link that is remembered by another anchor than the one its person is known by now."""

    remembered_as: str
    anchor: str
    account_id: str
    kept: bool
    """Whether the pair is to be remembered by the person's own anchor."""
    name: str
    login: str


@dataclass(frozen=True, slots=True)
class Correlation:
    """Result of correlating one target."""

    matches: tuple[IdentityMatch, ...]
    unmatched: tuple[UnmatchedAccount, ...]
    stale_links: tuple[StaleLink, ...]
    moved_links: tuple[MovedLink, ...]
    conflicts: tuple[LinkConflict, ...]
    decided_links: tuple[DecidedLink, ...]
    ineffective: tuple[tuple[str, str, bool, bool], ...]
    """Decisions (anchor, account id) whose person or account is not there, with which of the two is."""
    census: Census
    absence_proven: bool = True
    """Whether every source can show who is in none."""


def correlate(store: Store, view: TargetContext, language: Language, name_attribute: str, elsewhere: Elsewhere) -> Correlation:
    """The situations in one target, from the latest snapshots, the remembered links, the decisions about pairs and the correlation keys."""
    make_situations(store, view, language, name_attribute, elsewhere)
    return _read(store, view.mapping.target)


def make_situations(store: Store, view: TargetContext, language: Language, name_attribute: str, elsewhere: Elsewhere) -> None:
    """Makes the relations of `correlate`, without reading them."""
    mapping = view.mapping
    make_forms(store)
    asked = bool(mapping.if_member_of)
    store.relations.derive(
        "qualification" if asked else "who", "identity", {"qualifies": mapping.who, "name": name_attribute}, kept=["anchor"]
    )
    if asked:
        store.do("narrow_who", doubtful=bool(ask_elsewhere(store, mapping.if_member_of, elsewhere).unknown))
    store.relations.derive_list("desired", "identity", "anchor", [rule.expression for rule in mapping.attributes.values()])
    _derive_keys(store, mapping, language)
    store.do("make_eligibility", leave=mapping.leave)
    store.do("make_own_suspensions", "make_unshown_suspensions", target=mapping.target)
    _make_accounts(store, view)
    _set_link_decisions(store, view)
    _set_keys(store, view, language)
    store.do("make_remembered", "make_open_links", "make_conflicting_links", "make_links", target=mapping.target)
    store.do("make_shared_accounts", "make_account_owners")
    store.do("make_keys_of_accounts", "make_wanted_keys")
    store.do("make_candidates", "make_shared_keys", "make_keyless", "make_contradictions", "make_link_conflicts", crowd=CROWD, named=NAMED)
    store.do("make_identity_situations", "make_account_situations", "make_beside", "make_doubts")


def census_of(store: Store, target: str) -> Census:
    """Counts the people and accounts of one target in each situation."""
    counts = {Situation(situation): count for situation, count in store.rows("situation_counts")}
    return Census(target=target, situations=counts, accounts=store.value("working_accounts"))


def key_attributes(mapping: TargetMapping, traits: Traits) -> tuple[str, ...]:
    """The attributes that accounts are known by: those of the correlation keys, then login and e-mail address."""
    return (*(key.account for key in mapping.correlate), traits.login, traits.email)


def _make_accounts(store: Store, view: TargetContext) -> None:
    """Makes `account` from the wide copy; from the JSON of the history where the copy does not have what the mapping names."""
    names, keys = tuple(view.mapping.attributes), key_attributes(view.mapping, view.traits)
    if store.wide.show_accounts(view.mapping.target, names, keys):
        store.do("make_accounts_of_copy")
    else:
        paths, key_paths = [json_path(name) for name in names], [json_path(name) for name in keys]
        store.do("make_accounts", target=view.mapping.target, paths=paths, key_paths=key_paths)


def make_forms(store: Store) -> None:
    """Makes the comparable forms of texts (`forms.sql`)."""
    if not store.value("knows_compatible_forms"):
        store.do("set_compatible_letters", letters="".join(compatible_forms()))
        store.do("set_usual_letters", letters="".join(compatible_forms().values()))
        store.do("set_compatible_class", letters=compatible_class())
    store.do("make_odd", "make_trimmed", "make_seen", "make_plain_of_odd", "make_plain")
    store.do("make_lower_letters", "make_one_case", "make_comparable", "make_blank")


def _set_link_decisions(store: Store, view: TargetContext) -> None:
    decisions = [{"anchor": each.anchor, "account_id": each.account_id, "decision": each.decision.value} for each in view.link_decisions]
    store.do("make_stated_decisions", decisions=decisions)
    store.do("make_resolved_decisions", "make_link_decisions")


def _derive_keys(store: Store, mapping: TargetMapping, language: Language) -> None:
    """Makes the values of people's keys; a key that states the anchor also by each anchor that a person has beside their own."""
    stated = [key.identity for key in mapping.correlate]
    by_anchor = [key.identity if _states_the_anchor(key, language) else "CAST(NULL AS VARCHAR)" for key in mapping.correlate]
    store.do("make_other_anchors")
    store.relations.derive_list("identity_keys", "identity", "anchor", stated)
    store.relations.derive_list("other_anchor_keys", "other_anchor", "identity", by_anchor)
    store.do("make_keys_of_people")


def _set_keys(store: Store, view: TargetContext, language: Language) -> None:
    by_anchor = [_states_the_anchor(key, language) for key in view.mapping.correlate]
    # Keys that state the anchor are judged first, wherever they stand in the file.
    strongest_first = sorted(range(len(by_anchor)), key=lambda place: not by_anchor[place])
    rules = [
        {
            "rank": place + 1,
            "strength": strongest_first.index(place) + 1,
            "attribute": key.account,
            "any_case": Normalisation.CASE in key.normalise,
            "trimmed": Normalisation.TRIM in key.normalise,
            "composed": Normalisation.UNICODE in key.normalise,
            "no_zeros": Normalisation.ZEROS in key.normalise,
            "by_anchor": by_anchor[place],
        }
        for place, key in enumerate(view.mapping.correlate)
    ]
    store.do("make_one_form", "make_any_case", "make_folded", "make_key_rules", rules=rules)


def _states_the_anchor(key: CorrelationKey, language: Language) -> bool:
    return {name.lower() for name in parse_expression(key.identity, language).columns} == {"anchor"}


def _read(store: Store, target: str) -> Correlation:
    matches = tuple(_identity_match(*row) for row in store.rows("identity_situations"))
    unmatched = tuple(
        UnmatchedAccount(
            account_id, anchor, Situation(situation), login, AccountState(state), status, CarriedAnchor(*carried) if carried[0] else None
        )
        for account_id, anchor, situation, login, state, status, *carried in store.rows("unmatched_accounts")
    )
    absence_proven = not store.value("unclear_rows")
    return Correlation(
        matches,
        unmatched,
        tuple(StaleLink(*row) for row in store.rows("stale_links", target=target, absence_proven=absence_proven)),
        tuple(MovedLink(*row) for row in store.rows("moved_links")),
        tuple(LinkConflict(*row) for row in store.rows("link_conflicts")),
        tuple(
            DecidedLink(anchor, account_id, forget, (decided_anchor, decided_account), login, name)
            for anchor, account_id, forget, decided_anchor, decided_account, login, name in store.rows("decided_links")
        ),
        tuple(store.rows("ineffective_decisions")),
        census_of(store, target),
        absence_proven,
    )


def _identity_match(*row: Any) -> IdentityMatch:
    """A row of `identity_situations`."""
    (
        anchor,
        name,
        state,
        life,
        expected,
        account_id,
        rank,
        found_value,
        situation,
        login,
        account_state,
        status,
        found,
        candidate_works,
        suspended_by_us,
        *doubt,
    ) = row
    return IdentityMatch(
        anchor=anchor,
        name=name,
        state=LifecycleState(state),
        life=Life.of(life),
        expected=Eligibility(expected),
        situation=Situation(situation),
        account_id=account_id,
        login=login,
        account_state=AccountState(account_state) if account_state else None,
        status=status,
        found_by=rank,
        found_value=found_value or "",
        doubt=Doubt.of(*doubt),
        candidates=tuple(Candidate(*each) for each in found),
        candidate_works=candidate_works,
        suspended_by_us=suspended_by_us,
    )
