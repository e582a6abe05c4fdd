"""The project configuration: `reconcile.toml` and the mapping files, checked together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, Field, ValidationError, field_validator

from connectors.quoting import quoted
from connectors.registry import connector_types, settings_model
from mappings.expressions import CLOCK, Fit, Language
from mappings.load import Mappings, Place, check_places, load_mappings
from mappings.model import Model
from mappings.problems import BadConfiguration, Problem, line_of, near_miss, open_questions, read_toml
from mappings.sentences import problems_of
from reconcile.clock import SYSTEM, Clock
from reconcile.errors import NoProject
from reconcile.forms import comparable
from reconcile.project.apply_settings import ApplySettings
from reconcile.project.approval_policy import ApprovalPolicy
from reconcile.project.decisions import FILE as DECISIONS
from reconcile.project.decisions import LinkDecision, read_link_decisions
from reconcile.project.limits import Guards
from reconcile.project.reporting import Log, Metrics, Notices
from reconcile.project.retention import Retention
from reconcile.project.seats import Seats

FILE = "reconcile.toml"


class InDoubt(StrEnum):
    """The people who are frozen while a source of people was not read completely."""

    FREEZE_AFFECTED = "freeze_affected"
    """People who depend on it: those whom its last good read held, or may have held."""
    FREEZE_ALL = "freeze_all"
    """All people."""


_time_zones = cache(available_timezones)


class ProjectSettings(Model):
    """`[project]`."""

    name: str
    time_zone: str = "UTC"
    """Time zone that defines the current date."""
    state: str = "state"
    """Folder of the store, the journal, the plans and the reports, from the project folder."""
    in_doubt: InDoubt = InDoubt.FREEZE_AFFECTED
    """The people who are frozen while a source of people was not read completely. No person counts as gone in either case."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        zones = _time_zones()
        if value not in zones:
            raise ValueError(f"there is no time zone {quoted(value)}{near_miss(value, zones)}")
        return value

    @field_validator("state")
    @classmethod
    def _own_folder(cls, value: str) -> str:
        if Path(value.strip()).name in ("", ".."):
            raise ValueError('names no folder of its own; write for example state = "state"')
        return value


def _stated(value: str) -> str:
    if not comparable(value):
        raise ValueError("is empty: an entry names a person, an account or a group")
    return value


Entry = Annotated[str, AfterValidator(_stated)]
"""An entry of `[protected]`: it may stand for many names, and never for none."""


class Protected(Model):
    """`[protected]`: what no plan ever touches."""

    people: tuple[Entry, ...] = ()
    """Anchors, or patterns of them."""
    people_where: str = ""
    """Expression over the identity: the people for whom it holds are protected. Empty for none."""
    accounts: Mapping[str, tuple[Entry, ...]] = Field(default_factory=dict)
    """By target: logins, e-mail addresses or ids, in any case, or patterns of them."""
    groups: Mapping[str, tuple[Entry, ...]] = Field(default_factory=dict)
    """By target: names or ids of groups, or patterns of them. Every member is protected."""
    accounts_where: Mapping[str, str] = Field(default_factory=dict)
    """By target: expression over the account: those for which it holds."""

    def by_target(self) -> dict[str, Mapping[str, object]]:
        """The settings that have one key a target."""
        return {"accounts": self.accounts, "groups": self.groups, "accounts_where": self.accounts_where}


class Reading(Model):
    """`[reading.SYSTEM]`: when a read of one system is believed."""

    shrink_percent: Annotated[float, Field(gt=0, le=100, strict=True)] = 20
    """A read with fewer rows than this share below the last complete one is incomplete."""
    shrink_floor: Annotated[int, Field(ge=0, strict=True)] = 10
    """Losing this many rows or fewer is never too many."""
    most_missing: Annotated[int, Field(ge=0, strict=True)] = 200
    """A list of accounts that lacks more known ones than this, beside those that this job ended, is incomplete. Fewer are asked for by their ids."""
    always_there: tuple[str, ...] = ()
    """Sentinels: ids, logins or e-mail addresses that every complete read holds."""
    always_members: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """The same for the members of groups, by the group's name."""
    incremental: bool = False
    """Whether only what changed is read where the system can tell, between whole reads."""
    full_every_hours: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)] = 168
    """Hours between two whole reads at most: a delta shows neither deletions nor changes of the schema."""
    longest_hours: Annotated[float, Field(gt=0, le=168, strict=True)] = 6
    """A read that takes longer is given up, and what depends on it is frozen: the other systems wait for it."""


