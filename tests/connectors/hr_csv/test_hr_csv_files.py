"""Which file is read, whether it is finished, and what `check` says of it."""

import asyncio
import hashlib
import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import RawPage, Scope, ScopeKind, Source


def _ok(export, name="workers.csv", **changed):
    body = (export.folder / name).read_bytes()
    stated = {
        "file": name,
        "mode": "full",
        "as_of": "2026-03-02",
        "rows": body.count(b"\n") - 1,
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        **changed,
    }
    export.put(json.dumps({key: value for key, value in stated.items() if value is not None}), f"{name}.ok")


def test_the_connector_is_a_source(export):
    assert isinstance(export.connector(), Source)


def test_a_missing_file_is_a_problem_that_names_what_is_there(export):
    export.put("", "workers.csv.part")
    read = export.read()
    assert read.pages == []
    assert read.ends[0].scope == Scope(ScopeKind.FILE, "workers.csv")
    assert "no file matches workers.csv" in read.problem
    assert "workers.csv.part" in read.problem


def test_the_newest_is_by_the_date_in_the_name_where_one_is_declared(export, three):
    for day in ("01.12.2025", "02.01.2026"):
        export.put(three, f"workers_{day}.csv")
    newest = export.read(path="workers_*.csv", name_date="%d.%m.%Y")
    assert newest.ends[0].scope.name == "workers_02.01.2026.csv"
    assert newest.ends[0].watermark == "2026-01-02"
    export.put(three, "workers_copy.csv")
    assert "holds no date" in export.read(path="workers_*.csv", name_date="%d.%m.%Y").problem


def test_the_newest_is_the_last_name_otherwise_and_companions_are_no_exports(export, three):
    for name in ("w_1.csv", "w_2.csv", "w_2.csv.ok", ".w_3.csv.part", "~$w_2.csv"):
        export.put(three, name)
    assert export.read(path="w_*").ends[0].scope.name == "w_2.csv"
    assert export.read(path="*w_*").ends[0].scope.name == "w_2.csv"


@pytest.mark.parametrize(("minutes", "believed"), [(50, True), (70, False), (60 * 24, False)])
def test_the_last_name_is_not_the_newest_where_another_file_was_changed_later(export, three, minutes, believed):
    old, new = export.put(three, "w_31.01.2026.csv"), export.put(three, "w_01.02.2026.csv")
    os.utime(old, (new.stat().st_mtime - 60 * minutes,) * 2)
    read = export.read(path="w_*.csv")
    assert (read.problem == "") is believed
    if not believed:
        assert read.problem.startswith("w_31.01.2026.csv is the newest by its name, and w_01.02.2026.csv was changed later; say how")
        assert read.records == []
    dated = export.read(path="w_*.csv", name_date="%d.%m.%Y")
    assert (dated.problem, dated.ends[0].scope.name) == ("", "w_01.02.2026.csv")
    assert len(export.read(path="w_*.csv", pick="all").ends) == 2


@pytest.mark.parametrize(
    ("touched", "last", "believed"),
    [
        ("w_2026-01-31.csv", "w_2026-02-01.csv", True),
        ("w_20260131_0400.csv", "w_20260201_0400.csv", True),
        ("w_20260131.csv", "w_20260201.csv", True),
        ("east_20260201.csv", "west_20260131.csv", False),
        ("w_2026-02-01.csv", "w_20260131.csv", False),
        ("w_9.csv", "w_91.csv", False),
    ],
)
def test_an_old_file_may_be_changed_where_names_state_the_year_first(export, three, touched, last, believed):
    changed = export.put(three, touched).stat().st_mtime
    os.utime(export.put(three, last), (changed - 7200,) * 2)
    read = export.read(path="*.csv")
    assert (read.problem == "") is believed, read.problem
    assert not believed or read.ends[0].scope.name == last


def test_the_newest_is_never_replaced_by_an_older_one(export, three):
    export.put(three, "w_1.csv")
    export.put("", "w_2.csv")
    assert export.read(path="w_*.csv").problem.startswith("w_2.csv: it is empty")


def test_all_files_are_scopes_of_their_own(export, three):
    export.put(three, "w_1.csv")
    export.put("", "w_2.csv")
    export.put(three, "w_3.csv")
    read = export.read(path=f"{export.folder}/w_*.csv", pick="all")
    assert [bool(end.problem) for end in read.ends] == [False, True, False]
    assert len(read.records) == 6


