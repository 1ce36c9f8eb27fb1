"""The rules for what a product says of other products. Each check raises ``Invalid``."""

from collections.abc import Mapping
from uuid import UUID

from contracts.product import Details
from offer.catalogue.domain.details import BUNDLE, CERTIFICATION, COURSE
from offer.catalogue.domain.errors import Invalid
from offer.catalogue.domain.product import Product


def course_product_ids(details: Details) -> dict[UUID, int]:
    """The entries of a bundle's ``course_ids`` that may be products here, with their index. Others are keys
    of a system outside."""
    entries = details.course_ids if details.type == BUNDLE else ()
    ids = ((as_id(entry), index) for index, entry in enumerate(entries))
    return {course_id: index for course_id, index in ids if course_id is not None}


def check_courses(details: Details, products: Mapping[UUID, Product]) -> None:
    """An entry that is a product must be a course."""
    for course_id, index in course_product_ids(details).items():
        product = products[course_id]
        if product.exists and product.details.type != COURSE:
            raise Invalid(("course_ids", index), "The product is no course.")


def check_prerequisites(details: Details, product_id: UUID) -> None:
    """A certification cannot be what one must have before it."""
    if details.type == CERTIFICATION and str(product_id) in details.prerequisites:
        index = details.prerequisites.index(str(product_id))
        raise Invalid(("prerequisites", index), "A certification is no prerequisite of itself.")


def as_id(entry: str) -> UUID | None:
    """Only the canonical form is an id here, as in requests."""
    try:
        found = UUID(entry)
    except ValueError:
        return None
    return found if str(found) == entry.lower() else None
