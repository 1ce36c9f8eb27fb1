"""URLs of services as given on the command line: one for all services, or one for each."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from cli.errors import StackError
from contracts.topology import SERVICE_NAMES

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def parse_urls(given: Iterable[str], *, allow_http: bool) -> tuple[str, dict[str, str]]:
    """The URL for all services, or an empty one, and those of single services, from ``URL`` and
    ``SERVICE=URL``. Raises ``StackError``: also for a key that would cross a network unencrypted."""
    shared, single = "", {}
    for text in given:
        service, is_single, url = text.partition("=")
        if is_single and service in SERVICE_NAMES:
            single[service] = _checked(url, allow_http=allow_http)
        elif is_single and "/" not in service:
            raise StackError(f"{service!r} is not a service; choose one of {', '.join(SERVICE_NAMES)}.")
        elif shared:
            raise StackError("Give one --url for all services; one for a single service is SERVICE=URL.")
        else:
            shared = _checked(text, allow_http=allow_http)
    missing = [it for it in SERVICE_NAMES if it not in single]
    if missing and not shared:
        raise StackError(f"There is no URL for {', '.join(missing)}: give one --url for all, or SERVICE=URL.")
    return shared, single


def _checked(url: str, *, allow_http: bool) -> str:
    try:
        parts = urlsplit(url)
        has_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_address = False
    is_plain = has_address and not (parts.username or parts.password or parts.query or parts.fragment)
    if not is_plain or parts.scheme not in {"http", "https"}:
        # it is not repeated: it may hold a password
        raise StackError("A --url looks like https://host:port/path, without a user, a query or a fragment.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_http:
        raise StackError(f"The key would reach {parts.hostname} unencrypted: use https, or --allow-http.")
    return url.rstrip("/")