def test_a_finished_export_with_its_companion_is_complete(export, three):
    export.put(three)
    _ok(export)
    read = export.read(companion=".ok")
    assert (read.problem, read.ends[0].declared_total, read.ends[0].watermark) == ("", 3, "2026-03-02")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rows": 4}, "states 4 rows and it holds 3"),
        ({"bytes": 17}, "states bytes 17"),
        ({"sha256": "0" * 64}, "states sha256"),
        ({"file": "others.csv"}, "states file others.csv"),
        ({"mode": "delta"}, "states mode delta"),
        ({"rows": None, "bytes": None, "sha256": None}, "proves nothing"),
        ({"rows": "many"}, "rows"),
    ],
)
def test_a_companion_that_states_something_else_is_a_problem(export, three, changed, said):
    export.put(three)
    _ok(export, **changed)
    assert said in export.read(companion=".ok").problem


def test_a_half_copied_file_is_seen_even_where_it_was_cut_at_a_row(export, three, lines):
    export.put(three)
    _ok(export)
    assert "states bytes" in export.read(three[: three.rindex("1003")], companion=".ok").problem


@pytest.mark.parametrize("kind", [".ok", ".done", ".sha256"])
def test_without_its_companion_an_export_is_not_finished(export, three, kind):
    assert f"workers.csv{kind} is not there" in export.read(three, companion=kind).problem


def test_a_marker_older_than_the_export_is_left_over(export, three):
    file, marker = export.put(three), export.put("", "workers.csv.done")
    assert export.read(companion=".done").problem == ""
    os.utime(marker, (file.stat().st_mtime - 60,) * 2)
    assert "newer than its companion" in export.read(companion=".done").problem


def test_a_checksum_file_is_compared(export, three):
    file = export.put(three)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    export.put(f"{digest}  workers.csv\n", "workers.csv.sha256")
    assert export.read(companion=".sha256").problem == ""
    assert "its SHA-256 is" in export.read(three.replace("Ada", "Adi"), companion=".sha256").problem
    export.put("SHA256 (workers.csv) = nothing", "workers.csv.sha256")
    assert "holds no SHA-256" in export.read(companion=".sha256").problem


def test_a_file_too_young_or_too_old_is_a_problem(export, three):
    file = export.put(three)
    assert "still be being written" in export.read(min_age_seconds=60).problem
    os.utime(file, (time.time() - 48 * 3600,) * 2)
    assert export.read(min_age_seconds=60, max_age_hours=49).problem == ""
    assert "did not arrive" in export.read(max_age_hours=47).problem


def test_a_copy_made_today_of_an_old_export_is_old(export, three):
    day = datetime.now(UTC).date()
    contract = {"path": "w_*.csv", "name_date": "%Y%m%d", "max_age_hours": 36}
    export.put(three, f"w_{day - timedelta(days=3):%Y%m%d}.csv")
    assert "did not arrive" in export.read(**contract).problem
    export.put(three, f"w_{day:%Y%m%d}.csv")
    assert export.read(**contract).problem == ""


def _refused_for_its_date(read):
    return "which is in the future" in read.problem and read.ends[0].watermark < "2100"


def test_a_name_of_a_future_date_is_refused_and_hides_nothing_silently(export, three):
    contract = {"path": "w_*.csv", "name_date": "%Y%m%d"}
    export.put(three, f"w_{datetime.now(UTC):%Y%m%d}.csv")
    export.put(three, "w_20620302.csv")
    read = export.read(**contract)
    assert _refused_for_its_date(read)
    assert read.problem.startswith("w_20620302.csv: its name states 2062-03-02, which is in the future (this machine's clock says ")
    assert read.problem.endswith("remove or correct the file, or correct the clock")
    assert [bool(end.problem) for end in export.read(pick="all", **contract).ends] == [False, True]
    checks = asyncio.run(export.connector(**contract).check())
    assert any("its name states 2062-03-02" in check.problem for check in checks)


def test_a_companion_of_a_future_date_is_refused(export, three):
    export.put(three)
    _ok(export, as_of="2062-03-02")
    read = export.read(companion=".ok")
    assert _refused_for_its_date(read)
    assert "its companion (as_of) states 2062-03-02" in read.problem


def test_a_companion_of_today_does_not_excuse_a_name_of_the_future(export, three):
    export.put(three, "w_20620302.csv")
    _ok(export, "w_20620302.csv", as_of=f"{datetime.now(UTC):%Y-%m-%d}")
    assert "its name states 2062-03-02" in export.read(path="w_*.csv", name_date="%Y%m%d", companion=".ok").problem


