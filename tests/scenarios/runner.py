"""A folder that tells a story, as a project that runs: its people, its accounts, its mapping, night after night."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import BaseModel, ConfigDict

from connectors.contract import AccountState, Capability, Entitlement, EntitlementKind, Traits
from connectors.declaration import DeclaredAttribute
from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from connectors.registry import BUILT_IN, Connector
from reconcile.apply.journal import EntryKind, Journal
from reconcile.clock import Clock
from reconcile.plan.model import Because, LinkChange, Operation, Outcome, OutcomeKind, Plan, Run, Situation, Verb
from reconcile.report.formats.text import show
from reconcile.report.labels import run_words
from reconcile.usecases.planning import PlanRequest
from reconcile.usecases.session import Session

from .systems import KINDS

TARGET = "app"
WEEK = 7 * 24 * 3600
"""Seconds."""
BEFORE = "before-the-story"
"""The run that made the links and gave the memberships that accounts.json speaks of."""
_PART = re.compile(r"^# --- (\w+\.toml) -*$", re.MULTILINE)
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_targets: dict[Path, MemoryTarget] = {}


class MemorySettings(BaseModel):
    """A target in this process has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def connect(name: str, settings: MemorySettings, base: Path) -> MemoryTarget:
    """The target of a project folder: the same one each time, as behind a wire."""
    return _targets[base]


@dataclass
class Night:
    """The moment at which a night happens, whenever the story is told."""

    at: datetime = datetime(2026, 3, 2, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Scenario:
    """One story's folder, and the project that it became."""

    told: Path
    """The folder of the story."""
    project: Path
    target: MemoryTarget
    night: Night

    def begin(self, number: int, day: date, *, missing: Iterable[str] = (), old: Iterable[str] = ()) -> None:
        """The files of one night lie there, exported that night: those that changed are named `people_2.csv`, `mapping_2.toml`.

        `missing` ones did not come, and `old` ones are a week old.
        """
        self.night.at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        for path in sorted(self.told.glob("*.csv")):
            name, _, night = path.stem.partition("_")
            if night in (str(number), "") and (night or number == 1):
                shutil.copyfile(path, self.project / "hr" / f"{name}.csv")
        for path in (self.project / "hr").iterdir():
            exported = self.night.at.timestamp() - (WEEK if path.stem in old else 0)
            os.utime(path, (exported, exported))
        for name in missing:
            (self.project / "hr" / f"{name}.csv").unlink()
        mapping = self.told / ("mapping.toml" if number == 1 else f"mapping_{number}.toml")
        if mapping.exists():
            _write_mappings(mapping.read_text(encoding="utf-8"), self.project / "mappings")

    def plan(self, *, deletions: bool = False, renames: bool = False) -> Plan:
        """Reads everything and plans."""
        self._session().extract(lambda _system, _pages: None)
        request = PlanRequest(deletions=deletions, renames=renames)
        in_bulk = self._session().plan(self.night.at.date(), replace(request, bulk_from=0))
        if isinstance(in_bulk.operations, tuple):
            # No addition of a membership: nothing was decided in another way.
            return in_bulk
        plan = self._session().plan(self.night.at.date(), request)
        # Saved from rows of a relation, however few they are, it is the same plan.
        assert (in_bulk.digest, tuple(in_bulk.operations)) == (plan.digest, tuple(plan.operations))
        return plan

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.night.at)

    def _session(self) -> Session:
        return Session.open(self.project, self.clock)

    def apply(self, plan: Plan) -> Run:
        """Carries a plan out."""
        return self._session().apply(plan, lambda _outcome: None)


@contextlib.contextmanager
def scenario(told: Path, project: Path) -> Iterator[Scenario]:
    """The story of a folder, set up in an empty one."""
    world = json.loads((told / "accounts.json").read_text(encoding="utf-8"))
    (project / "hr").mkdir(parents=True)
    (project / "mappings").mkdir()
    (project / "reconcile.toml").write_text(_settings(told), encoding="utf-8")
    target = _targets[project] = _target(world)
    place = Connector(f"{__name__}:MemorySettings", f"{__name__}:connect")
    try:
        with contextlib.ExitStack() as patches:
            patches.enter_context(patch.dict(BUILT_IN, memory=place))
            made = Scenario(told, project, target, Night())
            _remember(world, project / "state", made.clock)
            yield made
    finally:
        del _targets[project]


def report(plan: Plan, run: Run | None = None) -> str:
    """What a reviewer reads, without what differs from one execution to the next."""
    text = show(plan, run, width=120, colour=False).replace(plan.digest[:12], "<the digest>")
    if run and run.live:
        text = text.replace(run_words(run), "run <this run>, at <a time>")
    return _RUN.sub("<a run of before>", text.replace(run.id, "<this run>") if run and run.id else text)


