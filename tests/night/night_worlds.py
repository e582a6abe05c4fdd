"""A small company, an Okta org and a SCIM application over real sockets, and the commands run on them."""

import contextlib
import copy
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from connectors.sandbox.company import Company, Drift, company, okta_seed, scim_seed, write_hr
from connectors.sandbox.host import Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from connectors.sandbox.scim import BASE_PATH, ScimSandbox
from reconcile.cli import cli
from reconcile.clock import Clock
from reconcile.errors import ExitCode
from tests.support import day
from tests.support.waiting import until

from .night_morning import Morning

DAY = date(2026, 3, 2)
PEOPLE, SEED = 64, 7
CLOCK = ("--clock", str(DAY))
AT_ONCE = {"Retry-After": "0"}
"""Headers of a refusal that lets the client come back without a wait."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def reconcile(*words: str, today: date | None = None, hour: int = 12) -> Ended:
    """Runs a command line in this process, exit code and all: today is the day given, that of `--clock`, or else DAY."""
    return reconcile_by(day.clock_on(today or day.day_meant(words, DAY), hour), *words)


def reconcile_by(clock: Clock, *words: str) -> Ended:
    """Runs a command line in this process at the moment that a clock shows."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["reconcile", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = cli(clock)
    return Ended(code, out.getvalue(), err.getvalue())


def launch(*words: str) -> subprocess.Popen[str]:
    """Starts a command line in a process of its own, on the day that `reconcile` would; what it prints is thrown away."""
    command = [sys.executable, day.__file__, str(day.day_meant(words, DAY)), *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)


