"""Services, databases and brokers that environment variables or files in FEIRA_SECRETS_DIR name one by one.

For Jobs, which run where no stack and no context is: ``FEIRA_CART_URL``, ``FEIRA_CART_DATABASE_URL`` and
``FEIRA_CART_DATABASE_PASSWORD``, likewise for the other services; ``FEIRA_KAFKA_BOOTSTRAP``, ``FEIRA_KEY``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from cli.errors import StackError
from cli.secret_files import with_secret_files
from contracts.topology import SERVICE_NAMES, STACK_NAMES

KAFKA = "FEIRA_KAFKA_BOOTSTRAP"
KEY = "FEIRA_KEY"


class Named(NamedTuple):
    urls: dict[str, str]
    databases: dict[str, str]
    kafka: str
    key: str


def url_variable(service: str) -> str:
    return f"FEIRA_{_upper(service)}_URL"


def database_variable(service: str) -> str:
    return f"FEIRA_{_upper(service)}_DATABASE_URL"


def password_variable(service: str) -> str:
    """The password of that URL, which then needs none itself."""
    return f"FEIRA_{_upper(service)}_DATABASE_PASSWORD"


def is_any_named(environment: Mapping[str, str]) -> bool:
    """Whether a variable, or a file in FEIRA_SECRETS_DIR, names a service or a database of one."""
    settings = with_secret_files(environment)
    return any(settings.get(of(it)) for it in SERVICE_NAMES for of in (url_variable, database_variable))


def read_named(environment: Mapping[str, str]) -> Named:
    """Raises ``StackError`` for a URL of a database that cannot be read."""
    settings = with_secret_files(environment)
    return Named(
        _present(settings, SERVICE_NAMES, url_variable),
        {
            name: _with_password(name, url, settings.get(password_variable(name), ""))
            for name, url in _present(settings, STACK_NAMES, database_variable).items()
        },
        settings.get(KAFKA, ""),
        settings.get(KEY, ""),
    )


def _upper(service: str) -> str:
    return service.upper().replace("-", "_")


def _present(
    settings: Mapping[str, str], names: Iterable[str], variable: Callable[[str], str]
) -> dict[str, str]:
    found = {name: settings.get(variable(name), "") for name in names}
    return {name: value for name, value in found.items() if value}


def _with_password(service: str, url: str, password: str) -> str:
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.scheme in {"postgresql", "postgres"} and parts.username and parts.hostname)
    except ValueError:
        is_complete = False
    if not is_complete:
        raise StackError(f"{database_variable(service)} looks like postgresql://user@host:port/database.")
    if not password:
        return url
    user, _, address = parts.netloc.rpartition("@")
    user = user.partition(":")[0]
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}").geturl()