def _settings(told: Path) -> str:
    """reconcile.toml: a connector for each file of people, the target, and what the folder adds."""
    parts = ['[project]\nname = "story"\n']
    for path in sorted(told.glob("*.csv")):
        if "_" not in path.stem:
            with path.open(encoding="utf-8", newline="") as file:
                header = next(csv.reader(file))
            parts.append(
                f'[connectors.{path.stem}]\ntype = "hr_csv"\npath = "hr/{path.name}"\ncompanion = "none"\n'
                f'columns = {json.dumps(header)}\nkey = ["{header[0]}"]\nnull_spellings = [""]\n'
            )
    parts.append(f'[connectors.{TARGET}]\ntype = "memory"\n')
    more = told / "reconcile.toml"
    return "\n".join([*parts, more.read_text(encoding="utf-8") if more.exists() else ""])


def _write_mappings(text: str, folder: Path) -> None:
    """The files that one text holds, each after a line with its name."""
    _, *parts = _PART.split(text)
    assert parts, "no line says which file begins: # --- identities.toml ---"
    for name, part in zip(parts[::2], parts[1::2], strict=True):
        (folder / name).write_text(part, encoding="utf-8")


def _target(world: Mapping[str, Any]) -> MemoryTarget:
    traits = Traits(
        login="login",
        email="email",
        immutable=frozenset(world.get("immutable", ())),
        unique=frozenset(world.get("unique", ("login", "email"))),
        required=frozenset(world.get("required", ())),
        not_case_exact=frozenset(world.get("not_case_exact", ())),
        can=Capability(suspend=True, suspend_from=frozenset(world["suspend_from"]) if "suspend_from" in world else None, delete=True),
    )
    groups = world.get("groups", [])
    target = KINDS[world.get("kind", "obedient")](
        TARGET,
        traits,
        accounts=[_account(each) for each in world["accounts"]],
        entitlements=[
            Entitlement(
                each.get("id", each["name"]),
                EntitlementKind.GROUP,
                each["name"],
                read_only=each.get("read_only", ""),
                privileged=each.get("privileged", False),
                type=each.get("kind", ""),
            )
            for each in groups
        ],
        members=[(holder, each.get("id", each["name"])) for each in groups for holder in each.get("members", ())],
    )
    if "declared" in world:
        target.declared = {name: DeclaredAttribute(**rules) for name, rules in world["declared"].items()}
    return target


def _account(told: Mapping[str, Any]) -> MemoryAccount:
    attributes = {name: value for name, value in told.items() if name not in ("id", "state", "status")}
    return MemoryAccount(told["id"], AccountState(told.get("state", "active")), attributes, status=told.get("status", ""))


def _remember(world: Mapping[str, Any], state: Path, clock: Clock) -> None:
    """Writes into the journal what an earlier run would have: links, and the memberships that this job gave."""
    links = [
        LinkChange(target=TARGET, anchor=anchor, account_id=account, because="found by number")
        for anchor, account in world.get("links", {}).items()
    ]
    given = [
        (holder, each["name"], each.get("id", each["name"]))
        for each in world.get("groups", [])
        for holder in each.get("given_by_this_job", ())
    ]
    with contextlib.closing(Journal(state, clock)) as journal:
        journal.begin(BEFORE, "")
        journal.link(BEFORE, links)
        for operation in map(_addition, *zip(*given, strict=True)) if given else ():
            outcome = Outcome(operation_id=operation.id, kind=OutcomeKind.DONE, account_id=operation.account_id)
            journal.conclude(BEFORE, operation, outcome, (EntryKind.GRANT,))
        journal.end(BEFORE)


def _addition(account: str, group: str, id_: str) -> Operation:
    return Operation(
        id=f"{account}+{group}",
        target=TARGET,
        verb=Verb.ADD_MEMBER,
        anchor="",
        account_id=account,
        who="",
        name="",
        entitlement_id=id_,
        because=Because(situation=Situation.CONFIRMED, rule=f"{TARGET}: groups.{group}", detail=""),
    )


def held(target: MemoryTarget) -> dict[str, tuple[MemoryAccount, frozenset[str]]]:
    """Every account with the groups it holds, by id."""
    return {id_: (each, groups_of(target, id_)) for id_, each in target.accounts.items()}


def groups_of(target: MemoryTarget, account: str) -> frozenset[str]:
    return frozenset(group for holder, group in target.members if holder == account)


def members_of(target: MemoryTarget, group: str) -> list[str]:
    """The holders of a group, which is meant by its id or by its name now."""
    meant = {id_ for id_, each in target.entitlements.items() if group in (id_, each.name)}
    return sorted(holder for holder, held_group in target.members if held_group in meant)
