"""The bytes of a plan: one canonical form, its digest, and back again."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec

from connectors.contract import Opening, Value
from reconcile.errors import NoSuchPlan, PlanDamaged
from reconcile.plan.model import (
    Because,
    BoundSystem,
    Candidate,
    Cause,
    CauseKind,
    Census,
    Finding,
    FindingKind,
    LinkChange,
    Operation,
    Plan,
    ReadScope,
    Severity,
    Situation,
    Verb,
    Verdict,
)
from reconcile.plan.naming import EntitlementName
from reconcile.plan.search_key import SearchKey
from reconcile.plan.waits import WaitCause, Waiting

FOLDER = "plans"
SHOWN = 12
"""How many digits of a digest a person sees and may type."""


def canonical(plan: Plan) -> bytes:
    """The plan without its digest: JSON, a member a line, UTF-8. The same plan always gives the same bytes.

    Keys stand as they are declared: fields as in the model, attributes as in the mapping. Only inside a value, where a system
    decides their order, they are sorted.
    """
    lines = []
    for each in fields(plan):
        value = getattr(plan, each.name)
        if each.name == "digest":
            continue
        if isinstance(value, tuple):
            inner = b",\n".join(_bytes(_declared(item)) for item in value)
            lines.append(b"%s:[\n%s\n]" % (_bytes(each.name), inner) if value else b"%s:[]" % _bytes(each.name))
        else:
            lines.append(b"%s:%s" % (_bytes(each.name), _bytes(value)))
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def digested(plan: Plan) -> Plan:
    """The plan with its digest: SHA-256 over its canonical bytes."""
    return replace(plan, digest=hashlib.sha256(canonical(plan)).hexdigest())


def save(plan: Plan, state: Path) -> Path:
    """Writes the plan under its digest and returns the file: on disk for good, and readable by its owner only."""
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{plan.digest}.json"
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    with partial.open("wb") as file:
        file.write(canonical(plan))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    _sync_folder(folder)
    return path


def _sync_folder(folder: Path) -> None:
    """Puts on disk which names a folder has: a file's own bytes do not say."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def load(state: Path, wanted: str) -> Plan:
    """The plan whose digest begins with `wanted`. Raises NoSuchPlan, and PlanDamaged where the bytes are not what the name says."""
    folder = state / FOLDER
    found = sorted(folder.glob(f"{wanted}*.json")) if wanted.isalnum() else []
    if len(found) != 1:
        raise NoSuchPlan(wanted or "yet", [path.stem[:SHOWN] for path in found])
    return _read(found[0])


def _read(path: Path) -> Plan:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()
    if digest != path.stem:
        raise PlanDamaged(path, "its bytes do not have the digest that its name says")
    try:
        return replace(_plan(json.loads(body)), digest=digest)
    except (TypeError, KeyError, ValueError) as error:
        raise PlanDamaged(path, f"it was written by another version ({error})") from error


def _plan(table: dict[str, Any]) -> Plan:
    """The values back from their JSON form. Raises TypeError, KeyError or ValueError for what is none."""
    return Plan(
        **{
            **table,
            "scopes": tuple(ReadScope(**each) for each in table["scopes"]),
            "census": tuple(_census(each) for each in table["census"]),
            "operations": tuple(_operation(each) for each in table["operations"]),
            "findings": tuple(_finding(each) for each in table["findings"]),
            "verdicts": tuple(Verdict(**each) for each in table["verdicts"]),
            "links": tuple(LinkChange(**each) for each in table["links"]),
            # Plans of before have none.
            "names": tuple(EntitlementName(**each) for each in table.get("names", ())),
            "causes": tuple(_cause(each) for each in table["causes"]),
            "waiting": tuple(_waiting(each) for each in table["waiting"]),
            "systems": {name: BoundSystem(**each) for name, each in table["systems"].items()},
        }
    )


def _census(table: dict[str, Any]) -> Census:
    situations = {Situation(name): count for name, count in table["situations"].items()}
    return Census(**{**table, "situations": situations})


def _operation(table: dict[str, Any]) -> Operation:
    because = table["because"]
    why = Because(**{**because, "situation": Situation(because["situation"])})
    absent = tuple(SearchKey(**{**each, "held_by": tuple(each["held_by"])}) for each in table["absent"])
    words = {"verb": Verb(table["verb"]), "opening": Opening(table["opening"])}
    return Operation(**{**table, **words, "because": why, "depends_on": tuple(table["depends_on"]), "absent": absent})


def _finding(table: dict[str, Any]) -> Finding:
    candidates = tuple(Candidate(**each) for each in table["candidates"])
    return Finding(**{**table, "kind": FindingKind(table["kind"]), "severity": Severity(table["severity"]), "candidates": candidates})


def _waiting(table: dict[str, Any]) -> Waiting:
    return Waiting(**{**table, "cause": WaitCause(table["cause"]), "sample": tuple(table["sample"])})


def _cause(table: dict[str, Any]) -> Cause:
    return Cause(**{**table, "verb": Verb(table["verb"]), "kind": CauseKind(table["kind"])})


def _declared(member: object) -> object:
    """An operation with the values of its attributes in one form, whatever order their system gave the keys inside them.

    A verdict without the override: that is said of a plan, and is no part of it.
    """
    if isinstance(member, Verdict):
        return {each.name: getattr(member, each.name) for each in fields(member) if each.name != "override"}
    if isinstance(member, Operation):
        sides = (member.before, member.after, member.account)
        if not all(_plain(value) for side in sides for value in side.values()):
            return replace(member, before=_sorted(member.before), after=_sorted(member.after), account=_sorted(member.account))
    return member


def _plain(value: Value) -> bool:
    return value is None or isinstance(value, str | bool | int)


def _sorted(values: Mapping[str, Value]) -> Mapping[str, Value]:
    return {name: _one_form(value) for name, value in values.items()}


def _one_form(value: Value) -> Value:
    match value:
        case Mapping():
            return {name: _one_form(inner) for name, inner in sorted(value.items())}
        case list() | tuple():
            return [_one_form(inner) for inner in value]
        case float() if not math.isfinite(value):
            # JSON has no such number, and a null would say "clear it".
            return str(value)
        case _:
            return value


def _bytes(value: object) -> bytes:
    return msgspec.json.encode(value)
