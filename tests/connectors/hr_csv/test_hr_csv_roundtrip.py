"""Any table that a correct writer writes is read back cell by cell, and every row is accounted for."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.hr_csv.reader import read_table
from connectors.hr_csv.settings import HrCsvSettings

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


def _contract(dialect, encoding):
    return HrCsvSettings.model_validate(
        {
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
@settings(max_examples=150, deadline=None)
def test_what_was_written_is_read(rows, dialect, encoding):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *rows])
    table = read_table(out.getvalue().encode(encoding), _contract(dialect, encoding))
    assert table.problem == ""
    assert table.rows == len(rows) == len(table.records)
    assert sorted(tuple(record.values().values()) for record in table.records) == sorted(rows)
    assert len({record.id for record in table.records}) == len(rows)


@given(rows=_ROWS, dialect=_DIALECTS, cut=st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_a_file_cut_anywhere_shows_it_or_lacks_whole_rows_only(rows, dialect, cut):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *rows])
    whole = out.getvalue().encode()
    table = read_table(whole[: int(cut * len(whole))], _contract(dialect, "utf-8"))
    read = sorted(tuple(record.values().values()) for record in table.records)
    assert table.problem or read == sorted(rows[: len(read)])


@given(rows=_ROWS, dialect=_DIALECTS, place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_reading_is_total_and_every_row_has_one_end(rows, dialect, place, junk):
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([("Id", "Name", "Note", "Team"), *rows])
    whole = out.getvalue().encode()
    at = int(place * len(whole))
    table = read_table(whole[:at] + junk + whole[at:], _contract(dialect, "utf-8"))
    lines = [record.position for record in table.records]
    assert len(set(lines)) == len(lines)
    assert table.problem or table.rows == len(table.records) + len(table.quarantined)
