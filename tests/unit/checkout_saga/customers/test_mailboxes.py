"""Two people are never taken for one customer because their addresses look alike, nor one for two."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, cast
from unicodedata import normalize

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checkout_saga.customers.domain.errors import InvalidEmail
from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.vault import Vault
from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import PersonalData

KEYS = MasterKeys(CUSTOMER_KEYS, b"m" * 32)
ASCII_LOCAL = st.from_regex(r"[A-Za-z0-9_+-]{1,20}(\.[A-Za-z0-9_+-]{1,20})?", fullmatch=True)
DOMAIN = st.from_regex(r"[a-z][a-z0-9]{0,20}\.example", fullmatch=True)


def identity(address: str) -> str:
    return mailbox_of(address, test_environment=True).identity


def guest(address: str, tenant: str = "demo") -> str:
    vault = Vault(PersonalData(cast(Any, None), KEYS, KEYS.pseudonym_key))
    return vault.guest(tenant, identity(address))


def test_sharp_s_and_double_s_are_two_domains() -> None:
    assert guest("x@straße.example") != guest("x@strasse.example")


def test_x44_three_spellings_are_two_guests() -> None:
    spellings = ("x@straße.example", "x@strasse.example", "X@strasse.EXAMPLE")
    assert len({guest(it) for it in spellings}) == 2


def test_a_domain_in_its_ascii_form_is_the_same_one() -> None:
    assert guest("x@xn--strae-oqa.example") == guest("x@straße.example")


def test_a_guest_who_was_here_before_keeps_their_id() -> None:
    """This one was worked out before domains were distinguished by IDNA 2008."""
    assert guest(" Ada.Lovelace@EXAMPLE.com ") == "921cc099-dfee-8c76-857c-0f3a64aac333"


@pytest.mark.parametrize(
    ("one", "other"),
    [("X@strasse.EXAMPLE", "x@strasse.example"), ("E\u0301ve@x.example", "\u00e9ve@x.example")],
)
def test_case_and_the_form_of_an_accent_make_no_difference(one: str, other: str) -> None:
    assert guest(one) == guest(other)


@pytest.mark.parametrize(
    ("one", "other"), [("\ufb01@x.example", "fi@x.example"), ("\uff58@x.example", "x@x.example")]
)
def test_letters_that_are_only_alike_are_never_one_mailbox(one: str, other: str) -> None:
    """Whether such an address is taken at all is for the library to say."""
    with suppress(InvalidEmail):
        assert guest(one) != guest(other)


def test_an_address_is_kept_as_it_is_written_to() -> None:
    address = mailbox_of("E\u0301ve.L@STRASSE.example", test_environment=True).address
    assert address == "\u00c9ve.L@strasse.example"


@pytest.mark.parametrize(
    "typed",
    [
        *("a@b@c", "a@.", "a\u200b@b.c", "<x@y.z>", "a@", "@b.c", "a b@c.example", "a@b", "a@b..c", "", "@"),
        *(
            "a@b.c\n.d",
            "a\u202e@b.c",
            "a@b.c, d@e.f",
            "Ann <ann@b.example>",
            "a\0@b.example",
            "x" * 70 + "@b.c",
        ),
    ],
)
def test_an_invalid_address_is_refused_with_its_own_code(typed: str) -> None:
    with pytest.raises(InvalidEmail) as refused:
        mailbox_of(typed, test_environment=True)
    assert refused.value.code == "INVALID_EMAIL"
    assert refused.value.field == ("customer", "email")
    assert not typed or typed not in str(refused.value)


def test_a_domain_for_tests_is_an_address_in_tests_alone() -> None:
    assert identity("ann@shop.test")
    with pytest.raises(InvalidEmail):
        mailbox_of("ann@shop.test", test_environment=False)


@given(ASCII_LOCAL, DOMAIN, st.booleans(), st.booleans())
def test_an_ascii_address_has_the_identity_that_it_always_had(
    local: str, domain: str, loud: bool, spaced: bool
) -> None:
    typed = f"{local}@{domain}"
    typed = typed.upper() if loud else typed
    typed = f" {typed} " if spaced else typed
    assert identity(typed) == normalize("NFKC", typed).strip().casefold()


@given(st.text(max_size=80) | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
def test_every_text_is_an_address_or_refused_and_an_address_stays_what_it_is(typed: str) -> None:
    try:
        found = mailbox_of(typed, test_environment=True)
    except InvalidEmail:
        return
    assume(len(found.address) <= 254)
    assert mailbox_of(found.address, test_environment=True) == found
