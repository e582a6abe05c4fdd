"""`forget` removes what the project holds about a person who is gone, from every file, and the audit still verifies."""

import signal
import subprocess
import sys
import zipfile
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import duckdb
import polars as pl
import pytest

from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.habits import Habits
from connectors.sandbox.host import running
from reconcile.apply.journal import Journal
from reconcile.errors import ExitCode
from reconcile.usecases.rewriting import DUE
from tests.crash import killed_rewrite

from .night_worlds import DAY, reconcile

HERE = Path(__file__).parent / "dialect_nights"
KEEPER = {"id": "keeper", "userName": "keeper@corp.example", "externalId": "0", "active": True}
HEADER = "Number,First,Last,Login,Team,Title,Status\n"
STAYS = "0008,Li,Luczak,li.luczak,Red,Engineer,Active\n0009,Ann,Poe,ann.poe,Blue,Engineer,Active\n"
GONE = "nr-0007,Zorana,Oestergaardsdottir,zorana.plantedlogin,Red,Plantedtitle,Active\n"
PLANTED = ("plantedlogin", "plantedtitle", "oestergaardsdottir", "zorana", "nr-0007")


class Office:
    """A project with one application, on several days."""

    def __init__(self, folder, server):
        self.folder, self.server, self.day = folder, server, DAY
        copytree(HERE, folder)
        (folder / "hr").mkdir()
        (folder / "app.token").write_text("sandbox", encoding="utf-8")
        with (folder / "reconcile.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'\n[connectors.app]\ntype = "scim"\nurl = "{server.url}/v2"\ntoken = "file:app.token"\n')
            settings.write(f'\n[protected.accounts]\napp = ["{KEEPER["userName"]}"]\n\n[log]\nfile = "steps.log"\n')
        template = (folder / "target.toml").read_text(encoding="utf-8")
        (folder / "mappings" / "app.toml").write_text(template.replace("TARGET", "app"), encoding="utf-8")

    def run(self, *words):
        return reconcile("--project", str(self.folder), *words, today=self.day)

    def hr(self, *rows):
        (self.folder / "hr" / "people.csv").write_text("".join([HEADER, *rows]), encoding="utf-8")

    @property
    def state(self):
        return self.folder / "state"

    def leaves(self):
        """The person leaves the file and the application, and both are read."""
        self.day += timedelta(1)
        self.hr(STAYS)
        held = self.server.app.directory.held
        gone = next(each["id"] for each in held["Users"].values() if "plantedlogin" in each["userName"])
        del held["Users"][gone]
        for group in held["Groups"].values():
            group["members"] = [each for each in group.get("members", []) if each["value"] != gone]
        assert self.run("extract").code == ExitCode.DONE


@pytest.fixture
def office(tmp_path):
    with ExitStack() as stack:
        server = stack.enter_context(running(DialectSandbox(Habits(), {"users": [KEEPER], "groups": []})))
        made = Office(tmp_path / "project", server)
        made.hr(GONE, STAYS)
        assert made.run("run", "--live").code == ExitCode.DONE
        unread = made.run("forget", "nr-0007")
        assert unread.err.startswith("Forget: the latest read of app, hr shows this person"), unread.err
        assert made.run("extract").code == ExitCode.DONE
        assert made.run("hold", "nr-0007", "--until", "2026-04-01", "--why", "zorana.plantedlogin asked for it").code == ExitCode.DONE
        for form in ("html", "csv", "json"):
            assert made.run("report", "--format", form).code == ExitCode.DONE
        yield made


def texts_of(path):
    """What a file says, whatever it is packed in."""
    if path.suffix == ".parquet":
        return [str(pl.read_parquet(path).rows())]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            return [parts.read(each).decode(errors="replace") for each in parts.namelist()]
    return [path.read_bytes().decode(errors="replace")]


def named_in(office):
    """The files of the state folder, and the log, that hold a planted value."""
    files = [*(path for path in office.state.rglob("*") if path.is_file()), office.folder / "steps.log"]
    found = {path: "".join(texts_of(path)).lower() for path in files}
    return {path.name for path, text in found.items() if any(value in text for value in PLANTED)}


def test_no_file_names_a_person_who_was_forgotten_and_the_audit_verifies(office):
    assert named_in(office) >= {"store.duckdb", "journal.sqlite", "operation.parquet"}
    office.leaves()
    asked = office.run("forget", "zorana.plantedlogin@corp.example")
    assert asked.code == ExitCode.DONE, asked.err
    assert asked.out.splitlines()[-1].startswith("Nothing was removed. To do it: reconcile ")
    assert asked.out.endswith(" forget zorana.plantedlogin@corp.example --live\n")
    assert "store.duckdb" in named_in(office)
    done = office.run("forget", "zorana.plantedlogin@corp.example", "--live", "--json")
    assert done.code == ExitCode.DONE, done.err
    assert done.json["records"] >= 2
    assert done.json["plans"]
    assert done.json["reports"]
    assert done.json["audit_entries"] == 1
    assert named_in(office) == set()
    verified = office.run("audit", "verify")
    assert verified.code == ExitCode.DONE, verified.err
    assert "forgotten" in office.run("audit").out
    assert office.run("forget", "zorana.plantedlogin@corp.example").code == ExitCode.USAGE


def test_others_stay_and_the_next_night_has_nothing_to_do(office):
    office.leaves()
    assert office.run("forget", "nr-0007", "--live").code == ExitCode.DONE
    office.day += timedelta(1)
    ended = office.run("run", "--live", "--json")
    assert ended.code == ExitCode.DONE, ended.err
    assert ended.json["operations"] == []
    with closing(Journal(office.state)) as journal:
        assert journal.runs.unfinished() is None
    assert "li.luczak" in office.run("history", "0008").out


def test_a_store_that_is_lost_afterwards_does_not_bring_the_person_back(office):
    office.leaves()
    assert office.run("forget", "nr-0007", "--live").code == ExitCode.DONE
    (office.state / "store.duckdb").unlink()
    assert office.run("extract").code == ExitCode.DONE
    assert office.run("plan").code == ExitCode.DONE
    assert named_in(office) == set()


def test_a_person_who_is_still_there_is_not_forgotten(office):
    before = office.run("forget", "nr-0007", "--live")
    assert before.code == ExitCode.REFUSED
    assert not (office.state / DUE).exists()
    assert before.err.startswith("Forget: the latest read of app, hr shows this person")
    assert "store.duckdb" in named_in(office)


def test_what_is_left_of_a_forgotten_entry_cannot_be_changed_unseen(office):
    office.leaves()
    assert office.run("forget", "nr-0007", "--live").code == ExitCode.DONE
    with closing(Journal(office.state)) as journal:
        held = next(each for each in journal.audit.entries() if each.event == "held")
        journal.do("let_audit_facts_go")
        journal.do("forget_audit_facts", sequence=held.sequence, facts='{"why":"another"}')
    found = office.run("audit", "verify")
    assert found.code == ExitCode.UNTRUSTED
    assert f"Audit entry {held.sequence}" in found.err


def test_kept_events_about_them_go_and_others_no_longer_say_that_they_did_it(office):
    gone = next(each["id"] for each in office.server.app.directory.held["Users"].values() if "plantedlogin" in each["userName"])
    event = "('app', ?, '2026-03-02T10:00:00.000Z', 'user.lifecycle.suspend', ?, ?, ?, [], '')"
    events = [
        ("about", "boss", "boss@x", [gone]),
        ("by", gone, "Zorana.PlantedLogin@corp.example", ["li"]),
        ("named", "another id", "ZORANA.PLANTEDLOGIN@corp.example", ["li"]),
        ("other", "boss", "boss@x", ["li"]),
    ]
    with closing(duckdb.connect(office.state / "store.duckdb")) as store:
        for each in events:
            store.execute(f"INSERT INTO log_event VALUES {event}", each)
    office.leaves()
    assert office.run("forget", "nr-0007", "--live", "--json").json["log_events"] == 3
    assert named_in(office) == set()
    with closing(duckdb.connect(office.state / "store.duckdb", read_only=True)) as store:
        kept = store.execute("SELECT uuid, actor, actor_name FROM log_event ORDER BY uuid").fetchall()
    assert kept == [("by", "", ""), ("named", "", ""), ("other", "boss", "boss@x")]


def test_rows_of_the_store_name_a_person_in_any_case(office):
    odd = "INSERT INTO quarantined VALUES ('hr', 1, 'file', 'people.csv', '9', '', 'unusable', ?)"
    lesson = "INSERT INTO lesson VALUES ('app', 'update', 'other', '', 'manager', 'refused', '', '', ?, '', '2026-03-02')"
    with closing(duckdb.connect(office.state / "store.duckdb")) as store:
        store.execute(odd, ["nr-9,ZORANA,,,,,"])
        store.execute(lesson, ["there is no Zorana.PLANTEDLOGIN"])
    office.leaves()
    assert office.run("forget", "nr-0007", "--live", "--json").json["quarantined"] == 1
    assert named_in(office) == set()


@pytest.mark.parametrize("instant", ["rewrite_journal", "rewrite_store"])
@pytest.mark.parametrize("ending", [("prune", "--live"), ("forget", "nr-0007", "--live")])
def test_a_forgetting_that_is_killed_before_the_files_are_written_anew_is_ended_by_the_next_command(office, instant, ending):
    office.leaves()
    words = [
        sys.executable,
        killed_rewrite.__file__,
        str(office.day),
        instant,
        "--project",
        str(office.folder),
        "forget",
        "nr-0007",
        "--live",
    ]
    assert subprocess.run(words, capture_output=True, check=False).returncode == -signal.SIGKILL
    assert (office.state / DUE).exists()
    assert "store.duckdb" in named_in(office)
    told = office.run("prune")
    assert "A forgetting was interrupted. To end it: reconcile " in told.out
    assert (office.state / DUE).exists()
    office.run(*ending)
    assert named_in(office) == set()
    assert not (office.state / DUE).exists()
    assert "interrupted" not in office.run("prune", "--live").out
    assert office.run("audit", "verify").code == ExitCode.DONE


def test_values_that_others_have_or_that_are_common_words_remove_nothing_of_others(office):
    """Whose name is `Update`, whose title is the team of others and part of another title, takes nothing away from them."""
    plans_before = {path.name for path in (office.state / "plans").iterdir()}
    office.hr(GONE, "nr-0070,Update,Enginee,common.plantedlogin,Red,Blue,Active\n", STAYS)
    assert office.run("run", "--live").code == ExitCode.DONE
    assert office.run("hold", "0008", "--until", "2026-04-01", "--why", "Update of the Red team").code == ExitCode.DONE
    assert office.run("extract").code == ExitCode.DONE
    office.hr(GONE, STAYS)
    held = office.server.app.directory.held
    del held["Users"][next(each["id"] for each in held["Users"].values() if "common.plantedlogin" in each["userName"])]
    for group in held["Groups"].values():
        group["members"] = [each for each in group.get("members", []) if each["value"] in held["Users"]]
    office.day += timedelta(1)
    assert office.run("extract").code == ExitCode.DONE
    asked = office.run("forget", "nr-0070", "--json")
    assert asked.code == ExitCode.DONE, asked.err
    asked = asked.json
    assert asked["journal_rows"] == office.run("forget", "nr-0070", "--live", "--json").json["journal_rows"]
    assert {"hr.First", "hr.Last", "hr.Title"} <= set(asked["left"])
    assert not any(place.endswith(("Login", "Number", "userName")) for place in asked["left"])
    kept = {path.name for path in (office.state / "plans").iterdir()}
    assert kept == plans_before
    assert "Update of the Red team" in office.run("hold").out
    assert "common.plantedlogin" not in "".join(text for path in office.state.rglob("*") if path.is_file() for text in texts_of(path))


@pytest.mark.parametrize("who", ["nr-0007", "nr-4711"])
def test_person_is_forgotten_under_the_former_number_too(office, who):
    mapping = office.folder / "mappings" / "identities.toml"
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace('anchor = "Number"', 'anchor = "Number"\nperson = "Login"'), encoding="utf-8"
    )
    new = GONE.replace("nr-0007", "nr-4711")
    for rows in ((GONE.replace("Active", "Left"), new), (new,)):
        office.day += timedelta(1)
        office.hr(*rows, STAYS)
        ended = office.run("run", "--live")
        assert ended.code in (ExitCode.DONE, ExitCode.CHANGES_WAIT), ended.out + ended.err
    assert "nr-4711: held" in office.run("hold").out
    changed = {each["record_id"] for each in office.run("history", "nr-4711", "--json").json["changes"] if each["system"] == "hr"}
    assert changed == {"nr-0007", "nr-4711"}
    office.leaves()
    done = office.run("forget", who, "--live")
    assert done.code == ExitCode.DONE, done.err
    assert named_in(office) == set()
    assert "nr-4711" not in "".join("".join(texts_of(each)) for each in office.state.rglob("*") if each.is_file())
    assert "No holds are in force." in office.run("hold").out
