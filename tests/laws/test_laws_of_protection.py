"""Whatever form an entry of `[protected]` has, no operation of any verb is about the account or the person, in a plan, in a run or in an undo.

The entries are written by this test from the account that they are to protect, and what is about it is judged here, without the engine's
own matching.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from reconcile.decide.protection.protected import without_protected
from reconcile.plan.model import OutcomeKind, Plan, Run
from tests.support.companies.engine import TRAITS, Lab, lab
from tests.support.companies.world import TARGET, Account, World
from tests.support.undoing import inverse

from .effort import FORMS, READS
from .strategies import worlds

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
Disguise = Callable[[str], str]
DISGUISES: tuple[Disguise, ...] = (
    lambda name: name,
    str.upper,
    lambda name: f"  {name}\t",
    lambda name: name.translate(FULL_WIDTH),
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: name[:1] + "\u200b" + name[1:],
    lambda name: name[:1] + "?" + name[2:],
    lambda name: name[:2] + "*",
    lambda name: "*" + name[-3:],
)


def entry_for(account: Account, form: str, disguise: Disguise) -> Mapping[str, Any]:
    """An entry that protects the account: by a name that only it has, by a group that only it is in, or by a condition."""
    match form:
        case "group":
            return {"groups": {TARGET: [disguise("Glass \u00e9mergency")]}}
        case "condition":
            return {"accounts_where": {TARGET: f"record_id = '{account.id}'"}}
        case "id":
            return {"accounts": {TARGET: [disguise(account.id)]}}
        case _:
            return {"accounts": {TARGET: [disguise(str(account.values[form]))]}}


def with_names(world: World, account: Account, value: str) -> World:
    """The account with further addresses that nobody else has."""
    named = replace(account, values={**account.values, "secondEmail": value, "emails.home": f"home.{value}"})
    return replace(world, accounts=tuple(named if each.id == account.id else each for each in world.accounts))


def add_group(bench: Lab, account: Account) -> None:
    some = next(iter(bench.target.entitlements.values()))
    bench.target.entitlements["g-glass"] = some._replace(id="g-glass", name="Glass \u00e9mergency", read_only="")
    bench.target.members.add((account.id, "g-glass"))


def about(plan: Plan, account: Account) -> set[str]:
    return {each.id for each in plan.operations if each.account_id == account.id}


def test_protected_account_is_in_no_operation(tmp_path: Path) -> None:
    forms = st.sampled_from(["login", "secondEmail", "emails.home", "id", "group", "condition"])

    @FORMS
    @given(worlds(whole=True), forms, st.sampled_from(DISGUISES), st.integers(0, 1_000_000))
    def law(world: World, form: str, disguise: Disguise, seed: int) -> None:
        if not world.accounts or not world.groups:
            return
        world = replace(world, protected_people=(), protected_accounts=())
        account = random.Random(seed).choice(concerned(world, tmp_path) or world.accounts)
        world = with_names(world, account, "z\u00f6e.own@elsewhere")
        account = next(each for each in world.accounts if each.id == account.id)
        if form not in account.values and form not in ("id", "group", "condition"):
            return
        entry = entry_for(account, form, disguise)
        with lab(world, tmp_path) as bench:
            add_group(bench, account)
            bench.extract()
            unprotected = bench.plan(deletions=True)
            for verb in {each.verb.value for each in unprotected.operations if each.id in about(unprotected, account)}:
                event(f"{form}: {verb}")
            bench.world = replace(world, protected=entry)
            assert about(bench.plan(deletions=True), account) == set()
            before = bench.target.accounts[account.id], held_by(bench, account)
            outcomes = {each.operation_id: each for each in bench.apply(unprotected)}
            assert (bench.target.accounts[account.id], held_by(bench, account)) == before
            assert {outcomes[each].kind for each in about(unprotected, account)} <= {
                OutcomeKind.HELD,
                OutcomeKind.ALREADY,
                OutcomeKind.MOVED,
            }

    law()


def test_protected_person_is_in_no_operation(tmp_path: Path) -> None:
    forms = st.sampled_from(["anchor", "pattern", "condition"])

    @READS
    @given(worlds(whole=True), forms, st.integers(0, 1_000_000))
    def law(world: World, form: str, seed: int) -> None:
        world = replace(world, protected_people=(), protected_accounts=())
        with lab(world, tmp_path) as bench:
            bench.extract()
            unprotected = bench.plan(deletions=True)
            anchors = sorted({each.anchor for each in unprotected.operations if each.anchor})
            if not anchors:
                return
            anchor = random.Random(seed).choice(anchors)
            entry = {
                "anchor": {"people": [f" {anchor} "]},
                "pattern": {"people": [f"{anchor[:-1]}?"]},
                "condition": {"people_where": f"anchor = '{anchor}'"},
            }[form]
            bench.world = replace(world, protected=entry)
            if form == "condition" and not any(row.columns.get("no") == anchor for source in world.sources for row in source.rows):
                return  # a condition holds for people whom a source states
            assert [each for each in bench.plan(deletions=True).operations if each.anchor == anchor] == []

    law()


def test_undo_is_not_about_a_protected_account(tmp_path: Path) -> None:
    forms = st.sampled_from(["login", "id", "group", "condition"])

    @READS
    @given(worlds(whole=True), forms, st.sampled_from(DISGUISES), st.integers(0, 1_000_000))
    def law(world: World, form: str, disguise: Disguise, seed: int) -> None:
        world = replace(world, protected_people=(), protected_accounts=())
        touched = concerned(world, tmp_path)
        if not touched or not world.groups:
            return
        account = random.Random(seed).choice(touched)
        with lab(world, tmp_path) as bench:
            add_group(bench, account)
            bench.extract()
            plan = bench.plan()
            run = Run(id="R", plan_digest=plan.digest, live=True, started="", ended="", outcomes=bench.apply(plan))
            now = bench.target.accounts.get(account.id)
            if now is None or (form == "login" and "login" not in now.attributes):
                return
            account = replace(account, values=now.attributes)
            bench.world = replace(world, protected=entry_for(account, form, disguise))
            bench.extract()
            back = without_protected(inverse(plan, run), bench.protection(), {TARGET: TRAITS})
            assert about(back, account) == set()

    law()


def concerned(world: World, folder: Path) -> list[Account]:
    """The accounts that the plan does something about."""
    with lab(world, folder) as bench:
        bench.extract()
        ids = {each.account_id for each in bench.plan(deletions=True).operations}
    return [each for each in world.accounts if each.id in ids]


def held_by(bench: Lab, account: Account) -> set[str]:
    return {group for holder, group in bench.target.members if holder == account.id}
