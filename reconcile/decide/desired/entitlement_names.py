"""Resolves the names in mappings to groups, apps and roles of a target, also after they were renamed there.

A name means what has it; of several, the one that it meant before, else the one whose memberships can be changed. What a name meant when a live run used it is remembered by
id: once nothing has the name, it still means that. `id:` and an id name one directly; `kind:`, a kind of groups, `:` and a name leave only those of that kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Self

from connectors.quoting import quoted
from mappings.push import BY_ID
from mappings.rules import BY_KIND
from reconcile.decide.fragment import TargetContext
from reconcile.forms import plain
from reconcile.plan.model import Finding, FindingKind, Severity
from reconcile.plan.naming import EntitlementName
from reconcile.store.connection import Store

NEW = "\x1f"
"""Prefix of the id of a group that this plan creates, before its name; no system gives such an id."""

Why = tuple[FindingKind, str]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A group, an app or a role of the target."""

    id: str
    kind: str
    name: str
    read_only: str
    privileged: bool
    type: str = ""
    """Kind of a group, in the target's own word."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The meaning of one name."""

    id: str | None
    """None where that cannot be told."""
    ids: tuple[str, ...]
    """The entitlements that have the name."""
    types: tuple[str, ...]
    """Kind of each of them."""
    renamed_id: str
    """The one that had it, and goes by another name now; empty for none."""
    now: str
    """Name that it has now."""


def prepare_names(store: Store, target: str, rules: Mapping[str, str]) -> None:
    """Leaves the working tables of the names of one target's entitlements. `rules`: by name, what each names; empty where that is computed."""
    store.do("make_remembered_names", target=target, rules=list(rules), named=list(rules.values()))
    store.do("make_entitlement_names", "make_used_names", "make_pending_names")


@dataclass(slots=True)
class _Unwritten:
    """Names that the store does not know yet."""

    store: Store
    added: list[Entitlement] = field(default_factory=list)
    used: list[tuple[str, str, str | None, str]] = field(default_factory=list)
    """Kind, name, what it means, and who uses it."""
    gathering: bool = False

    def write(self) -> None:
        """Writes them, unless more are gathered."""
        if self.gathering:
            return
        if self.added:
            ids, kinds, names = zip(*((each.id, each.kind, each.name) for each in self.added), strict=True)
            self.store.do("add_new_entitlements", "add_entitlement_names", ids=ids, kinds=kinds, names=names)
            self.added.clear()
        if self.used:
            kinds, names, entitlement_ids, users = zip(*self.used, strict=True)
            self.store.do("use_names", kinds=kinds, names=names, entitlement_ids=entitlement_ids, users=users)
            self.used.clear()


