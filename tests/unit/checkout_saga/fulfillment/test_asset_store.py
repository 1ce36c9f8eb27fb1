"""Signed addresses of files: as the documentation of AWS computes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from checkout_saga.fulfillment.asset_store import AssetStore
from checkout_saga.fulfillment.domain.errors import AssetStoreMissing
from checkout_saga.fulfillment.download_links import DownloadLinks
from checkout_saga.fulfillment.routes import downloads

MAY_24 = datetime(2013, 5, 24, tzinfo=UTC)
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PUBLISHED = (
    "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)
"""The example of "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"."""


def store(url: str = "https://examplebucket.s3.amazonaws.com") -> AssetStore:
    return AssetStore(url, "us-east-1", KEY, SECRET)


def test_the_example_of_the_documentation_is_signed_as_published() -> None:
    assert store().signed_url("test.txt", MAY_24, timedelta(days=1)) == PUBLISHED


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/assets", "http://127.0.0.1:9000/assets/"])
def test_a_bucket_may_stand_in_the_path(url: str) -> None:
    address = urlsplit(store(url).signed_url("books/python.pdf", MAY_24))
    assert (address.netloc, address.path) == ("127.0.0.1:9000", "/assets/books/python.pdf")
    assert parse_qs(address.query)["X-Amz-Expires"] == ["300"]


def test_another_file_moment_or_key_has_another_signature() -> None:
    signed = {
        store().signed_url("a", MAY_24),
        store().signed_url("b", MAY_24),
        store().signed_url("a", MAY_24 + timedelta(seconds=1)),
        AssetStore(store().url, "us-east-1", KEY, "another").signed_url("a", MAY_24),
    }
    assert len({parse_qs(urlsplit(it).query)["X-Amz-Signature"][0] for it in signed}) == 4


def test_the_same_asset_of_another_tenant_is_another_file() -> None:
    paths = [urlsplit(store().asset_url(it, "books/python.pdf", MAY_24)).path for it in ("demo", "rival")]
    assert paths == ["/demo/books/python.pdf", "/rival/books/python.pdf"]


def test_the_secret_is_in_no_text_of_the_store() -> None:
    assert SECRET not in repr(store())


async def test_without_a_store_a_link_is_refused_before_anything_is_counted() -> None:
    nothing: Any = SimpleNamespace()  # would raise where the event store is asked
    links = DownloadLinks([b"k" * 32])
    routes = downloads.table(nothing, nothing, links, None).routes
    (follow,) = (it.handler for it in routes if it.path.endswith("{token}"))
    token = links.token("demo", uuid4(), datetime(2026, 3, 1, tzinfo=UTC))

    with pytest.raises(AssetStoreMissing):
        await follow(token, nothing)
