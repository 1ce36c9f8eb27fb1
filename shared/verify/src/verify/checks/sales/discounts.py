"""The discounts of a sale, each worked out again at its turn on what those before it have left."""

from __future__ import annotations

from collections.abc import Sequence

from verify.checks.sales.catalogue import Json
from verify.checks.sales.catalogue_at import CatalogueAt
from verify.checks.sales.exact import split
from verify.checks.sales.grants import Grant, grant
from verify.checks.sales.sale import SHIPPING, Difference, Line, Sale

ON_SHIPPING = "free_shipping"
STACKABLE = "stackable"


def discount_difference(sale: Sale, lines: Sequence[Line], catalogue: CatalogueAt) -> Difference | None:
    """The first discount that its promotion or referral rule does not give, if there is one. Conditions
    on the customer are not judged: neither segments nor paid orders stand in a fact that is copied."""
    terms_of: list[tuple[Json, Json]] = []
    for discount in sale.discounts:
        terms = _terms(discount, sale, catalogue)
        if isinstance(terms, Difference):
            return terms
        terms_of.append((discount, terms))
    if wrong := _combined_wrongly(terms_of):
        return wrong
    left = {line.line_id: line.gross for line in lines}
    on_shipping: list[tuple[Json, Json]] = []
    for discount, terms in terms_of:
        if sum(left.values()) < (_conditions(terms).get("minimum_subtotal") or 0):
            return Difference("a discount below its minimum", discount["promotion_id"], sum(left.values()))
        selected = [line for line in lines if line.matches(_conditions(terms))]
        if not selected:
            return Difference("a discount for none of the lines", discount["promotion_id"])
        if discount["kind"] == ON_SHIPPING:
            on_shipping.append((discount, terms))
        elif wrong := _amount(discount, terms, grant(terms, selected, left, sale.rounding_mode)):
            return wrong
        else:
            for line_id, share in discount.get("allocation", {}).items():
                left[line_id] -= share
    to_pay = sale.shipping["price"] if sale.shipping else 0
    for discount, terms in on_shipping:
        if wrong := _amount(discount, terms, Grant(None, {SHIPPING: to_pay})):
            return wrong
        to_pay -= discount["amount"]
    return None


def _conditions(terms: Json) -> Json:
    found: Json = terms.get("conditions") or {}
    return found


def _terms(discount: Json, sale: Sale, catalogue: CatalogueAt) -> Json | Difference:
    """Terms by which the discount can have been given."""
    promotion_id = discount["promotion_id"]
    if referral := discount.get("referral"):
        terms = _referral_terms(discount, referral, sale, catalogue)
    else:
        terms = catalogue.promotion(promotion_id)
        naming = catalogue.campaigns_with(promotion_id)
        if naming and not any(catalogue.runs(*it) for it in naming):
            return Difference("a promotion of a campaign that did not run", promotion_id, naming[0][0])
    if terms is None:
        return Difference("a discount that there is no promotion or rule for", promotion_id)
    if isinstance(terms, Difference):
        return terms
    if not catalogue.is_in_window(terms):
        return Difference("a promotion outside its window", promotion_id)
    if terms["kind"] != discount["kind"]:
        return Difference("a discount of another kind", promotion_id, discount["kind"], terms["kind"])
    if {terms.get("currency"), _conditions(terms).get("currency")} - {None, sale.currency}:
        return Difference("a promotion in another currency", promotion_id, sale.currency)
    return terms


def _referral_terms(
    discount: Json, referral: Json, sale: Sale, catalogue: CatalogueAt
) -> Json | Difference | None:
    """The rule's terms with the reward that the checkout applied, which an override may have replaced."""
    promotion_id, rule = discount["promotion_id"], catalogue.referral_rule(referral["rule_id"])
    if rule is None:
        return None
    applied = None if sale.rewards is None else sale.rewards.get(promotion_id)
    if sale.rewards is not None and applied is None:
        return Difference("a referral's discount that its checkout did not apply", promotion_id)
    reward = applied["reward"] if applied else rule.get("referee_reward")
    own = catalogue.referral_rewards(referral["rule_id"])
    if reward is None or (applied and applied.get("source") == "rule" and reward not in own):
        return Difference("a reward that the referral rule does not give", promotion_id, reward)
    if applied and applied["amount"] != discount["amount"]:
        wrong = "another amount than the checkout applied"
        return Difference(wrong, promotion_id, discount["amount"], applied["amount"])
    has_amounts = rule.get("minimum_order") is not None or rule.get("stacking", {}).get("cap") is not None
    selector = {name: rule.get(name) for name in ("product_ids", "categories", "collections")}
    minimum = {
        "minimum_subtotal": rule.get("minimum_order"),
        "currency": rule.get("currency") if has_amounts else None,
    }
    return {
        "kind": reward["type"],
        "value": reward["value"],
        "currency": reward.get("currency"),
        "conditions": selector | minimum,
        "stacking": rule.get("stacking") or {},
    }


def _combined_wrongly(terms_of: Sequence[tuple[Json, Json]]) -> Difference | None:
    turns = [(_stacking(it).get("priority", 0), discount["promotion_id"]) for discount, it in terms_of]
    if turns != sorted(set(turns)):
        return Difference("discounts out of their turns", str(turns[0][1]))
    for discount, terms in terms_of:
        if len(terms_of) > 1 and _stacking(terms).get("mode", STACKABLE) != STACKABLE:
            return Difference("combined with a promotion that stands alone", discount["promotion_id"])
    return None


def _stacking(terms: Json) -> Json:
    found: Json = terms.get("stacking") or {}
    return found


def _amount(discount: Json, terms: Json, found: Grant | None) -> Difference | None:
    """``found.amount``: None for all that the claims amount to."""
    promotion_id, amount = discount["promotion_id"], discount["amount"]
    if found is None:
        return Difference("a discount whose conditions were not met", promotion_id, amount)
    most = sum(found.claims.values())
    cap = _stacking(terms).get("cap")
    expected = min(most if it is None else it for it in (found.amount, most, cap))
    if amount != expected:
        return Difference("a discount of another amount", promotion_id, amount, expected)
    shares = {key: it for key, it in split(amount, sorted(found.claims.items())).items() if it}
    if discount.get("allocation", shares) != shares:
        return Difference("a discount split otherwise", promotion_id, discount["allocation"], shares)
    return None
