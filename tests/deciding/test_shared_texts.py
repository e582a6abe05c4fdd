"""Creations share equal texts, and write what their expressions gave however many there are."""

from reconcile.decide.changes.shared_texts import TRIED, WrittenValues


def test_every_creation_writes_what_was_stated_and_equal_texts_stay_one_object():
    written = WrittenValues(["login", "department", "manager", "levels"], ["VARCHAR", "VARCHAR", "VARCHAR", "INTEGER[]"])
    departments = []
    for number in range(TRIED + 10):
        values = written.of([f"u{number}", b"Sales".decode(), None, f"[{number}]"])
        assert values == {"login": f"u{number}", "department": "Sales", "levels": [number]}
        departments.append(values["department"])
    assert len({id(each) for each in departments}) == 1
