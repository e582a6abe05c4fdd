"""Any table that a correct writer writes is read back cell by cell, and every row is accounted for."""

import asyncio
import csv
import hashlib
import io
import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import RawPage
from connectors.hr.csv.connector import HrCsv
from connectors.hr.csv.settings import HrCsvSettings
from tests.support.examples import examples

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\x0b\x0c\x85"), max_size=12)
_SEVERAL_LINES = st.lists(st.text("abc äöß\u2028'", max_size=6), min_size=1, max_size=4).map("\r\n".join)
_ROWS = st.lists(st.tuples(st.integers(0, 30).map("{:05d}".format), _TEXT, _SEVERAL_LINES, _TEXT), min_size=1, max_size=12)
_DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", ";", "\t", "|"]),
        "quotechar": st.sampled_from(['"', "'"]),
        "quoting": st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
    }
)
_ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])


@dataclass
class Table:
    """What a file gave."""

    problem: str = ""
    records: list = field(default_factory=list)
    quarantined: list = field(default_factory=list)
    repeated: int = 0


@pytest.fixture(scope="session")
def read_table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hr")

    async def reading(contract):
        table, source = Table(), HrCsv("hr", contract, folder)
        async for answer in source.pages():
            if isinstance(answer, RawPage):
                rows = source.decode(answer)
                table.records += rows.records
                table.quarantined += rows.quarantined
                table.repeated += rows.repeated
            else:
                table.problem = answer.problem
        return table

    def read(body, contract, companion=None):
        (folder / "x.csv").write_bytes(body)
        if companion is not None:
            (folder / "x.csv.ok").write_text(json.dumps(companion))
        return asyncio.run(reading(contract))

    return read


def _contract(dialect, encoding, **more):
    return HrCsvSettings.model_validate(
        {
            **more,
            "path": "x.csv",
            "columns": ["Id", "Name", "Note", "Team"],
            "key": ["Id"],
            "multiline_columns": ["Note"],
            "delimiter": dialect["delimiter"],
            "quote": dialect["quotechar"],
            "encoding": encoding,
        }
    )


@given(rows=_ROWS, dialect=_DIALECTS, encoding=_ENCODINGS)
@examples(150, deadline=None)
def test_what_was_written_is_read(read_table, rows, dialect, encoding):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *rows])
    table = read_table(out.getvalue().encode(encoding), _contract(dialect, encoding))
    assert table.problem == ""
    assert len(table.records) + table.repeated == len(rows)
    assert sorted(tuple(record.values().values()) for record in table.records) == sorted(set(rows))
    assert len({record.id for record in table.records}) == len(table.records)


@given(rows=_ROWS, dialect=_DIALECTS, cut=st.floats(0, 1))
@examples(150, deadline=None)
def test_a_file_cut_anywhere_shows_it_or_lacks_whole_rows_only(read_table, rows, dialect, cut):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *rows])
    whole = out.getvalue().encode()
    table = read_table(whole[: int(cut * len(whole))], _contract(dialect, "utf-8"))
    read = sorted(tuple(record.values().values()) for record in table.records)
    assert table.problem or read == sorted(set(rows[: len(read) + table.repeated]))


@given(rows=_ROWS, dialect=_DIALECTS, place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=3))
@examples(150, deadline=None)
def test_reading_is_total_and_every_row_has_one_end(read_table, rows, dialect, place, junk):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *rows])
    whole = out.getvalue().encode()
    at = int(place * len(whole))
    table = read_table(whole[:at] + junk + whole[at:], _contract(dialect, "utf-8"))
    lines = [record.position for record in table.records]
    assert len(set(lines)) == len(lines)


_SPOILS = st.sampled_from(["delete", "double", "cut", "change"])


def _spoilt(whole, how, at):
    match how:
        case "delete":
            return whole[:at] + whole[at + 1 :]
        case "double":
            return whole[: at + 1] + whole[at:]
        case "cut":
            return whole[:at]
        case _:
            return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


@pytest.mark.parametrize("states", [["bytes"], ["sha256"], ["rows", "bytes", "sha256"]])
@given(rows=_ROWS, dialect=_DIALECTS, how=_SPOILS, place=st.floats(0, 1, exclude_max=True))
@examples(60, deadline=None)
def test_one_byte_more_or_less_is_never_complete_beside_a_companion(read_table, *, states, rows, dialect, how, place):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *rows])
    whole = out.getvalue().encode()
    stated = {"rows": len(rows), "bytes": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}
    contract, companion = _contract(dialect, "utf-8", companion=".ok"), {name: stated[name] for name in states}
    assert read_table(whole, contract, companion).problem == ""
    spoilt = _spoilt(whole, how, int(place * len(whole)))
    if how != "change" or "sha256" in states:
        assert read_table(spoilt, contract, companion).problem


@given(rows=_ROWS, dialect=_DIALECTS, encoding=st.sampled_from(["cp1252", "iso-8859-2", "cp932", "gb18030"]))
@examples(60, deadline=None)
def test_what_an_old_encoding_can_write_is_read(read_table, rows, dialect, encoding):
    plain = [tuple(cell.encode(encoding, "replace").decode(encoding) for cell in row) for row in rows]
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *plain])
    table = read_table(out.getvalue().encode(encoding), _contract(dialect, encoding))
    if "it is UTF-8" not in table.problem:
        assert table.problem == ""
        assert sorted(tuple(record.values().values()) for record in table.records) == sorted(set(plain))
