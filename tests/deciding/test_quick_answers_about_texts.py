"""Forms of texts are found at once for most of them, and as their full definitions find them for all."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from reconcile.decide.matching.correlate import make_forms
from reconcile.store.holding import store_holding

TEXTS = st.lists(
    st.text(
        st.sampled_from(
            [
                *" !aAiI~'\\\t\n\x00\x1f\x7f\x80",
                "\u00a0",
                "\u00ad",
                "\u200b",
                "\u3000",
                "\u3164",
                "\u0301",
                "\u0338",
                "ａ",
                "ß",
                "\u0130",
                "\u0307",
                "ς",
                "\U0001f642",
            ]
        ),
        max_size=4,
    ),
    min_size=1,
    max_size=20,
    unique=True,
)
IN_FULL = {
    "odd(id)": "regexp_matches(id, '[^ -~]')",
    "trimmed(id)": "trim(id)",
    "one_case(id)": "replace(replace(lower(id), 'i' || chr(775), 'i'), 'ς', 'σ')",
    "comparable(id)": "CASE WHEN regexp_matches(id, '[^ -~]') THEN one_case(trim(plain(id))) ELSE lower(trim(id)) END",
    "blank(id)": r"regexp_full_match(CASE WHEN odd(id) THEN plain(id) ELSE id END, '[\pZ\s]*')",
}


@given(TEXTS)
@example(["", " ", "\u00ada", "a\u00ad", "!", "\x7f", "\x00", "<\u0338", "\u0301"])
def test_quick_answer_is_the_full_answer(texts):
    store = store_holding({})
    make_forms(store)
    store.do("stage_unlisted")
    store.append("staged_unlisted", {"id": texts, "answer": texts})
    for quick, full in IN_FULL.items():
        found, defined = (store.expressions.results("staged_unlisted", "id", each, where="true", most=99) for each in (quick, full))
        assert found == defined
    store.close()
