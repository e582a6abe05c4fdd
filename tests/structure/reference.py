"""Writes docs/reference/: commands, exit codes, findings, guards, verbs, views of the store and the JSON Schema of the report, from the code.

python -m tests.structure.reference          compares; exit code 1 where a page is not what the code says
python -m tests.structure.reference write
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

import reconcile.errors
from reconcile.cli import group
from reconcile.errors import ExitCode, ReconcileError
from reconcile.plan.impact import GIVING
from reconcile.plan.model import CHANGING, ENDING, GROUP_VERBS, REMOVING, Finding, FindingKind, Severity, Verb
from reconcile.plan.ordering import place_of_verb
from reconcile.plan.pending import pending
from reconcile.project.limits import Guards, Limit, Limits
from reconcile.report.labels import FINDING_HEADINGS, VERB_HEADINGS
from reconcile.store.statements import statements
from reconcile.store.views import VIEWS
from tests.structure.report_schema import docstrings, schema

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
MADE = "Made from the code by `python -m tests.structure.reference write`; `make check` compares."


def pages() -> Mapping[str, str]:
    """The text of each file of the reference, by its name."""
    return {
        "commands.md": _page("Commands", "", _commands()),
        "exit-codes.md": _page("Exit codes and situations", EXIT_CODES, _exit_codes()),
        "findings.md": _page("Kinds of finding", FINDINGS, _findings()),
        "guards.md": _page("Guards", GUARDS, _guards()),
        "verbs.md": _page("Verbs", VERBS, _verbs()),
        "store-views.md": _page("Views of the store", VIEWS_OF_THE_STORE, _views()),
        "report.schema.json": json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=False) + "\n",
    }


EXIT_CODES = """The numbers are an interface and do not change. The [README](../../README.md#exit-codes) says what to do about each.

A situation ends a command with a sentence that names its subject, its state and the next action. Words in angle brackets stand for what the
sentence names."""
FINDINGS = """A finding is something a person must see that leads to no write. *Ends a run with 10*: whether a run in which such a finding asks for
attention ends with that exit code; a note never does."""
GUARDS = """A guard refuses a whole plan before its first write (exit code 11). Its name is what `reconcile override` takes. A percentage alone never
refuses: more than the floor, too, must be concerned. [configuration.md](../configuration.md#guards) has the settings."""
VERBS = """A verb is what an operation does to an account, a membership or a group. The order is that of a plan: memberships of those who leave go
before all of it."""

VIEWS_OF_THE_STORE = """`state/store.duckdb` holds what was read from every system, as versions in time. Its tables may change with any version of this program;
the views in the schema `views` are an interface: a name and a column stay, new ones may come. They hold personal data, as the file does.

Any DuckDB of version 1.5 or later reads them. The file cannot be read while a run writes it, and a run waits a few seconds, not longer, for a
reader: let a dashboard read a copy.

```sh
duckdb -readonly state/store.duckdb
```

Departments by size, from the rows of the HR export:

```sql
SELECT attributes ->> '$.Department' AS department, count(*) AS people
FROM views.record WHERE system = 'workers' GROUP BY ALL ORDER BY people DESC;
```

Who holds a group that gives power, and whether this job gave it:

```sql
SELECT held.name, held.account_id, held.via, held.ours
FROM views.membership AS held JOIN views.entitlement AS power ON power.system = held.system AND power.id = held.entitlement_id
WHERE power.system = 'okta' AND power.privileged ORDER BY ALL;
```

Accounts whose state changed in the last week of reads:

```sql
SELECT id, state, seen_from FROM views.record_history
WHERE system = 'okta' AND seen_from > (SELECT max(taken_at) - INTERVAL 7 DAYS FROM views.snapshot) ORDER BY seen_from, id;
```

The anchor of the person of each account, and accounts of nobody:

```sql
SELECT account.id, account.state, link.anchor
FROM views.record AS account LEFT JOIN views.link ON link.target = account.system AND link.account_id = account.id
WHERE account.system = 'okta' ORDER BY link.anchor NULLS FIRST;
```

Reads that were not complete:

```sql
SELECT system, taken_at, kind, scope.name, reason FROM views.scope JOIN views.snapshot USING (system, number)
WHERE NOT complete ORDER BY ALL;
```"""


def _views() -> Iterator[str]:
    for name in VIEWS:
        told, *lines = statements()[name].splitlines()
        yield from (f"## views.{name.removeprefix('view_')}\n", f"{told.removeprefix('-- ')}\n", *_table("Column", "Meaning"))
        columns = (re.match(r"--   (\w+)  (.*)", line) for line in lines)
        yield from (_row((f"`{column[1]}`", column[2])) for column in columns if column)
        yield ""


def _page(title: str, introduction: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}\n", f"{MADE}\n", *([f"{introduction}\n"] if introduction else []), *lines]).rstrip("\n") + "\n"


def _table(*columns: str) -> Iterator[str]:
    yield _row(columns)
    yield _row(["---"] * len(columns))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _commands() -> Iterator[str]:
    yield from _command("reconcile", group)
    context = click.Context(group, info_name="reconcile")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from _command(f"reconcile {name}", command)
        for inner, each in sorted(getattr(command, "commands", {}).items()):
            yield from _command(f"reconcile {name} {inner}", each)


def _command(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    told = inspect.cleandoc(command.help or "").replace("\b\n", "").replace("\f", "")
    yield from (f"## {name}\n", f"```text\n{usage}\n```\n", f"{told}\n")
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        yield from _table("Option", "Default", "Meaning")
        yield from (_row((_names(each), _default(each, context), " ".join((each.help or "").split()))) for each in options)
        yield ""


def _names(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    choices = f" `{'`, `'.join(map(str, option.type.choices))}`" if isinstance(option.type, click.Choice) else ""
    return f"{names}{choices}{' (required)' if option.required else ''}{', repeatable' if option.multiple else ''}"


def _default(option: click.Option, context: click.Context) -> str:
    shown = option.show_default if isinstance(option.show_default, str) else ""
    value = option.get_default(context)
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return shown or (f"`{value}`" if plain and str(value) not in ("", ".") else "")


def _exit_codes() -> Iterator[str]:
    said = " ".join(inspect.cleandoc(group.help or "").split()).partition("Exit codes: ")[2].rstrip(".")
    meanings = dict(part.split(" ", 1) for part in said.split("; "))
    yield from _table("Code", "Name", "Meaning")
    yield from (_row((str(code.value), code.name, meanings[str(code.value)])) for code in ExitCode)
    yield from ("", "## Situations\n", *_table("Code", "Situation", "Sentence"))
    found = [each for _, each in inspect.getmembers(reconcile.errors, inspect.isclass) if issubclass(each, ReconcileError)]
    for each in sorted(found, key=lambda one: (one.exit_code, one.__name__)):
        if sentence := _sentence(each):
            yield _row((str(each.exit_code.value), " ".join((inspect.getdoc(each) or "").split()), sentence))


def _sentence(kind: type) -> str:
    """The sentence of an error as its class writes it; empty where it is composed of others."""
    for node in ast.walk(ast.parse(inspect.getsource(kind))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__" and node.args:
            text = node.args[0].orelse if isinstance(node.args[0], ast.IfExp) else node.args[0]
            if isinstance(text, ast.JoinedStr):
                return " ".join("".join(_part(part) for part in text.values).split())
            if isinstance(text, ast.Constant):
                return " ".join(str(text.value).split())
    return ""


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    if isinstance(part.value, ast.Call) and ast.unparse(part.value.func) == "len":
        return "&lt;number&gt;"
    names = [each.id for each in ast.walk(part.value) if isinstance(each, ast.Name)]
    attributes = [each.attr for each in ast.walk(part.value) if isinstance(each, ast.Attribute)]
    name = next((each for each in (*attributes, *reversed(names)) if each not in ("self", "join", "visible")), "text")
    return f"&lt;{name.replace('_', ' ')}&gt;"


def _findings() -> Iterator[str]:
    yield from _table("Kind", "Title", "Meaning and way out", "Ends a run with 10")
    for kind in FindingKind:
        heading = FINDING_HEADINGS[kind]
        waits = pending([Finding(kind=kind, severity=Severity.ATTENTION, target="", message="")])
        yield _row((f"`{kind.value}`", heading.title, heading.meaning, "yes" if waits else "no"))


def _guards() -> Iterator[str]:
    yield from _table("Guard", "Refuses a plan that would", "Usual limit")
    for verb in Verb:
        yield _row((f"`TARGET.{verb.value}`", f"{VERB_HEADINGS[verb].lower()}", _limit(Limits().of(verb))))
    usual = Guards()
    for verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER):
        yield _row((f"`TARGET.groups.{verb.value}`", f"{VERB_HEADINGS[verb].lower()} of one group", _limit(usual.groups.of(verb))))
    yield _row(("`TARGET.attributes`", "change one attribute of many accounts; each attribute counts by itself", _limit(usual.attribute)))
    yield _row(("`TARGET.privileged`", "change memberships that give power over the system", _limit(usual.privileged)))
    yield _row(("`TARGET.lose_app`", "take an app from accounts, directly or with a group that gives it", _limit(usual.lose_app)))
    yield _row(("`TARGET.changed_keys`", "create accounts for people who seem to have one under another key", _limit(usual.changed_keys)))
    yield _row(("`TARGET.dimensions.ATTRIBUTE`", "take the account of people who share a value of an identity attribute", "as configured"))
    yield _row(("`TARGET.admins`", "leave fewer working members of a group than configured", "as configured"))
    for verb in usual.usual.verbs:
        over = f"more than {usual.usual.times:g} times the median of the last {usual.usual.nights} days with a run, and more than {usual.usual.floor}"
        yield _row((f"`TARGET.usual.{verb.value}`", f"{VERB_HEADINGS[verb].lower()} far more often than usual", over))


def _limit(limit: Limit) -> str:
    parts = [
        f"{limit.percent:g} %, and more than {limit.floor}" if limit.percent is not None else "",
        f"{limit.count}" if limit.count is not None else "",
    ]
    return "; ".join(f"more than {part}" for part in parts if part) or "none"


def _verbs() -> Iterator[str]:
    told = {name.lower(): text for name, text in docstrings(Verb).items()}
    yield from _table("Order", "Verb", "What it does", "Kind")
    for verb in sorted(Verb, key=lambda each: (place_of_verb(each), list(Verb).index(each))):
        meaning = f"{VERB_HEADINGS[verb]}. {told.get(verb.value, '')}".strip()
        yield _row((str(place_of_verb(verb)), f"`{verb.value}`", meaning, ", ".join(_kinds(verb))))


def _kinds(verb: Verb) -> Sequence[str]:
    sets = {
        "ends an account": ENDING,
        "removes": REMOVING - ENDING,
        "changes values": CHANGING,
        "about a group": GROUP_VERBS,
        "gives": GIVING,
    }
    return [name for name, verbs in sets.items() if verb in verbs]


def differences() -> list[str]:
    """The files of the reference that are not what the code says, and those that nothing makes."""
    made = pages()
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".md", ".json")}
    stale = [name for name, text in made.items() if name not in there or (FOLDER / name).read_text(encoding="utf-8") != text]
    return [*stale, *sorted(there - set(made))]


def headings(text: str) -> list[str]:
    """The commands that a page describes."""
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        FOLDER.mkdir(exist_ok=True)
        for file, content in pages().items():
            (FOLDER / file).write_text(content, encoding="utf-8")
    elif stale := differences():
        print(f"{', '.join(stale)}: not what the code says. Run python -m tests.structure.reference write.")  # noqa: T201
        sys.exit(1)
