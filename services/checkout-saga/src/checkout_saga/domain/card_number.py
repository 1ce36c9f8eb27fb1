"""Tell a card number from a token, so that none is ever stored or logged."""

import unicodedata


def is_card_number(text: str) -> bool:
    """12 to 19 digits that pass the Luhn check (ISO/IEC 7812-1, annex B), in whatever script, and with
    whatever spaces, dashes, dots or invisible characters between them."""
    digits = [unicodedata.digit(it, -1) for it in text if unicodedata.category(it)[0] not in "ZPC"]
    if -1 in digits or not 12 <= len(digits) <= 19:
        return False
    doubled = [sum(divmod(2 * it, 10)) for it in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