class ProjectFile(Model):
    """`reconcile.toml`."""

    project: ProjectSettings
    connectors: dict[str, dict[str, object]]
    reading: Mapping[str, Reading] = Field(default_factory=dict)
    seats: Mapping[str, Seats] = Field(default_factory=dict)
    guards: Guards = Guards()
    protected: Protected = Protected()
    approval: ApprovalPolicy = ApprovalPolicy()
    notices: Notices = Notices()
    metrics: Metrics = Metrics()
    log: Log = Log()
    retention: Retention = Retention()
    apply: ApplySettings = ApplySettings()


@dataclass(frozen=True, slots=True)
class ConfiguredConnector:
    """A connector's type and its checked settings."""

    type: str
    settings: BaseModel


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder, checked."""

    folder: Path
    file: ProjectFile
    connectors: Mapping[str, ConfiguredConnector]
    mappings: Mappings
    digest: str
    """Over the parts that decide: mappings, guards, protected accounts, reviewers' decisions, time zone."""
    link_decisions: tuple[LinkDecision, ...] = ()
    """Decisions of reviewers about pairs."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The digest of each of those parts, by what a reader calls it."""
    clock: Clock = SYSTEM
    """The present moment of everything that is done for this project."""

    def reading(self, system: str) -> Reading:
        """The conditions under which a read of this system is complete."""
        return self.file.reading.get(system, Reading())

    @property
    def state(self) -> Path:
        return self.folder / self.file.project.state

    def today(self) -> date:
        """The date it is now in the project's time zone."""
        return self.clock.today(self.file.project.time_zone)


def load_project(folder: Path, language: Language, seen: Callable[[Path], Mapping[str, frozenset[str]]]) -> Project:
    """The project of a folder. `seen` gives the columns of each connector's rows as last read, from the state folder.

    Raises NoProject, and BadConfiguration with every mistake in all its files.
    """
    if not (folder / FILE).is_file():
        raise NoProject(folder)
    problems: list[Problem] = []
    file, connectors = _read_project(folder, problems)
    names = None if connectors is None else frozenset(connectors)
    mappings = None
    columns = seen(folder / file.project.state) if file is not None else {}
    try:
        mappings = load_mappings(folder / "mappings", language, names, columns.get)
    except BadConfiguration as error:
        problems += error.problems
    if file is not None and mappings is not None:
        text = (folder / FILE).read_text(encoding="utf-8-sig")
        problems += [*_unknown_names(file, mappings, text), *_unknown_systems(file, names or frozenset(), text)]
        problems += check_places(_protected_places(file.protected, mappings, columns), language, FILE, text)
    link_decisions: tuple[LinkDecision, ...] = ()
    try:
        link_decisions = read_link_decisions(folder, None if mappings is None else [mapping.target for mapping in mappings.targets])
    except BadConfiguration as error:
        problems += error.problems
    if problems or file is None or mappings is None:
        raise BadConfiguration(problems)
    checked = {name: each for name, each in (connectors or {}).items() if each is not None}
    parts = _parts(folder / "mappings", file, mappings, folder / DECISIONS)
    return Project(folder, file, checked, mappings, _digest(parts), link_decisions, parts)


def with_mappings_of(project: Project, other: Path, language: Language, seen: Callable[[Path], Mapping[str, frozenset[str]]]) -> Project:
    """The same project with the mappings of another folder: a project folder, or one of mappings. Raises BadConfiguration."""
    folder = other / "mappings" if (other / "mappings").is_dir() else other
    try:
        mappings = load_mappings(folder, language, frozenset(project.connectors), seen(project.state).get)
    except BadConfiguration as error:
        raise BadConfiguration(replace(each, file=str(folder / Path(each.file).name)) for each in error.problems) from error
    parts = _parts(folder, project.file, mappings, project.folder / DECISIONS)
    return replace(project, mappings=mappings, digest=_digest(parts), parts=parts)


def state_folder(folder: Path) -> Path:
    """Returns the folder of a project's state, without checking the rest. Raises NoProject, BadConfiguration."""
    return folder / project_settings(folder).state


def state_and_name(folder: Path) -> tuple[Path, str]:
    """The folder of a project's state, and the project's name, without checking the rest. Raises NoProject, BadConfiguration."""
    settings = project_settings(folder)
    return folder / settings.state, settings.name


def project_settings(folder: Path) -> ProjectSettings:
    """Returns the table `[project]`, without checking the rest. Raises NoProject, BadConfiguration."""
    if not (folder / FILE).is_file():
        raise NoProject(folder)
    problems: list[Problem] = []
    file, _ = _read_project(folder, problems)
    if file is None:
        raise BadConfiguration(problems)
    return file.project


