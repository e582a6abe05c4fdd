"""Finds new accounts for people who are known already under another key: a wholesale change of keys is a reason to stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.quoting import quoted
from reconcile.plan.impact import Impact, number_of
from reconcile.plan.model import Operation, Verb
from reconcile.store.connection import Store


def changed_keys(store: Store, target: str, operations: Iterable[Operation]) -> dict[str, str]:
    """Returns, by anchor of a created account, the anchor of the linked person who is gone and looks like the same one.

    Judges the target. The keys are those that the mappings compute, whatever changed: rows, or an expression.
    """
    creates = {each.anchor: each.who for each in operations if each.verb is Verb.CREATE and each.anchor}
    if not creates or not store.value("gone_people", target=target):
        return {}
    store.do("make_key_core", "make_login_core")
    return dict(store.rows("changed_keys", target=target, anchors=list(creates), logins=list(creates.values())))


def changed_keys_sentence(target: str, pairs: Mapping[str, str], concerned: Sequence[Operation], size: Impact) -> str:
    """States how many keys changed, with the first pair, and what would follow."""
    new = min(each.anchor for each in concerned)
    keys = "the key of 1 person" if size.accounts == 1 else f"the keys of {size.accounts:,} people"
    return (
        f"{keys} changed ({quoted(pairs[new])} is {quoted(new)} by now?): a row with another key counts as another person, and "
        f"{number_of(size.accounts, 'second account')} would be created in {target}"
    )
