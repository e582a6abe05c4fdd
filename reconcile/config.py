"""What a project folder says: `reconcile.toml` and the mapping files, checked together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, Field, ValidationError, field_validator

from connectors.registry import connector_types, settings_model
from mappings.expressions import Language
from mappings.load import Mappings, load_mappings
from mappings.problems import BadConfiguration, Problem, line_of, near_miss, problems_of, read_toml
from mappings.rules import Model
from reconcile.errors import NoProject
from reconcile.model import Verb

FILE = "reconcile.toml"


class ProjectSettings(Model):
    """`[project]`."""

    name: str
    time_zone: str = "UTC"
    """Whose local date is "today"."""
    state: str = "state"
    """Folder of the store, the journal, the plans and the reports, from the project folder."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        zones = available_timezones()
        if value not in zones:
            raise ValueError(f"there is no time zone {value!r}{near_miss(value, zones)}")
        return value


class Limit(Model):
    """A plan is refused where it has more than `count`, or more than `floor` and more than `percent` of the accounts."""

    percent: Annotated[float, Field(ge=0, le=100)] | None = None
    count: Annotated[int, Field(ge=0)] | None = None
    floor: Annotated[int, Field(ge=0)] = 0


class Limits(Model):
    """A limit for each verb. What is not given here is taken from the defaults, never from nowhere."""

    deactivate: Limit = Limit(percent=5, floor=5)
    suspend: Limit = Limit(percent=5, floor=5)
    create: Limit = Limit(percent=100, floor=20)
    reactivate: Limit = Limit(percent=5, floor=5)
    update: Limit = Limit(percent=50, floor=50)
    add_member: Limit = Limit()
    remove_member: Limit = Limit(percent=20, floor=20)
    delete: Limit = Limit(count=10)

    def of(self, verb: Verb) -> Limit:
        limit: Limit = getattr(self, verb.value)
        return limit


class Guards(Limits):
    """`[guards]`: the limits, and for a target its own under `[guards.targets.NAME]`."""

    targets: Mapping[str, Limits] = Field(default_factory=dict)

    def limit(self, target: str, verb: Verb) -> Limit:
        """The limit for one verb in one target: its own where one is written, else the common one.

        One that states something else than a percentage keeps the usual one with its floor: an absolute number alone lets a third of a
        small company go. `{}` is no limit.
        """
        own = self.targets.get(target)
        stated = own.of(verb) if own is not None and verb.value in own.model_fields_set else self.of(verb)
        if "percent" in stated.model_fields_set or not stated.model_fields_set:
            return stated
        usual = Limits().of(verb)
        return stated.model_copy(update={"percent": usual.percent, "floor": max(usual.floor, stated.floor)})


class Protected(Model):
    """`[protected]`: what no plan ever touches."""

    people: tuple[str, ...] = ()
    """Anchors."""
    accounts: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """By target: logins, e-mail addresses or ids, in any case."""


class Reading(Model):
    """`[reading.SYSTEM]`: when a read of one system is believed."""

    shrink_percent: Annotated[float, Field(gt=0, le=100)] = 20
    """A read with fewer rows than this share below the last complete one is incomplete."""
    shrink_floor: Annotated[int, Field(ge=0)] = 10
    """Losing this many rows or fewer is never too many."""
    always_there: tuple[str, ...] = ()
    """Sentinels: ids, logins or e-mail addresses that every complete read holds."""
    always_members: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """The same for the members of groups, by the group's name."""
    incremental: bool = False
    """Whether only what changed is read where the system can tell, between whole reads."""
    full_every_hours: Annotated[float, Field(gt=0)] = 168
    """How old the last whole read may become: a delta shows neither deletions nor changes of the schema."""


