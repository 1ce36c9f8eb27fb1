"""The store of the shop's files: S3, or what understands its signed addresses.

An address is signed here, without a call to the store: by Signature Version 4 of AWS, in the query, for GET.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlencode, urlsplit

from checkout_saga.settings import CheckoutSettings

ALGORITHM, SERVICE, REQUEST = "AWS4-HMAC-SHA256", "s3", "aws4_request"
SIGNED_HEADERS = "host"
VALID_FOR = timedelta(minutes=5)
"""Long enough for a client to follow the redirection; a transfer that has begun goes on afterwards."""


@dataclass(frozen=True, slots=True)
class AssetStore:
    url: str
    """Of the bucket; the tenant and the key of a file follow after slashes."""
    region: str
    access_key: str
    secret_key: str = field(repr=False)

    def asset_url(self, tenant: str, asset: str, now: datetime) -> str:
        """Of a tenant's file. One bucket has the files of all tenants, and the keys of assets are texts that
        tenants choose: each has a folder, which no key leaves."""
        return self.signed_url(f"{tenant}/{asset}", now)

    def signed_url(self, key: str, now: datetime, valid_for: timedelta = VALID_FOR) -> str:
        """An address under which the file can be fetched until it expires."""
        base = urlsplit(self.url)
        path = f"{quote(base.path.rstrip('/'))}/{quote(key)}"
        moment = now.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{moment[:8]}/{self.region}/{SERVICE}/{REQUEST}"
        query = _query(
            {
                "X-Amz-Algorithm": ALGORITHM,
                "X-Amz-Credential": f"{self.access_key}/{scope}",
                "X-Amz-Date": moment,
                "X-Amz-Expires": str(int(valid_for.total_seconds())),
                "X-Amz-SignedHeaders": SIGNED_HEADERS,
            }
        )
        canonical = f"GET\n{path}\n{query}\nhost:{base.netloc}\n\n{SIGNED_HEADERS}\nUNSIGNED-PAYLOAD"
        signed = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._key(scope), signed.encode(), sha256).hex()
        return f"{base.scheme}://{base.netloc}{path}?{query}&X-Amz-Signature={signature}"

    def _key(self, scope: str) -> bytes:
        """Of one day, region and service."""
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), sha256)
        return key


def asset_store_of(settings: CheckoutSettings) -> AssetStore | None:
    """None: the shop has none."""
    if not settings.asset_url:
        return None
    return AssetStore(
        settings.asset_url, settings.asset_region, settings.asset_access_key, settings.asset_secret_key
    )


def _query(parameters: Mapping[str, str]) -> str:
    return urlencode(sorted(parameters.items()), quote_via=quote, safe="")
