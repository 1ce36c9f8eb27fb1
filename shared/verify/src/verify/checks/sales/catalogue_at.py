"""The catalogue as it was when a sale was confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from verify.checks.sales.catalogue import Catalogue, Fact, Json

INHERITED = ("prices", "tiers", "category", "collections", "tax_category", "type")
"""What a variant has of its parent where its own is empty."""


@dataclass(frozen=True)
class CatalogueAt:
    """A tenant's catalogue before a position of offer's log. ``at``: the moment by which windows are judged.
    ``held``: campaigns of whose budget the checkout holds a part, so that they run for it when exhausted."""

    catalogue: Catalogue
    tenant: str
    before: int
    at: datetime
    held: frozenset[str] = frozenset()
    read: set[str] = field(default_factory=set)
    """The streams that were looked at."""

    def product(self, product_id: str) -> Json | None:
        """The details of an active product; a variant's completed by its parent's."""
        if self._last(product_id, "product.activated", "product.archived") != "product.activated":
            return None
        details = self._details(product_id, "product")
        parent_id = details and details.get("variant_of")
        if not details or not parent_id:
            return details
        parent = self._details(parent_id, "product") or {}
        inherited = {name: parent.get(name) for name in INHERITED if not details.get(name)}
        if "prices" in inherited and not details.get("dynamic"):
            inherited["dynamic"] = parent.get("dynamic")
        return {**details, **inherited}

    def offer(self, offer_id: str) -> Json | None:
        """The details of a published offer."""
        status = self._last(offer_id, "offer.published", "offer.paused", "offer.archived")
        return self.offers(offer_id)[-1] if status == "offer.published" else None

    def offers(self, offer_id: str) -> list[Json]:
        """The details of an offer after each of their changes, published or not."""
        found: list[Json] = []
        for fact in self._facts(offer_id):
            if fact.type == "offer.price_changed":
                found.append({**found[-1], "price": fact.body["new"]})
            elif fact.type in {"offer.created", "offer.changed"}:
                found.append(fact.body["details"])
        return found

    def upsell(self, upsell_id: str) -> Json | None:
        """The details of an upsell, with its ``offer_id`` and whether it is ``removed``."""
        facts = list(self._facts(upsell_id))
        last = next((it.body for it in reversed(facts) if it.type != "upsell.removed"), None)
        removed = bool(facts) and facts[-1].type == "upsell.removed"
        return last and {**last["details"], "offer_id": last["offer_id"], "removed": removed}

    def promotion(self, promotion_id: str) -> Json | None:
        """The terms of a promotion that is not disabled."""
        return self._unless_disabled(promotion_id, "terms")

    def referral_rule(self, rule_id: str) -> Json | None:
        """The details of a rule that is not disabled."""
        return self._unless_disabled(rule_id, "details")

    def referral_rewards(self, rule_id: str) -> list[Json | None]:
        """Those that the rule itself has given to referees."""
        details = (it.body.get("details", {}) for it in self._facts(rule_id))
        return [it.get("referee_reward") for it in details]

    def campaign(self, campaign_id: str) -> Json | None:
        """The details of a campaign, whether it runs or not."""
        return self._details(campaign_id, "campaign")

    def campaigns_with(self, promotion_id: str) -> list[tuple[str, Json]]:
        """Those without which the promotion is not given."""
        return list(self._naming("campaigns_with", "promotion_ids", promotion_id))

    def campaigns_on(self, offer_id: str) -> Iterator[Json]:
        """The changes of the offer's price by the campaigns that run."""
        for campaign_id, details in self._naming("campaigns_on", "offer_ids", offer_id):
            if details.get("change") and self.runs(campaign_id, details):
                yield details["change"]

    def runs(self, campaign_id: str, details: Json) -> bool:
        status = self._last(campaign_id, "campaign.started", "campaign.paused", "campaign.ended")
        exhausted = self._last(campaign_id, "campaign.exhausted", "campaign.reopened")
        return (
            status == "campaign.started"
            and self.is_in_window(details)
            and (exhausted != "campaign.exhausted" or campaign_id in self.held)
        )

    def is_in_window(self, of: Json, prefix: str = "") -> bool:
        starts, ends = of.get(f"{prefix}starts_at"), of.get(f"{prefix}ends_at")
        return (not starts or datetime.fromisoformat(starts) <= self.at) and (
            not ends or self.at < datetime.fromisoformat(ends)
        )

    def variant(self, offer_id: str, exposure: Json | None) -> Json:
        """What the experiment on the offer replaces of its price for a line with this exposure: the variant
        of the exposure while the experiment runs, the winner of the one that was stopped last after it."""
        last: dict[str, Fact] = {}
        for experiment_id in self.catalogue.named("experiments_on", offer_id):
            last.update((experiment_id, fact) for fact in self._facts(experiment_id))
        for experiment_id, fact in last.items():
            if fact.type == "experiment.started":
                own = exposure if exposure and exposure["experiment_id"] == experiment_id else {}
                return self._changes(experiment_id, own.get("variant_id"))
        stopped = [(it.position, key) for key, it in last.items() if it.type == "experiment.stopped"]
        if not stopped:
            return {}
        _, experiment_id = max(stopped)
        return self._changes(experiment_id, last[experiment_id].body.get("winner"))

    def tax_rates(self) -> dict[tuple[str, str, str], Json]:
        """By country, region and tax category; empty for none."""
        return {
            (it.body["country"], it.body.get("region") or "", it.body.get("tax_category") or ""): it.body
            for stream_id in self.catalogue.named("tax_rates", self.tenant)
            for it in self._facts(stream_id)
        }

    def shipping_rates(self) -> dict[str, Json]:
        """By id."""
        rates: dict[str, Json] = {}
        for stream_id in self.catalogue.named("shipping_rates", self.tenant):
            for it in self._facts(stream_id):
                if it.type == "shipping_rate.set":
                    rates[it.body["rate_id"]] = it.body["details"]
                else:
                    rates.pop(it.body["rate_id"], None)
        return rates

    def _naming(self, how: str, field: str, name: str) -> Iterator[tuple[str, Json]]:
        for campaign_id in self.catalogue.named(how, name):
            details = self.campaign(campaign_id)
            if details and name in details.get(field, ()):
                yield campaign_id, details

    def _facts(self, stream_id: str) -> Iterator[Fact]:
        self.read.add(stream_id)
        return (it for it in self.catalogue.facts(stream_id) if it.position < self.before)

    def _last(self, stream_id: str, *types: str) -> str | None:
        found = [it.type for it in self._facts(stream_id) if it.type in types]
        return found[-1] if found else None

    def _details(self, stream_id: str, kind: str) -> Json | None:
        types = f"{kind}.created", f"{kind}.changed"
        found = [it.body["details"] for it in self._facts(stream_id) if it.type in types]
        return found[-1] if found else None

    def _unless_disabled(self, stream_id: str, name: str) -> Json | None:
        facts = list(self._facts(stream_id))
        return None if not facts or facts[-1].type.endswith(".disabled") else facts[-1].body[name]

    def _changes(self, experiment_id: str, variant_id: str | None) -> Json:
        variants = next(self._facts(experiment_id)).body["details"]["variants"]
        changes: list[Json] = [it.get("changes") or {} for it in variants if it["variant_id"] == variant_id]
        return changes[0].get("price") or {} if changes else {}
