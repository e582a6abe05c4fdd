"""The use case `init --from`: a project drafted from an export, and from the schemas of targets that answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from connectors.declaration import Publishing
from connectors.hr.cells import was_shortened
from connectors.hr.inspection.inspect import inspect
from connectors.hr.text import FileRefused
from connectors.registry import build, connector_types, settings_model
from mappings.problems import ASK
from reconcile.unexpected import explained
from reconcile.usecases.draft.contract import contract
from reconcile.usecases.draft.people import draft_people
from reconcile.usecases.draft.published import Known
from reconcile.usecases.draft.roles import assign, used_columns
from reconcile.usecases.draft.settings import settings, token_place
from reconcile.usecases.draft.target import Kind, Schema, draft_target
from reconcile.usecases.draft.vocabulary import Role, is_known
from reconcile.usecases.first_rows import NOT_ASKED, ask_of_rows

_BEHIND = re.compile(r"""(?<!\\)["'][\s\]},]*(#.*)?$""")
"""Text behind the question in the line of a value."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that the files could not tell."""

    file: str
    line: int
    text: str
    required: bool
    """Whether `check` waits for the answer; else a safe default stands there."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a project, by path from its folder."""

    files: Mapping[str, str]
    unread: Mapping[Kind, str]
    """Reason why the schema of a target could not be read."""

    def questions(self) -> Iterator[Question]:
        """Finds the questions, in the order of the files."""
        for name, text in self.files.items():
            for number, line in enumerate(text.splitlines(), 1):
                before, mark, rest = line.partition(ASK)
                if not mark:
                    continue
                required = not before.rstrip().endswith("#")
                yield Question(name, number, _BEHIND.sub("", rest).replace('\\"', '"') if required else rest, required)


def draft_project(file: Path, folder: Path, urls: Mapping[Kind, str]) -> Draft:
    """Reads the file and asks the targets for their schemas; writes nothing. Raises FileRefused where it is no table of people."""
    _refuse_odd_names(file, folder)
    export = inspect(file, is_known)
    roles = assign(export.columns)
    if (key := roles.one.get(Role.KEY)) and (short := sum(map(was_shortened, key.values))):
        raise FileRefused(
            f"a spreadsheet shortened {short} of the numbers in {key.name} (to the form 1.2E+05); who they are is lost, have it exported again"
        )
    people = draft_people(export, roles)
    known = Known(people.attributes, {role.value: tuple(column.words) for role, column in roles.one.items()})
    schemas = {kind: _schema(kind, url, folder) for kind, url in urls.items()}
    departments = roles.one[Role.DEPARTMENT].words if Role.DEPARTMENT in roles.one else {}
    files = {
        "reconcile.toml": settings(
            folder.resolve().name or "people", contract(export, roles, used_columns(export.columns, roles), folder), urls
        ),
        "mappings/identities.toml": people.lines,
    }
    for kind, schema in schemas.items():
        files[f"mappings/{kind.value}.toml"] = draft_target(kind, schema, known, departments)
    return Draft(
        {name: _text(lines) for name, lines in files.items()}, {kind: each.unread for kind, each in schemas.items() if each.unread}
    )


def _refuse_odd_names(file: Path, folder: Path) -> None:
    """Raises FileRefused for a path that no TOML file can hold."""
    try:
        f"{file.resolve()}{folder.resolve()}".encode()
    except UnicodeEncodeError:
        raise FileRefused("its path, or that of the project, holds a name that is not UTF-8; rename it") from None


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def _schema(kind: Kind, url: str, folder: Path) -> Schema:
    """The schema, where the target answers with the secret that is there."""
    known = connector_types()[kind.value]
    try:
        checked = settings_model(known).model_validate({"url": url, "token": token_place(kind)})
    except ValidationError as error:
        return Schema(unread=error.errors(include_url=False, include_input=False)[0]["msg"].removeprefix("Value error, "))
    return asyncio.run(_ask(kind, checked, folder))


async def _ask(kind: Kind, checked: BaseModel, folder: Path) -> Schema:
    source = build(connector_types()[kind.value], kind.value, checked, folder)
    try:
        if isinstance(source, Publishing):
            return Schema(published=await source.account_schema())
        told = await ask_of_rows(source, rows=False)
    except Exception as error:  # noqa: BLE001 - a draft goes on without a schema
        return Schema(unread=explained(error))
    finally:
        await source.close()
    if told.attributes or told.names:
        return Schema(told.attributes, told.names)
    return Schema(unread="it states no whole list of its attributes" if told.unread == NOT_ASKED else told.unread)
