"""What is kept of a typed text, and which names are the same."""

from __future__ import annotations

import sys
import unicodedata
from typing import Annotated, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.text import EDGES, folded, is_visible, trimmed
from kernel.http.requests import OwnerId, ShortText, Text, Trimmed

UNSEEN = st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp"]), max_size=5)
BLANK_LETTERS = "\u3164\uffa0\u115f\u1160"
BLANKS = st.text(st.characters(categories=["Zs"]), max_size=3)
AROUND = st.text(st.sampled_from(EDGES), max_size=4)
LETTERS = st.text(
    st.characters(categories=["L", "N", "P"], exclude_characters="\u3164\uffa0\u115f\u1160"), min_size=1
)


def parsed(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value, strict=True)


def test_every_control_and_format_character_is_unseen() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Zs"}:
            assert not is_visible(character), hex(number)


@given(LETTERS, UNSEEN, UNSEEN, BLANKS)
def test_two_names_that_read_the_same_are_the_same(word: str, one: str, other: str, blanks: str) -> None:
    typed = f"{blanks}{one}{word[:1]}{other}{word[1:]}{one}{blanks}"
    assert folded(typed) == folded(word) == folded(word.casefold())


@given(st.text())
def test_a_name_is_folded_once_and_for_all(typed: str) -> None:
    assert folded(folded(typed)) == folded(typed)
    assert bool(folded(typed)) == is_visible(typed)
    assert trimmed(trimmed(typed)) == trimmed(typed)


@given(LETTERS, LETTERS)
def test_other_letters_make_another_name(one: str, other: str) -> None:
    assume(unicodedata.normalize("NFC", one).casefold() != unicodedata.normalize("NFC", other).casefold())
    assert folded(one) != folded(other)


def test_letters_that_only_look_alike_are_not_taken_for_each_other() -> None:
    assert len({folded(it) for it in ("a", "\uff41", "\u0430", "\u00aa")}) == 4


@given(AROUND, LETTERS, AROUND)
def test_what_clings_to_a_text_is_cut_off_and_the_rest_is_as_typed(
    before: str, text: str, behind: str
) -> None:
    assume(len(before + text + behind) <= 200)
    for kind in (ShortText, Text):
        assert parsed(kind, before + text + behind) == text


@pytest.mark.parametrize("text", ["\u200b", " ", "\t\n", "\ufeff\u200e", "\u2800", "\u3164", "\u00ad \u2060"])
@pytest.mark.parametrize("kind", [ShortText, Text, OwnerId, Annotated[str, Trimmed(20, min_length=0)]])
def test_a_text_of_which_nothing_can_be_seen_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        parsed(kind, text)


@pytest.mark.parametrize("text", ["\u2003" + "x" * 20, "x" * 20 + "\u2063", " " * 10 + "x" + " " * 10])
def test_the_length_is_that_of_the_text_as_it_was_sent(text: str) -> None:
    """The description of the interface gives a maximum length, and callers compare it with what they send."""
    with pytest.raises(ValidationError):
        parsed(Annotated[str, Trimmed(20)], text)


def test_an_emoji_keeps_what_belongs_to_it() -> None:
    scotland = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    for emoji in (scotland, "\u2764\ufe0f", "\U0001f469\u200d\U0001f4bb"):
        assert parsed(ShortText, f" {emoji} ") == emoji


@given(
    AROUND,
    st.text(st.characters(categories=["L", "N"], exclude_characters=BLANK_LETTERS), min_size=1, max_size=30),
    AROUND,
)
def test_an_owners_id_is_the_same_with_and_without_what_clings_to_it(
    before: str, own: str, behind: str
) -> None:
    assert parsed(OwnerId, before + own + behind) == parsed(OwnerId, own)


def test_limits_and_patterns_stay_in_the_description() -> None:
    schema = TypeAdapter(OwnerId).json_schema()
    assert (schema["minLength"], schema["maxLength"], schema["type"]) == (1, 128, "string")
    assert "pattern" in schema