class ProjectFile(Model):
    """`reconcile.toml`."""

    project: ProjectSettings
    connectors: dict[str, dict[str, object]]
    reading: Mapping[str, Reading] = Field(default_factory=dict)
    guards: Guards = Guards()
    protected: Protected = Protected()


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
    """Over the parts that decide: mappings, guards, protected accounts, time zone."""

    def reading(self, system: str) -> Reading:
        """When a read of this system is believed."""
        return self.file.reading.get(system, Reading())

    @property
    def state(self) -> Path:
        return self.folder / self.file.project.state

    def today(self) -> date:
        """The date it is now in the project's time zone."""
        return datetime.now(ZoneInfo(self.file.project.time_zone)).date()


def load_project(folder: Path, language: Language, seen: Callable[[Path], Mapping[str, frozenset[str]]]) -> Project:
    """The project of a folder. `seen` gives the columns of each connector's rows as last read, from the state folder.

    Raises NoProject, and BadConfiguration with every mistake in all its files.
    """
    if not (folder / FILE).is_file():
        raise NoProject(folder)
    problems: list[Problem] = []
    file, connectors = _read_project(folder, problems)
    names = frozenset(connectors)
    mappings = None
    columns = seen(folder / file.project.state) if file is not None else {}
    try:
        mappings = load_mappings(folder / "mappings", language, names, columns.get)
    except BadConfiguration as error:
        problems += error.problems
    if file is not None and mappings is not None:
        text = (folder / FILE).read_text(encoding="utf-8")
        problems += [*_unknown_targets(file, mappings, text), *_unknown_systems(file, names, text)]
    if problems or file is None or mappings is None:
        raise BadConfiguration(problems)
    checked = {name: each for name, each in connectors.items() if each is not None}
    return Project(folder, file, checked, mappings, _digest(folder, file))


def state_folder(folder: Path) -> Path:
    """Where a project keeps its state, without checking the rest. Raises NoProject, BadConfiguration."""
    if not (folder / FILE).is_file():
        raise NoProject(folder)
    problems: list[Problem] = []
    file, _ = _read_project(folder, problems)
    if file is None:
        raise BadConfiguration(problems)
    return folder / file.project.state


def _read_project(folder: Path, problems: list[Problem]) -> tuple[ProjectFile | None, dict[str, ConfiguredConnector | None]]:
    try:
        table, text = read_toml(folder / FILE, FILE)
    except BadConfiguration as error:
        problems += error.problems
        return None, {}
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
        message = f"there is no connector type {kind!r}{near_miss(str(kind), kinds)}; the types are {', '.join(sorted(kinds))}"
        problems.append(Problem(FILE, line_of(text, [*under, "type"]), f"connectors.{name}.type", message))
        return None
    model = settings_model(kinds[kind])
    try:
        rest = {key: value for key, value in settings.items() if key != "type"}
        return ConfiguredConnector(kind, model.model_validate(rest))
    except ValidationError as error:
        problems += problems_of(error, model, FILE, text, under)
        return None


def _unknown_targets(file: ProjectFile, mappings: Mappings, text: str) -> list[Problem]:
    targets = [mapping.target for mapping in mappings.targets]
    named = [(["guards", "targets", name], name) for name in file.guards.targets]
    named += [(["protected", "accounts", name], name) for name in file.protected.accounts]
    return [
        Problem(FILE, line_of(text, path), ".".join(path), f"no mapping file has the target {name!r}{near_miss(name, targets)}")
        for path, name in named
        if name not in targets
    ]


def _unknown_systems(file: ProjectFile, connectors: frozenset[str], text: str) -> list[Problem]:
    return [
        Problem(FILE, line_of(text, ["reading", name]), f"reading.{name}", f"there is no connector {name!r}{near_miss(name, connectors)}")
        for name in file.reading
        if name not in connectors
    ]


def _digest(folder: Path, file: ProjectFile) -> str:
    whole = hashlib.sha256()
    decides = file.model_dump_json(include={"guards", "protected"}) + file.project.time_zone
    whole.update(decides.encode())
    for path in sorted((folder / "mappings").glob("*.toml")):
        whole.update(b"\0" + path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
