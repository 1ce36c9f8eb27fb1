"""What of a product is needed to hand a line of it over."""

from __future__ import annotations

from contracts.product import Details
from contracts.sale import LineFulfillment

BUNDLE, LICENSE, PHYSICAL, DIGITAL = "bundle", "team_license", "physical_product", "digital_product"


def fulfillment_of(details: Details) -> LineFulfillment | None:
    """None: the line itself says enough."""
    if details.type == BUNDLE or (details.type == LICENSE and details.course_ids):
        return LineFulfillment(course_ids=details.course_ids)
    if details.type == PHYSICAL and details.vendor_id is not None:
        return LineFulfillment(vendor_id=details.vendor_id)
    if details.type == DIGITAL and details.asset is not None:
        return LineFulfillment(asset=details.asset)
    return None
