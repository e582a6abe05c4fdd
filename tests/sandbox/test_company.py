"""The sample company is the same wherever it is made, passes our own reader, and has drifted exactly as it says."""

import asyncio
import json
from collections import Counter
from datetime import date

import pytest

from connectors.contract import ScopeEnd
from connectors.hr.csv.connector import HrCsv
from connectors.hr.csv.settings import HrCsvSettings
from connectors.sandbox.company import Drift, company, next_day, okta_seed, scim_seed, write_hr
from connectors.sandbox.company.accounts import APP_GROUP, department_group, okta_profile
from connectors.sandbox.company.hr_files import CONTRACTOR_COLUMNS, WORKER_COLUMNS
from connectors.sandbox.company.people import Department, Kind, Person, WorkerStatus, works
from connectors.sandbox.okta.app import OktaSandbox
from connectors.sandbox.scim import ScimSandbox

TODAY = date(2026, 3, 2)
WORKERS = {
    "path": "workers_*.csv",
    "name_date": "%Y%m%d",
    "columns": WORKER_COLUMNS,
    "key": ["Employee_ID"],
    "key_pattern": r"\d{7}",
    "companion": ".ok",
    "extra_columns": "refuse",
    "max_quarantine": 0,
    "date_columns": {name: "%Y-%m-%d" for name in WORKER_COLUMNS if name.endswith("_Date")},
}
CONTRACTORS = {
    "path": "contractors_*.csv",
    "columns": CONTRACTOR_COLUMNS,
    "key": ["Contractor No"],
    "key_pattern": r"C\d+",
    "delimiter": ";",
    "companion": ".ok",
    "max_quarantine": 0,
    "date_columns": {"From": "%d.%m.%Y", "Until": "%d.%m.%Y"},
}


@pytest.fixture(scope="module")
def firm():
    return company(500, 7, TODAY)


@pytest.fixture(scope="module")
def org(firm):
    return okta_seed(firm)


def _numbers(firm, kind) -> set[str]:
    return set(firm.drift[kind])


def _people(firm) -> dict[str, Person]:
    return {person.number: person for person in firm.people}


def _by_number(org):
    return {user["profile"]["employeeNumber"]: user for user in org["users"] if "employeeNumber" in user["profile"]}


async def _read(source):
    records, problems = [], []
    async for answer in source.pages():
        if isinstance(answer, ScopeEnd):
            problems.append(answer.problem)
        else:
            rows = source.decode(answer)
            assert not rows.quarantined
            records.extend(rows.records)
    return records, problems


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    one, other = (write_hr(next_day(company(300, 11, TODAY)), tmp_path / name) for name in ("one", "other"))
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in other]
    seeds = [json.dumps([okta_seed(firm), scim_seed(firm)]) for firm in (company(300, 11, TODAY), company(300, 11, TODAY))]
    assert seeds[0] == seeds[1]
    assert okta_seed(company(300, 12, TODAY)) != okta_seed(company(300, 11, TODAY))


@pytest.mark.parametrize("size", [60, 200, 500])
def test_the_exports_pass_the_guarded_reader_on_both_days(tmp_path, size):
    firm = company(size, 3, TODAY)
    assert len(firm.people) == size
    for day in (firm, next_day(firm)):
        write_hr(day, tmp_path)
        workers, problems = asyncio.run(_read(HrCsv("workers", HrCsvSettings.model_validate(WORKERS), tmp_path)))
        contractors, more = asyncio.run(_read(HrCsv("contractors", HrCsvSettings.model_validate(CONTRACTORS), tmp_path)))
        assert [*problems, *more] == ["", ""]
        assert {record.id for record in workers if "#" not in record.id} == {
            person.number for person in day.people if person.kind is Kind.EMPLOYEE
        }
        assert {record.id for record in contractors} == {person.number for person in day.people if person.kind is Kind.CONTRACTOR}
        assert {record.values()["Primary_Job"] for record in workers} == {"Y", "N"}


def test_a_company_too_small_for_every_kind_of_person_is_refused():
    with pytest.raises(ValueError, match="40 is the least"):
        company(39, 1, TODAY)


def test_hr_holds_every_kind_of_life(firm):
    employees = [person for person in firm.people if person.kind is Kind.EMPLOYEE]
    gone = [person for person in employees if person.status is WorkerStatus.TERMINATED]
    names = Counter((person.first, person.last) for person in employees)
    assert any(person.ends == TODAY for person in gone)
    assert any(person.ends < TODAY for person in gone)
    assert any(person.ends and person.ends > TODAY for person in employees if person.status is WorkerStatus.ACTIVE)
    assert any(person.status is WorkerStatus.ON_LEAVE for person in employees)
    assert all(not person.email for person in employees if person.hired > TODAY)
    assert any(person.hired != person.first_hired for person in employees)
    assert any(person.second_job for person in employees)
    assert max(names.values()) > 1
    assert any(not person.first.legal for person in employees)
    assert any(len(person.last.legal) > 50 for person in employees)
    assert {"JP", "KR", "UA", "GR"} < {person.office.country for person in employees}
    assert all(person.number.startswith("00") for person in employees)
    universal = Counter(person.universal_id for person in firm.people)
    assert sum(count == 2 for count in universal.values()) == 1


def test_every_manager_is_a_person_of_the_company(firm):
    leaders = {person.number for person in firm.people if person.leads and works(person, TODAY)}
    employees = [person for person in firm.people if person.kind is Kind.EMPLOYEE]
    assert [person.number for person in employees if not person.manager] == ["0020001"]
    assert {person.manager for person in employees if person.manager} <= leaders
    sponsors = {person.email for person in employees if person.leads}
    assert {person.manager for person in firm.people if person.kind is Kind.CONTRACTOR} <= sponsors


