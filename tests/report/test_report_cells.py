"""How values are shown, before and after."""

import json

from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import Verb
from reconcile.report.values import LONGEST, Mark, changes, shown, visible
from reconcile.visible import seen_lines, visible_json


def one(operation, before, after, verb=Verb.UPDATE):
    (change,) = changes(operation(1, verb, before=before, after=after))
    return change


def marked(cell):
    return "".join(f"<{piece.text}>" if piece.mark is Mark.CHANGED else piece.text for piece in cell.pieces)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='\\nu202e\n\u202e" ', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(VALUES, VALUES)
def test_two_different_values_never_look_the_same(operation, left, right):
    def cell(value):
        (change,) = changes(operation(1, Verb.CREATE, after={"a": value}))
        return change.after.is_text, change.after.plain

    if json.dumps(left, sort_keys=True) != json.dumps(right, sort_keys=True):
        assert cell(left) != cell(right)


@given(st.text())
def test_nothing_that_is_shown_is_invisible_or_reorders_the_line(text):
    assert all(character.isprintable() for character in visible(text))


def test_bidirectional_controls_no_break_spaces_and_fillers_are_shown_as_escapes():
    assert visible("a\u202eb\u00a0c\u200bd\u3164e\ufe0f\U000e0041\ud800\\") == (
        "a\\u202eb\\u00a0c\\u200bd\\u3164e\\ufe0f\\U000e0041\\ud800\\"
    )


def test_in_a_sentence_text_stands_in_quotes_and_each_character_is_escaped_once():
    values = (None, "", "a\\b", "a\nb", True, ["x"])
    assert [shown(each) for each in values] == ["not set", "''", "'a\\b'", "'a\\nb'", "true", '["x"]']


def test_names_in_any_script_stay_as_they_are():
    assert visible("Zoë Nguyễn محمد 田中 O'Neil") == "Zoë Nguyễn محمد 田中 O'Neil"


def test_null_empty_text_and_not_set_are_three_things(operation):
    assert (one(operation, {"a": None}, {"a": ""}).before.plain, one(operation, {"a": None}, {"a": ""}).after.plain) == ("null", '""')
    assert one(operation, {}, {"a": "x"}).before.plain == "not set"
    assert one(operation, {"a": "x"}, {}).after.plain == "not set"


def test_a_text_that_spells_null_does_not_look_like_null(operation):
    assert one(operation, {"a": "null"}, {"a": None}).before.plain == '"null"'


def test_a_new_account_has_nothing_before(operation):
    assert one(operation, {}, {"a": "x"}, Verb.CREATE).before is None


def test_only_the_characters_that_changed_are_marked(operation):
    change = one(operation, {"a": "Ana Maria Lopez"}, {"a": "Ana María Lopez"})
    assert (marked(change.before), marked(change.after)) == ("Ana Mar<i>a Lopez", "Ana Mar<í>a Lopez")


def test_texts_with_little_in_common_are_marked_whole(operation):
    change = one(operation, {"a": "Sales"}, {"a": "Support"})
    assert (marked(change.before), marked(change.after)) == ("<Sales>", "<Support>")


def test_only_the_items_of_a_list_that_changed_are_marked(operation):
    change = one(operation, {"a": ["x", "y"]}, {"a": ["x", "z"]})
    assert (marked(change.before), marked(change.after)) == ('["x", <"y">]', '["x", <"z">]')


def test_a_list_in_another_order_is_marked_whole(operation):
    change = one(operation, {"a": ["x", "y"]}, {"a": ["y", "x"]})
    assert (marked(change.before), marked(change.after)) == ('[<"x">, <"y">]', '[<"y">, <"x">]')


def test_a_change_deep_in_a_long_text_stays_in_sight(operation):
    change = one(operation, {"a": "x" * 5000 + "old" + "y" * 5000}, {"a": "x" * 5000 + "new" + "y" * 5000})
    assert marked(change.after) == "… 4,970 characters …" + "x" * 30 + "<new>" + "y" * 30 + "… 4,970 characters …"


def test_a_long_list_shows_what_changed_and_counts_the_rest(operation):
    before = [f"group-{number:04}" for number in range(1000)]
    change = one(operation, {"a": before}, {"a": [*before, "admins"]})
    assert marked(change.after) == '[<"admins">, … 1,000 more …]'


@given(st.text(min_size=LONGEST, max_size=3000), st.text(max_size=3000))
def test_a_shown_value_is_never_long(operation, before, after):
    change = one(operation, {"a": before}, {"a": after})
    assert change.before is not None
    assert max(len(change.before.plain), len(change.after.plain)) < 10 * LONGEST


def test_an_absurdly_long_sentence_is_cut_with_the_number_left_out():
    assert visible("x" * 2_500) == "x" * 2_000 + " … 500 characters …"


def test_a_membership_is_named_by_its_entitlement(operation):
    change = next(changes(operation(1, Verb.REMOVE_MEMBER, entitlement_id="00g1", before={"member": True}, after={"member": False})))
    assert (change.label, change.before.plain, change.after.plain) == ("00g1", "member", "not a member")


def test_an_attribute_called_member_is_an_attribute(operation):
    assert one(operation, {"member": True}, {"member": False}).before.plain == "true"


def test_json_that_is_shown_escapes_each_character_that_the_eye_cannot_see_and_no_other():
    for code in (*range(0x3100), 0x4E00, 0x9FFC, 0xA000, 0xD800, 0xE000, 0xFE0F, 0xFEFF, 0xFFFE, 0x1D4B3, 0xE0001, 0x10FFFF):
        text = json.dumps(chr(code), ensure_ascii=False)
        shown = visible_json(text)
        assert json.loads(shown) == chr(code)
        assert seen_lines(chr(code)) == (chr(code) if chr(code) in "\t\r\n\\" else visible(chr(code)))
        assert (shown != text) == (code > 0x7E and visible(chr(code)) != chr(code)), hex(code)
