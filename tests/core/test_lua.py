"""No value can break out of its Lua string, and every value is read back as it was."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.lua_reader import Value, read_value

from xmpp_wizard.core.lua import FileLine, LuaValue, to_lua

NASTY = [
    '"',
    "\\",
    '\\"',
    "]]",
    "--",
    "\n",
    "\r",
    "\0",
    '" os.execute("x") --',
    "\\065",
    "ü",
    "\u2028",
    "{{ x }}",
    "\udcff",
]
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(NASTY), st.lists(st.sampled_from(NASTY)).map("".join))
SCALARS = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES: st.SearchStrategy[LuaValue] = st.recursive(
    st.one_of(SCALARS, st.builds(FileLine, TEXTS)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, min_size=1, max_size=4)),
    max_leaves=12,
)


@given(VALUES)
@example("end")
@example({"end": 1, "a b": 2, "[[": 3})
@example({"k": 'a"; os.exit() --'})
def test_every_value_is_read_back_as_it_was(value: LuaValue) -> None:
    assert _same(read_value(to_lua(value)), value)


def _same(found: Value, wanted: LuaValue) -> bool:
    if isinstance(wanted, str):
        # a surrogate stands for one byte; such bytes may come back as the character that they are together
        return isinstance(found, str) and _bytes(found) == _bytes(wanted)
    if isinstance(wanted, FileLine):
        return isinstance(found, FileLine) and _bytes(found.path) == _bytes(wanted.path)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_same, found, wanted))
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            _bytes(a) == _bytes(b) and _same(found[a], wanted[b]) for a, b in zip(found, wanted, strict=True)
        )
    return type(found) is type(wanted) and found == wanted


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@given(TEXTS)
def test_only_printable_ascii_gets_into_the_file(text: str) -> None:
    assert all(" " <= sign <= "~" for sign in to_lua(text))


def test_a_short_table_stays_on_its_line_and_a_long_one_gets_a_line_for_each_entry() -> None:
    assert to_lua(["a", "b"]) == '{ "a"; "b" }'
    assert to_lua({"a": ["x" * 60, "y" * 60]}, 1) == (
        '{\n\t\ta = {\n\t\t\t"' + "x" * 60 + '";\n\t\t\t"' + "y" * 60 + '";\n\t\t};\n\t}'
    )


def test_words_of_the_language_and_odd_names_are_quoted_as_keys() -> None:
    assert to_lua({"end": 1, "a-b": 2, "ok": 3}) == '{ ["end"] = 1; ["a-b"] = 2; ok = 3 }'


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), b"bytes", bytearray(b"x"), {1}, object()])
def test_what_has_no_lua_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no Lua form"):
        to_lua(value)  # type: ignore[arg-type]  # it is the mistake under test


@pytest.mark.parametrize("text", ['"a" "b"', '{ "a" }; x = 1', '"a\nb"', "os.exit()", '"\\n"', "x"])
def test_the_reader_of_these_tests_refuses_what_no_configuration_has(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_value(text)