@dataclass(frozen=True, slots=True)
class EntitlementNames:
    """The names of one target's entitlements."""

    _store: Store
    _known: dict[str, Entitlement]
    _unwritten: _Unwritten
    _meanings: dict[tuple[str, str], _Meaning] = field(default_factory=dict)
    _alike: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, store: Store) -> Self:
        """Returns the names that were prepared last, for the target at hand."""
        names = cls(store, {row[0]: Entitlement(*row) for row in store.rows("entitlements")}, _Unwritten(store))
        for kind, name, id_, ids, types, renamed_id, now in store.rows("entitlement_names"):
            names._put(kind, name, _Meaning(id_, tuple(ids), tuple(types), renamed_id, now))
        return names

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Writes what is added and used meanwhile at its end, in one statement each: a rule may create a group for every team. No statement may
        ask for the names before.
        """
        self._unwritten.gathering = True
        try:
            yield
        finally:
            self._unwritten.gathering = False
        self._unwritten.write()

    def _put(self, kind: str, name: str, meaning: _Meaning) -> None:
        self._meanings[kind, name] = meaning
        if meaning.ids:
            self._alike[kind, alike(name)].append(name)

    def exists(self, kind: str, name: str) -> bool:
        """Whether anything has the name, or had it and is still there."""
        return name.startswith(BY_ID) or (kind, name) in self._meanings

    def like(self, kind: str, name: str) -> list[str]:
        """The names that are told from this one by nothing that a person goes by."""
        return sorted(self._alike.get((kind, alike(name)), ()))

    def add(self, made: Entitlement) -> None:
        """One that this plan creates."""
        self._known[made.id] = made
        self._put(made.kind, made.name, _Meaning(made.id, (made.id,), ("",), "", ""))
        self._unwritten.added.append(made)
        self._unwritten.write()

    def rename(self, id_: str, name: str) -> None:
        """One that this plan gives a new name: both names mean it."""
        self._known[id_] = replace(self._known[id_], name=name)
        if ("group", name) not in self._meanings:
            self._store.do("add_entitlement_names", ids=[id_], kinds=["group"], names=[name])
        self._put("group", name, _Meaning(id_, (id_,), (self._known[id_].type,), "", ""))
        self._store.do("rename_entitlement", "add_pending_name", id=id_, name=name)

    def is_free(self, name: str, for_id: str) -> bool:
        """Whether no other group has a name, or means it."""
        meaning = self._meanings.get(("group", name))
        return meaning is None or (not meaning.ids and meaning.id == for_id)

    def use(self, kind: str, name: str, used_by: str) -> Entitlement | Why:
        """The meaning of a name whose memberships can be changed; else the reason why it cannot be used."""
        found = self.look(kind, name, used_by)
        if isinstance(found, Entitlement) and found.read_only:
            return FindingKind.ENTITLEMENT_READ_ONLY, f"the {kind} {spoken(name)} cannot be changed: {found.read_only}"
        return found if isinstance(found, Entitlement) else (FindingKind.ENTITLEMENT_UNKNOWN, found)

    def look(self, kind: str, name: str, used_by: str) -> Entitlement | str:
        """The meaning of a name, or the reason why it has none."""
        found = self._find(kind, name)
        if not name.startswith(BY_ID):
            id_ = found.id if isinstance(found, Entitlement) else None
            self._unwritten.used.append((kind, name, id_, used_by))
            self._unwritten.write()
        return found

    def _find(self, kind: str, name: str) -> Entitlement | str:
        if name.startswith(BY_ID):
            found = self._known.get(name.removeprefix(BY_ID))
            return (
                found if found is not None and found.kind == kind else f"there is no {kind} with the id {quoted(name.removeprefix(BY_ID))}"
            )
        meaning = self._meanings.get((kind, name))
        if meaning is None:
            return f"there is no {kind} {spoken(name)}{self._other_kinds(kind, name)}"
        if meaning.id is not None:
            return self._known[meaning.id]
        which = _which(meaning)
        if meaning.renamed_id:
            was = f"the {kind} {spoken(name)} that was meant ({meaning.renamed_id}) is named {_new_name(meaning.now, name)} by now"
            return f"{was}, and another has its name ({which})"
        return f"{len(meaning.ids)} {kind}s are named {spoken(name)} ({which})"

    def _other_kinds(self, kind: str, name: str) -> str:
        """Names the kinds that have the name, other than the one that it is given with; empty where there are none."""
        there = self._meanings.get((kind, _split(name)[1])) if name.startswith(BY_KIND) else None
        kinds = sorted({each or "not known" for each in there.types}) if there else []
        return f"; the kind of what has that name is {' or '.join(kinds)}" if kinds else ""


def spoken(name: str) -> str:
    """A name as sentences show it: `'Sales'`, or `'Sales' (kind APP_GROUP)`."""
    kind, plain = _split(name)
    return f"{quoted(plain)} (kind {kind})" if kind else f"{quoted(plain)}"


def _new_name(now: str, before: str) -> str:
    """Returns the name that it has now, as sentences show it: with its kind where that is another than before."""
    kind, plain = _split(now)
    return f"{quoted(plain)}" if kind == _split(before)[0] else spoken(now)


def _split(name: str) -> tuple[str, str]:
    """The kind that a name is given with, empty for none, and the name alone."""
    kind, separator, plain = name.removeprefix(BY_KIND).partition(":")
    return (kind, plain) if name.startswith(BY_KIND) and separator else ("", name)


def _which(meaning: _Meaning) -> str:
    """The ids of what has one name, and how to tell them apart: by id, and by kind where no two are of one."""
    tellable = len(set(meaning.types)) == len(meaning.ids) and all(each and ":" not in each for each in meaning.types)
    if not tellable or len(meaning.ids) == 1:
        return f"{', '.join(meaning.ids)}: say which by id"
    return f"{'; '.join(f'{id_}, kind {type_}' for id_, type_ in zip(meaning.ids, meaning.types, strict=True))}: say which by id or kind"


def alike(name: str) -> str:
    """The form of a name that is the same for names that no person tells apart: by case, space, width, composition or what is not seen."""
    return _letters(plain(name))


def difference(name: str, other: str) -> str:
    """The words for what tells two names apart that are alike."""
    return "by case or space alone" if _letters(name) == _letters(other) else "by unseen or look-alike characters alone"


def _letters(name: str) -> str:
    return "".join(name.casefold().split())


@dataclass(frozen=True, slots=True)
class Remembered:
    """The result of resolving names in one target."""

    findings: tuple[Finding, ...] = ()
    names: tuple[EntitlementName, ...] = ()


def remember_names(store: Store, target: str, *, computes_groups: bool) -> Remembered:
    """The names to remember, and a finding for each name whose meaning does not follow from the name alone."""
    rows = store.rows("names_to_remember", target=target, computes_groups=computes_groups)
    return Remembered(
        tuple(_findings(store, target)),
        tuple(EntitlementName(target=target, kind=kind, name=name, entitlement_id=id_, forget=forget) for kind, name, id_, forget in rows),
    )


def _findings(store: Store, target: str) -> Iterable[Finding]:
    for kind, name, now, id_, used_by in store.rows("renamed_entitlements"):
        yield _finding(
            target,
            Severity.ATTENTION,
            f"The {kind} {spoken(name)} of {target} is named {_new_name(now, name)} by now ({id_}). It is still what {', '.join(used_by)} means, and its "
            "memberships go on. Change the name in the mapping, or rename it back.",
        )
    for kind, name, was, id_ in store.rows("replaced_entitlements"):
        message = f"The {kind} {spoken(name)} of {target} that was used before ({was}) is gone. Another of that name counts now ({id_})."
        yield _finding(target, Severity.NOTE, message)
    for kind, name, ids, id_, used_before in store.rows("shared_names"):
        why = "it was used before" if used_before else "it alone has members that can be changed"
        message = f"{len(ids)} {kind}s of {target} are named {spoken(name)} ({', '.join(ids)}). {id_} counts: {why}."
        yield _finding(target, Severity.NOTE, message)


def _finding(target: str, severity: Severity, message: str) -> Finding:
    return Finding(kind=FindingKind.ENTITLEMENT_NAME, severity=severity, target=target, message=message)


def named_by(view: TargetContext) -> dict[str, str]:
    """The name in each rule of a target; empty where it is computed."""
    return {name: rule.named for name, rule in view.mapping.entitlement_rules().items()}
