"""The report of a plan has the department of each person, as the accounts have it, without opening the store."""

import stat

from reconcile.usecases import departments
from tests.support.page_rows import rows


def _departments(world):
    """By account: what the record of the sandbox says."""
    okta = {("okta", user["id"]): user["profile"].get("department") for user in world.state["okta"]["users"]}
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    wiki = {("wiki", user["id"]): user.get(enterprise, {}).get("department") for user in world.state["wiki"]["users"]}
    return {place: department for place, department in (okta | wiki).items() if department}


def _rows(world):
    page = world.folder / "page.html"
    assert world.run("report", "--output", str(page)).code == 0
    return rows(page.read_text(encoding="utf-8"))


def test_rows_of_a_report_have_the_department_of_their_person(before_a_night):
    world = before_a_night.world
    known, found = _departments(world), _rows(world)
    shown = {(each["target"], each["account"]): each["department"] for each in found if (each["target"], each["account"]) in known}
    assert shown
    assert shown == {place: known[place] for place in shown}
    path = world.folder / "state" / "plans" / before_a_night.plan["plan"]["digest"] / departments.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_report_is_written_without_departments_where_they_cannot_be_read(before_a_night):
    path = before_a_night.world.folder / "state" / "plans" / before_a_night.plan["plan"]["digest"] / departments.FILE
    path.write_text('{"E1": ', encoding="utf-8")
    found = _rows(before_a_night.world)
    assert found
    assert {each["department"] for each in found} == {""}