def test_a_time_of_last_change_in_the_future_is_refused(export, three):
    file = export.put(three)
    os.utime(file, (time.time() + 25 * 3600,) * 2)
    read = export.read()
    assert "its time of last change states" in read.problem
    assert "which is in the future" in read.problem


def test_a_date_that_is_tomorrow_in_another_time_zone_is_no_future(export, three):
    """Midnight of the day after today in UTC is never a whole day ahead."""
    file = export.put(three, f"w_{datetime.now(UTC) + timedelta(days=1):%Y%m%d}.csv")
    before = datetime.now(UTC)
    os.utime(file, (time.time() + 22 * 3600,) * 2)
    assert export.read(path="w_*.csv", name_date="%Y%m%d").problem == ""
    assert export.read(path=file.name).ends[0].watermark <= f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert export.read(path=file.name).ends[0].watermark >= f"{before:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("equal", ["w_20260302 (1).csv", "w_copy_20260302.csv", "w_20260302_b.csv"])
def test_two_files_of_one_date_are_refused_by_name(export, three, lines, equal):
    contract = {"path": "w_*.csv", "name_date": "%Y%m%d"}
    for name in ("w_20260301.csv", "w_20260302.csv"):
        export.put(three, name)
    assert export.read(**contract).ends[0].scope.name == "w_20260302.csv"
    export.put(lines("1001,Ada,Lovelace,ada@example.com,,2019-03-01"), equal)
    read = export.read(**contract)
    assert read.records == []
    for name in ("w_20260302.csv", equal):
        assert name in read.problem
    assert "state the same date, so neither is the newest; leave only the right one there" in read.problem
    assert len(export.read(pick="all", **contract).ends) == 3
    export.put(three, "w_20260303.csv")
    assert export.read(**contract).ends[0].scope.name == "w_20260303.csv"


def test_the_time_of_day_in_a_name_tells_two_files_of_one_date_apart(export, three):
    for moment in ("202603020259", "202603021500", "202603020300"):
        export.put(three, f"w_{moment}.csv")
    read = export.read(path="w_*.csv", name_date="%Y%m%d%H%M")
    assert (read.ends[0].scope.name, read.ends[0].watermark) == ("w_202603021500.csv", "2026-03-02")


def test_a_link_to_nowhere_is_no_file(export):
    (export.folder / "gone.csv").symlink_to(export.folder / "nowhere.csv")
    assert "no file matches gone.csv" in export.read(path="gone.csv").problem


def test_a_file_that_grows_while_it_is_read_is_a_problem(export):
    # a file of the kernel's whose size is not what can be read from it, as of a file that is being written
    read = export.read(path="/proc/self/status")
    assert read.pages == []
    assert "changed while it was read" in read.problem


def test_a_page_read_from_elsewhere_decodes_the_same(export, three):
    read = export.read(three)
    [page] = read.pages
    again = export.connector().decode(RawPage(page.scope, 1, bytes(bytearray(page.body))))
    assert list(again.records) == read.records


@pytest.mark.parametrize("body", [b"\x1f\x8bxyz", b"", b"{}", b'{"header":["Employee_ID"],"line":2}\nx', b"[]\n\xff"])
def test_what_is_no_page_decodes_to_one_quarantined_row(export, body):
    rows = export.connector().decode(RawPage(Scope(ScopeKind.FILE, "workers.csv"), 1, body))
    assert [(row.position, row.id) for row in rows.quarantined] == [("file", "")]
    assert not rows.records


def test_a_refused_file_is_one_quarantined_row(export):
    read = export.read(b"\x1f\x8bxyz")
    assert [(row.position, row.id) for row in read.quarantined] == [("file", "")]


def test_check_says_what_is_wrong_and_what_was_meant(export, three):
    export.put(three)
    assert [check.problem for check in asyncio.run(export.connector(path="*.csv").check())] == ["", "", ""]
    export.put(three + "\n\n1004\nTotal\n")
    [*_, counted] = asyncio.run(export.connector(footer_pattern="Total").check())
    assert "3 usable rows, 1 unusable, 2 blank and 1 footer lines" in counted.what
    export.put(three.replace("First_Name", "Firstname"))
    found, finished, contract = asyncio.run(export.connector(companion=".ok").check())
    assert found.problem == ""
    assert "workers.csv.ok is not there" in finished.problem
    assert "'First_Name' (is it now 'Firstname'?)" in contract.problem
    [missing] = asyncio.run(export.connector(path="worker.csv").check())
    assert "similar names there: workers.csv" in missing.problem