def configured_connectors(folder: Path) -> dict[str, ConfiguredConnector]:
    """The connectors of a project whose settings are valid, without checking the rest."""
    _, connectors = _read_project(folder, [])
    return {name: each for name, each in (connectors or {}).items() if each is not None}


def _read_project(folder: Path, problems: list[Problem]) -> tuple[ProjectFile | None, dict[str, ConfiguredConnector | None] | None]:
    """The file where it is right, and its connectors, each where it is right; None where it is not TOML."""
    try:
        table, text = read_toml(folder / FILE, FILE)
    except BadConfiguration as error:
        problems += error.problems
        return None, None
    problems += open_questions(table, FILE, text)
    raw = table.get("connectors")
    connectors = {}
    for name, settings in raw.items() if isinstance(raw, dict) else ():
        connectors[name] = _read_connector(name, settings, text, problems)
    try:
        return ProjectFile.model_validate(table), connectors
    except ValidationError as error:
        problems += problems_of(error, ProjectFile, FILE, text)
        return None, connectors


def _read_connector(name: str, settings: object, text: str, problems: list[Problem]) -> ConfiguredConnector | None:
    under = ["connectors", name]
    if not isinstance(settings, dict):
        problems.append(Problem(FILE, line_of(text, under), ".".join(under), "expected a table with the connector's settings"))
        return None
    kinds = connector_types()
    kind = settings.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        message = (
            f"is required and not there; the types are {', '.join(sorted(kinds))}"
            if kind is None
            else f"there is no connector type {quoted(kind)}{near_miss(str(kind), kinds)}; the types are {', '.join(sorted(kinds))}"
        )
        problems.append(Problem(FILE, line_of(text, [*under, "type"]), f"connectors.{name}.type", message))
        return None
    model = settings_model(kinds[kind])
    try:
        rest = {key: value for key, value in settings.items() if key != "type"}
        return ConfiguredConnector(kind, model.model_validate(rest))
    except ValidationError as error:
        problems += problems_of(error, model, FILE, text, under)
        return None


def _unknown_names(file: ProjectFile, mappings: Mappings, text: str) -> list[Problem]:
    """Returns a problem for each name in the guards and the protected accounts that no mapping file has."""
    targets = [mapping.target for mapping in mappings.targets]
    attributes = [name for mapping in mappings.targets for name in mapping.attributes]
    told = list(file.guards.unknown(targets, attributes, mappings.identities.attributes()))
    told += [
        (["seats", name], f"no mapping file has the target {quoted(name)}{near_miss(name, targets)}")
        for name in file.seats
        if name not in targets
    ]
    told += [
        (["protected", setting, name], f"no mapping file has the target {quoted(name)}{near_miss(name, targets)}")
        for setting, entries in file.protected.by_target().items()
        for name in entries
        if name not in targets
    ]
    return [Problem(FILE, line_of(text, path), ".".join(path), message) for path, message in told]


def _protected_places(protected: Protected, mappings: Mappings, columns: Mapping[str, frozenset[str]]) -> Iterator[Place]:
    """The conditions of `[protected]`, with the columns that they may name."""
    if protected.people_where:
        of_people = frozenset(mappings.identities.columns()) | {"anchor", "state"}
        yield Place(("protected", "people_where"), protected.people_where, of_people, Fit.TRUTH, frozenset({CLOCK}))
    for target, text in protected.accounts_where.items():
        yield Place(("protected", "accounts_where", target), text, columns.get(target), Fit.TRUTH)


def _unknown_systems(file: ProjectFile, connectors: frozenset[str], text: str) -> list[Problem]:
    return [
        Problem(
            FILE, line_of(text, ["reading", name]), f"reading.{name}", f"there is no connector {quoted(name)}{near_miss(name, connectors)}"
        )
        for name in file.reading
        if name not in connectors
    ]


def _parts(folder: Path, file: ProjectFile, mappings: Mappings, decisions: Path) -> dict[str, str]:
    """The digest of each part of the configuration that decides, by what a reader calls it."""
    tables = {folder / table.rule.file for table in mappings.lookups}
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in (*folder.glob("*.toml"), *tables)}
    return {
        "[project] time_zone": _sha256(file.project.time_zone.encode()),
        "[project] in_doubt": _sha256(file.project.in_doubt.encode()),
        "[guards]": _sha256(file.guards.model_dump_json().encode()),
        "[protected]": _sha256(file.protected.model_dump_json().encode()),
        DECISIONS: _sha256(decisions.read_bytes() if decisions.exists() else b""),
        **{f"mappings/{name}": _sha256(body) for name, body in sorted(files.items())},
    }


def _digest(parts: Mapping[str, str]) -> str:
    return _sha256("".join(f"{name}\0{digest}\0" for name, digest in parts.items()).encode())


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
