"""The refusals of categories and collections. Each docstring stands in docs/errors.md."""

from kernel.domain import NotFound


class CategoryNotFound(NotFound):
    """There is no such category."""

    code = "CATEGORY_NOT_FOUND"


class CollectionNotFound(NotFound):
    """There is no such collection."""

    code = "COLLECTION_NOT_FOUND"
