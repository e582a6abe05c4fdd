"""`blank` answers at once for most texts, and as its full definition does for all."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from reconcile.decide.matching.correlate import make_forms
from reconcile.store.connection import Store

TEXTS = st.lists(
    st.text(
        st.sampled_from(
            [*" !a~\t\n\x00\x1f\x7f\x80", "\u00a0", "\u00ad", "\u200b", "\u3000", "\u3164", "\u0301", "\u0338", "ａ", "ß", "\U0001f642"]
        ),
        max_size=4,
    ),
    min_size=1,
    max_size=20,
    unique=True,
)
IN_FULL = {
    "blank(id)": r"regexp_full_match(CASE WHEN odd(id) THEN plain(id) ELSE id END, '[\pZ\s]*')",
}


@given(TEXTS)
@example(["", " ", "\u00ada", "a\u00ad", "!", "\x7f", "\x00", "<\u0338", "\u0301"])
def test_quick_answer_is_the_full_answer(texts):
    store = Store.holding({})
    make_forms(store)
    store.do("stage_unlisted")
    store.append("staged_unlisted", {"id": texts, "answer": texts})
    for quick, full in IN_FULL.items():
        found, defined = (store.expressions.results("staged_unlisted", "id", each, where="true", most=99) for each in (quick, full))
        assert found == defined
    store.close()