class World:
    """A project folder, its two targets, and the people of the HR file."""

    def __init__(self, folder: Path, okta: Sandbox, wiki: Sandbox, staff: Company) -> None:
        self.folder, self.okta, self.wiki, self.staff = folder, okta, wiki, staff
        self.morning = Morning(staff)
        """Of calm worlds: what is to be done there."""

    def run(self, *words: str, today: date | None = None, hour: int = 12) -> Ended:
        return reconcile("--project", str(self.folder), *words, today=today, hour=hour)

    def launch(self, *words: str) -> subprocess.Popen[str]:
        return launch("--project", str(self.folder), *words)

    def plan(self) -> dict[str, Any]:
        """Reads everything and plans; the plan as the report has it."""
        assert self.run("extract").code == 0
        return self.run("plan", *CLOCK, "--json").json

    def night(self, *words: str) -> Ended:
        return self.run("run", *CLOCK, "--live", *words)

    def settled(self) -> bool:
        """Whether an undisturbed night finds nothing to do but what waits for a person in every calm world."""
        self.okta.clear_faults()
        self.wiki.clear_faults()
        ended = self.night("--json")
        return ended.code == ExitCode.CHANGES_WAIT and not ended.json["operations"]

    @property
    def state(self) -> dict[str, Any]:
        """What both systems hold now, as values of this caller's own."""
        return copy.deepcopy({"okta": self.okta.app.state(), "wiki": self.wiki.app.state()})

    @property
    def writes(self) -> int:
        return len(self.okta.writes()) + len(self.wiki.writes())

    @property
    def hr(self) -> Path:
        """The file of employees."""
        return self.folder / "hr" / f"workers_{DAY:%Y%m%d}.csv"

    @property
    def requests(self) -> dict[str, int]:
        """The requests that each system has answered so far."""
        return {"okta": len(self.okta.requests()), "wiki": len(self.wiki.requests())}

    def rewrite_hr(self, change: Callable[[list[str]], list[str]], file: Path | None = None) -> None:
        """Changes the lines of an HR file after its header, and exports it again: the companion is of the new bytes."""
        file = file or self.hr
        header, *rows = file.read_bytes().decode().splitlines(keepends=True)
        export(file, "".join([header, *change(rows)]).encode())

    def edit(self, file: str, old: str, new: str) -> None:
        """Changes a file of the project, which must hold the old text."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def quiet(self) -> bool:
        """Whether neither server is working on a request."""
        return not (self.okta._in_flight or self.wiki._in_flight)

    def remembered(self) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
        """The links (target, anchor, login) and the granted memberships (target, login, group) in the store."""
        logins = {user["id"]: user["profile"]["login"] for user in self.state["okta"]["users"]}
        logins |= {user["id"]: user["userName"] for user in self.state["wiki"]["users"]}
        names = {group["id"]: group["profile"]["name"] for group in self.state["okta"]["groups"]}
        names |= {group["id"]: group["displayName"] for group in self.state["wiki"]["groups"]}
        with contextlib.closing(duckdb.connect(self.folder / "state" / "store.duckdb", read_only=True)) as store:
            links = store.execute("SELECT target, anchor, account_id FROM link").fetchall()
            granted = store.execute("SELECT target, account_id, entitlement_id FROM granted").fetchall()
        return (
            {(target, anchor, logins[account]) for target, anchor, account in links},
            {(target, logins[account], names[group]) for target, account, group in granted},
        )

    def release(self) -> None:
        """Ends the faults of both servers, and waits until they have carried out what was sent."""
        self.okta.clear_faults()
        self.wiki.clear_faults()
        until(self.quiet)


def export(file: Path, body: bytes) -> None:
    """Writes an HR file and a companion that fits it."""
    rows = max(body.count(b"\n") - 1, 0)
    file.write_bytes(body)
    stated = {"file": file.name, "rows": rows, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    file.with_name(f"{file.name}.ok").write_text(json.dumps(stated), encoding="utf-8")


@contextlib.contextmanager
def world(
    folder: Path, *, change: Callable[[dict[str, Any], dict[str, Any]], None] | None = None, renamed: bool = False
) -> Iterator[World]:
    """A world whose accounts have drifted; `change` edits the seeds of the two systems before they start.

    `renamed`: also with somebody whose login is another one, for which every night waits for a person.
    """
    staff = company(PEOPLE, SEED, DAY)
    okta_holds, wiki_holds = okta_seed(staff), scim_seed(staff)
    if change is not None:
        change(okta_holds, wiki_holds)
    if not renamed:
        okta_holds, wiki_holds = _with_right_logins(staff, okta_holds), _with_right_logins(staff, wiki_holds)
    okta_app, wiki_app = OktaSandbox(okta_holds), ScimSandbox(wiki_holds)
    with running(okta_app) as okta, running(wiki_app) as wiki:
        of_wiki = {user["userName"] for user in wiki_holds["users"]}
        # An entry for an account that is not there is a problem of `check`.
        in_wiki = tuple(login for login in staff.protected if login in of_wiki)
        write_project(folder, okta.url, f"{wiki.url}{BASE_PATH}", {"okta": staff.protected, "wiki": in_wiki})
        (folder / "okta.token").write_text(okta_app.settings.tokens[0], encoding="utf-8")
        (folder / "wiki.token").write_text(wiki_app.settings.token, encoding="utf-8")
        write_hr(staff, folder / "hr")
        yield World(folder, okta, wiki, staff)


def _with_right_logins(staff: Company, seed: dict[str, Any]) -> dict[str, Any]:
    """A seed in which the accounts whose login is another one were renamed, as a person would."""
    text = json.dumps(seed)
    for number in staff.drift[Drift.OTHER_LOGIN]:
        text = text.replace(f'"{number.lower()}.', '"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def write_project(folder: Path, okta: str, wiki: str, protected: Mapping[str, Sequence[str]]) -> None:
    """The shipped example project, filled in as a user would. `protected`: the logins of each target."""
    (folder / "mappings").mkdir(parents=True)
    for entry in files("mappings").iterdir():
        if entry.name.endswith(".toml"):
            path = folder / entry.name if entry.name == "reconcile.toml" else folder / "mappings" / entry.name
            path.write_text(entry.read_text(encoding="utf-8"), encoding="utf-8")
    settings = (folder / "reconcile.toml").read_text(encoding="utf-8")
    listed = "\n".join(f"{target} = {json.dumps(logins)}" for target, logins in protected.items())
    for old, new in (
        ("https://your-org.okta.com", okta),
        ("https://wiki.example.com/scim/v2", wiki),
        ("file:secrets/okta", "file:okta.token"),
        ("file:secrets/wiki", "file:wiki.token"),
        ('okta = ["breakglass@example.com"]', listed),
    ):
        assert old in settings, old
        settings = settings.replace(old, new)
    (folder / "reconcile.toml").write_text(settings, encoding="utf-8")
