"""Headers and ids are read quickly where nothing is odd about them, and otherwise as carefully as ever."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.messaging.headers import decode_headers, generation_header, parse_uuid

NAMES = st.text(max_size=3)


@given(st.dictionaries(NAMES, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_headers_are_read_as_they_were_written(head: dict[str, str]) -> None:
    assert decode_headers([(name, value.encode()) for name, value in head.items()]) == head


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (("b", None), "header b is empty"),
        (("b", b"x\0y"), "header b holds a NUL"),
        (("b", b"\xff"), "can't decode byte 0xff in position 0"),
        (("a", b"again"), "header a is repeated"),
    ],
)
def test_an_odd_header_is_refused_by_its_name(odd: tuple[str, bytes | None], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decode_headers([("a", b"1"), odd, ("c", b"2")])


@given(st.uuids(), st.sampled_from(["{}", "{{{}}}", "urn:uuid:{}", "{0.hex}"]), st.booleans())
def test_an_id_is_read_in_whatever_form_python_takes_it(it: UUID, form: str, capitals: bool) -> None:
    text = form.format(str(it).upper() if capitals and "hex" not in form else it)
    assert parse_uuid(text) == UUID(text) == it
    assert hash(parse_uuid(text)) == hash(it)


@given(st.text("0123456789abcdef-{}", max_size=40))
def test_what_python_takes_for_no_id_is_refused(text: str) -> None:
    try:
        expected = UUID(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"badly formed|invalid literal"):
            parse_uuid(text)
    else:
        assert parse_uuid(text) == expected


def test_the_generation_is_written_as_the_relay_writes_it() -> None:
    assert generation_header(12) == ("feira_generation", b"12")
