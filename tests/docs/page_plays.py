"""What a reader of each page does between its blocks: the state that a page begins with, and the edits that it asks for."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
from joserfc.jwk import RSAKey

from connectors.sandbox.host import Fault, FaultKind, running
from connectors.sandbox.okta import OAuthClient, OktaSandbox, OktaSandboxSettings
from reconcile.clock import SYSTEM
from tests.docs.page_blocks import PAGES, ROOT, Block, settings
from tests.docs.page_reader import Reader
from tests.docs.page_tables import NOT_RUN, SPOKEN
from tests.drafts.conftest import answer
from tests.night.night_worlds import DAY, Ended, World, reconcile_by
from tests.support.day import clock_on
from tests.support.receiver import receiving

NEXT_DAY = DAY + timedelta(days=1)


@dataclass
class Desk:
    """A reader, the company whose project is on their machine, and a folder for everything else of that machine."""

    world: World
    reader: Reader
    root: Path

    def type(self, block: Block) -> None:
        """Types each command of a block that can be run."""
        for line in block.commands:
            if line not in NOT_RUN.get(block.page, {}):
                self.reader.type(line)

    def speak(self, page: str, *lines: str) -> None:
        """Types commands that stand in the sentences of a page; all of them where none is given."""
        for line in lines or SPOKEN[page]:
            if isinstance(code := SPOKEN[page][line], int):
                self.reader.type(f"{line}  # exit code {code}")

    def run(self, *words: str, code: int = 0) -> Ended:
        """Runs what a page takes for done, or what shows that it is true."""
        ended = reconcile_by(self.reader.clock, "--project", str(self.reader.folder), *words)
        assert ended.code == code, (words, ended.out, ended.err)
        return ended

    def write(self, name: str, text: str) -> None:
        """Writes a file of the project for its owner alone."""
        path = self.reader.folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")

    def configure(self, table: str) -> None:
        """Puts tables of a page into reconcile.toml, in the place of those that have the same names there."""
        text = (self.reader.folder / "reconcile.toml").read_text(encoding="utf-8")
        for name in re.findall(r"^\[(.*)\]$", table, re.MULTILINE):
            text = re.sub(rf"^\[{re.escape(name)}\]\n.*?(?=^\[|^# ---|\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
        self.write("reconcile.toml", f"{text}\n{self.reader.filled(table)}")

    def at(self, hour: int, today: date = DAY) -> None:
        """Lets it be a full hour of a day."""
        self.reader.clock = clock_on(today, hour)


def readme(desk: Desk, *blocks: Block) -> None:
    demo, paths, completion, made, draft, look, live, night = blocks
    reader = desk.reader
    reader.folder = _checkout(desk.root / "checkout")
    desk.type(demo)
    assert "The second plan is empty" in reader.said["make demo"].out
    desk.type(paths)
    assert (desk.root / "home/.local/bin/reconcile").is_file()
    desk.type(completion)
    assert "_reconcile_completion" in reader.by("bash", "source ~/.bashrc && complete -p reconcile").out
    reader.folder = desk.root / "home"
    desk.type(made)
    shutil.copy(desk.world.hr, reader.folder / "people/hr/workers.csv")
    (reader.folder / "people/secrets/okta").write_text(desk.world.okta.app.settings.tokens[0], encoding="utf-8")
    desk.type(draft)
    answer(reader.folder, desk.world.staff.protected)
    desk.type(look)
    assert desk.world.writes == 0
    desk.type(live)
    assert desk.world.writes > 0
    _a_night_by_cron(desk, night)


def _checkout(folder: Path) -> Path:
    """A folder like this repository, in which what is made anew hurts nobody."""
    (folder / ".venv").mkdir(parents=True)
    for path in (each for each in ROOT.iterdir() if each.name not in (".venv", "demo")):
        (folder / path.name).symlink_to(path)
    for path in Path(sys.prefix).iterdir():
        if not path.name.startswith(".ready"):
            (folder / ".venv" / path.name).symlink_to(path)
    (folder / ".venv/.ready").touch()
    return folder


def _a_night_by_cron(desk: Desk, night: Block) -> None:
    desk.reader.seen["folder"] = str(desk.reader.folder)
    (line,) = night.commands
    assert desk.reader.give_to_cron(line).code == 0
    said = (desk.root / "reconcile.log").read_text(encoding="utf-8")
    assert "plan" in said
    assert (desk.root / "mail").read_text(encoding="utf-8") == f"-s reconcile ended with 10 ops@example.com\n{said}"


def connect_okta(desk: Desk, key: Block, look: Block) -> None:
    page, reader = key.page, desk.reader
    (reader.folder / "secrets").mkdir(mode=0o700)
    desk.type(key)
    public = RSAKey.import_key((reader.folder / "secrets/okta.pem").read_bytes()).as_dict(private=False)
    scopes = frozenset(re.findall(r"^ +\| `(okta\.\w+\.read)` \|", PAGES[page], re.MULTILINE))
    app, _ = settings(page)
    (client,) = re.findall(r'client_id = "(\w+)"', app)
    registered = OAuthClient(client_id=client, keys=(public,), scopes=scopes)
    with running(OktaSandbox(desk.world.okta.app.state(), settings=OktaSandboxSettings(tokens=(), clients=(registered,)))) as org:
        reader.seen["okta"] = org.url
        desk.configure(app)
        desk.type(look)
        assert org.writes() == []


def hr_exports(desk: Desk, draft: Block) -> None:
    desk.reader.folder = desk.root
    shutil.copy(desk.world.hr, desk.root / "export.csv")
    desk.type(draft)
    assert (desk.root / "people/mappings/okta.toml").is_file()


def reports(desk: Desk, block: Block) -> None:
    desk.run("extract")
    desk.run("plan", code=10)
    desk.reader.seen["plan"] = json.loads(desk.run("show", "--json").out)["plan"]["digest"][:12]
    desk.type(block)
    assert (desk.reader.folder / "review.xlsx").is_file()


def scim_target(desk: Desk, look: Block, twin: Block, apply: Block) -> None:
    table, mapping = settings(look.page)
    shutil.copy(desk.world.hr, desk.reader.folder / "export.csv")
    desk.speak(look.page)
    assert (desk.reader.folder / "people/mappings/scim.toml").is_file()
    desk.write("secrets/wiki", desk.world.wiki.app.settings.token)
    desk.configure(table)
    desk.write("mappings/wiki.toml", mapping)
    desk.type(look)
    assert desk.world.writes == 0
    (line,) = twin.commands
    with desk.reader.started(line) as said:
        assert "SCIM" in said
    desk.type(apply)
    assert len(desk.world.wiki.writes()) > 0


def second_accounts(desk: Desk, decide: Block) -> None:
    org = desk.world.okta
    held = org.app.state()
    owner = next(each for each in held["users"] if each["status"] == "ACTIVE" and each["profile"].get("employeeNumber", "").isdecimal())
    login = "adm-owner@example.com"
    number = owner["profile"]["employeeNumber"]
    profile = {"login": login, "email": login, "firstName": "Ad", "lastName": "Min", "employeeNumber": number}
    made = httpx.post(f"{org.url}/api/v1/users?activate=true", headers=_token(desk), json={"profile": profile})
    desk.reader.seen |= {"anchor": number, "second account": made.json()["id"]}
    assert number in _ambiguous(desk)
    desk.type(decide)
    assert number not in _ambiguous(desk)


def _ambiguous(desk: Desk) -> set[str]:
    desk.run("extract")
    desk.run("plan", code=10)
    return {each["anchor"] for each in desk.run("show", "--json").json["findings"] if each["kind"] == "ambiguous"}


def _token(desk: Desk) -> Mapping[str, str]:
    return {"Authorization": f"SSWS {desk.world.okta.app.settings.tokens[0]}"}


def operation(desk: Desk, night: Block, backup: Block, audit: Block) -> None:
    (table,) = settings(night.page)
    with receiving() as receiver:
        for name in ("healthchecks", "ops-webhook"):
            (desk.root / f"{name}.url").write_text(f"{receiver.url}/{name}", encoding="utf-8")
        desk.configure(table)
        (line,) = night.commands
        desk.world.okta.add_fault(Fault(FaultKind.STATUS, method="POST", path="/lifecycle/deactivate", status=403, times=1))
        ended = desk.reader.give_to_cron(line)
        assert ended.code == 13, (ended.out, ended.err)
    desk.at(13)
    desk.type(backup)
    (notice,) = [json.loads(body) for _, path, body in receiver.came if path == "/ops-webhook"]
    desk.reader.seen["head"] = notice["audit_head"]
    desk.type(audit)
    desk.reader.seen["who"] = "0020001"
    desk.speak(audit.page, "reconcile audit verify", "reconcile act lockdown WHO --why REASON --live")
    (file,) = (desk.root / "backups").iterdir()
    desk.reader.seen["backup"] = str(file)
    other = desk.root / "another machine"
    shutil.copytree(desk.reader.folder, other, ignore=shutil.ignore_patterns("state"))
    desk.reader.folder = other
    desk.speak(audit.page, "reconcile restore-backup FILE")
    assert notice["audit_head"] in (other / "state/audit.head").read_text(encoding="utf-8")


def incident(desk: Desk, undo: Block, restore: Block, reread: Block) -> None:
    desk.run("run", "--live", code=10)
    desk.at(22)
    desk.run("extract")
    desk.at(2, NEXT_DAY)
    desk.world.rewrite_hr(_say_that_some_left)
    desk.run("run", "--live", code=10)
    desk.at(8, NEXT_DAY)
    left = [each["anchor"] for each in desk.run("show", "--json").json["operations"] if each["verb"] == "deactivate"]
    run = desk.run("runs", "--json").json["runs"][0]["id"]
    plan = desk.run("show", "--json").json["plan"]["digest"]
    desk.reader.seen |= {
        "run": run,
        "plan": plan,
        "first held": left[0],
        "second held": left[-1],
        "who": "0020001",
        "group": "all-employees",
    }
    desk.speak(undo.page)
    assert "lost all-employees, by the run" in desk.reader.said["reconcile who-lost GROUP --since 2026-03-02T18:00"].out
    desk.type(undo)
    org = desk.world.okta
    for account in [each["id"] for each in org.app.state()["users"] if each["status"] == "ACTIVE"][5:7]:
        httpx.post(f"{org.url}/api/v1/users/{account}/lifecycle/suspend", headers=_token(desk)).raise_for_status()
    desk.at(9, NEXT_DAY)
    desk.type(restore)
    emptied = next(each["id"] for each in org.app.state()["groups"] if each["profile"]["name"] == "dept-engineering")
    had = org.app.state()["members"][emptied]
    for account in had:
        httpx.delete(f"{org.url}/api/v1/groups/{emptied}/users/{account}", headers=_token(desk)).raise_for_status()
    desk.run("extract", code=12)
    desk.type(reread)
    assert set(org.app.state()["members"][emptied]) == set(had)


def _say_that_some_left(rows: list[str]) -> list[str]:
    """The rows of a file in which three people left, and did not."""
    active = [place for place, row in enumerate(rows) if ",N,Y,Active," in row and ",2026-" not in row][10:13]
    return [row.replace(",Active,", ",Terminated,") if place in active else row for place, row in enumerate(rows)]


def sandbox(desk: Desk, start: Block, faults: Block) -> None:
    desk.reader.folder = desk.root
    (line,) = start.commands
    with desk.reader.started(line) as said:
        assert "reconcile --project people check" in said
        desk.reader.clock = SYSTEM
        desk.speak(start.page)
        *armed, cleared = faults.commands
        desk.reader.folder /= "people"
        for each in armed:
            desk.reader.type(each)
        ended = desk.run("extract", code=12)
        assert "okta: accounts: page 1: GET /api/v1/users of okta was refused (HTTP 403)" in ended.err
        assert "wiki: accounts: page 1 could not be read: The answer is not JSON: <html>busy</html>" in ended.err
        desk.reader.type(cleared)
        assert "okta: not read" not in desk.run("extract").out


Play = Callable[..., None]
PLAYS: Mapping[str, Play] = {
    "README.md": readme,
    "docs/howto/connect-okta.md": connect_okta,
    "docs/howto/hr-exports.md": hr_exports,
    "docs/howto/reports.md": reports,
    "docs/howto/scim-target.md": scim_target,
    "docs/howto/second-accounts.md": second_accounts,
    "docs/incident.md": incident,
    "docs/operation.md": operation,
    "docs/sandbox.md": sandbox,
}
"""What a reader does, by page; each takes the blocks with commands in order."""