def test_only_the_shared_address_is_shared(firm):
    shared = [address for address, count in Counter(person.email for person in firm.people if person.email).items() if count > 1]
    assert shared == [_people(firm)[number].email for number in firm.drift[Drift.SHARED_EMAIL]]


def test_a_company_of_500_has_drifted_by_these_counts(firm):
    assert {kind.value: len(numbers) for kind, numbers in firm.drift.items()} == {
        "missing": 12,
        "old_title": 10,
        "old_department": 6,
        "old_manager": 10,
        "old_surname": 3,
        "wrong_group": 8,
        "other_login": 1,
        "shared_email": 1,
        "protected_leaver": 1,
        "still_active": 10,
        "back": 3,
        "converted": 1,
        "foreign": 7,
    }
    assert len(firm.drift_of()) == sum(map(len, firm.drift.values()))


def test_accounts_differ_from_hr_as_the_drift_says_and_nowhere_else(firm, org):
    changed = {
        Drift.OLD_TITLE: {"title"},
        Drift.OLD_DEPARTMENT: {"department", "costCenter"},
        Drift.OLD_MANAGER: {"managerId"},
        Drift.OLD_SURNAME: {"lastName", "displayName"},
        Drift.OTHER_LOGIN: {"login"},
    }
    drifting, held = firm.drift_of(), _by_number(org)
    for number, person in _people(firm).items():
        kind = drifting.get(number)
        if number not in held:
            assert kind in (Drift.MISSING, Drift.SHARED_EMAIL, Drift.CONVERTED) or person.hired > TODAY
            continue
        right, is_now = okta_profile(person, person.email), held[number]["profile"]
        assert {name for name in {*right, *is_now} if right.get(name) != is_now.get(name)} == changed.get(kind, set()), kind


def test_states_differ_from_hr_as_the_drift_says_and_nowhere_else(firm, org):
    held, people = _by_number(org), _people(firm)
    active = {number for number, user in held.items() if user["status"] != "DEPROVISIONED"}
    should = {number for number in held if works(people[number], TODAY)}
    converted = {people[number].universal_id for number in firm.drift[Drift.CONVERTED]}
    before = {person.number for person in firm.people if person.universal_id in converted and person.kind is Kind.CONTRACTOR}
    assert active - should == _numbers(firm, Drift.STILL_ACTIVE) | _numbers(firm, Drift.PROTECTED_LEAVER) | before
    assert should - active == _numbers(firm, Drift.BACK)


def test_groups_differ_from_hr_as_the_drift_says_and_nowhere_else(firm, org):
    held, people = _by_number(org), _people(firm)
    number_of = {user["profile"]["login"]: number for number, user in held.items()}
    departments = {department_group(department): department for department in Department}
    wrong = {
        number_of[login]
        for name in departments
        for login in org["members"].get(name, ())
        if people[number_of[login]].department != departments[name]
    }
    assert wrong == _numbers(firm, Drift.WRONG_GROUP) | _numbers(firm, Drift.OLD_DEPARTMENT)
    everyone = {number_of[login] for name in ("all-employees", "all-contractors") for login in org["members"][name]}
    assert everyone == {number for number, user in held.items() if user["status"] != "DEPROVISIONED"}
    assert {number_of[login] for login in org["members"]["managers"]} == {person.number for person in firm.people if person.leads}


def test_foreign_accounts_match_no_person_and_protected_accounts_exist(firm, org):
    claimed = {person.email for person in firm.people}
    logins = {user["profile"]["login"] for user in org["users"] if user["status"] == "ACTIVE"}
    assert _numbers(firm, Drift.FOREIGN) <= logins
    assert not _numbers(firm, Drift.FOREIGN) & claimed
    assert set(firm.protected) <= logins


def test_the_okta_sandbox_takes_the_seed(org):
    held = OktaSandbox(org).state()
    assert len(held["users"]) == len(org["users"])
    assert {group["profile"]["name"]: group["type"] for group in held["groups"]}[APP_GROUP] == "APP_GROUP"


def test_the_wiki_knows_the_same_people(firm, org):
    wiki = scim_seed(firm)
    users = {user["id"]: user for user in wiki["users"]}
    people = [user for user in wiki["users"] if "externalId" in user]
    assert {user["externalId"]: user["active"] for user in people} == {
        number: user["status"] != "DEPROVISIONED" for number, user in _by_number(org).items()
    }
    readers, editors = ({member["value"] for member in group["members"]} for group in wiki["groups"])
    assert readers == {user["id"] for user in people if user["active"]}
    assert editors < readers
    assert len(ScimSandbox(wiki).state()["users"]) == len(users)
    assert {users[member]["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["department"] for member in editors} == {
        "Engineering",
        "Product & Design",
    }


def test_the_second_night_has_work_of_its_own(firm):
    tomorrow = next_day(firm)
    counts = {kind.value: len(numbers) for kind, numbers in tomorrow.drift.items()}
    assert min(counts.values()) >= 1
    assert "wrong_group" not in counts
    held, people = _by_number(okta_seed(tomorrow)), _people(tomorrow)
    assert all(works(_people(firm)[number], TODAY) for number in tomorrow.drift[Drift.STILL_ACTIVE])
    assert not _numbers(tomorrow, Drift.MISSING) & set(held)
    assert all(people[number].email for number in tomorrow.drift[Drift.MISSING])
    active = {number for number, user in held.items() if user["status"] != "DEPROVISIONED"}
    should = {number for number in held if works(people[number], tomorrow.today)}
    assert active - should == _numbers(tomorrow, Drift.STILL_ACTIVE) | _numbers(tomorrow, Drift.PROTECTED_LEAVER)
    assert should - active == _numbers(tomorrow, Drift.BACK)
    assert set(_people(firm)) < set(people)
