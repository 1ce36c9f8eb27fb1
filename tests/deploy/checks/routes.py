"""What is reached from outside of the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from checkout_saga.settings import PRODUCTION_RATE
from contracts.public_paths import PUBLISHED, route
from kernel.limits.rate_limits import OFF
from tests.deploy.checks.settings import settings_class
from tests.deploy.environments import environment
from tests.deploy.overlays import Document
from tests.deploy.resources import name_of, of_kind, services, title

PROXIES, STARTS = "FEIRA_TRUSTED_PROXIES", "FEIRA_CHECKOUT_RATE"
RATES = ("FEIRA_RATE_PER_KEY", "FEIRA_RATE_PER_TENANT")
LONGEST_WAIT_SECONDS = 30
"""For which a service holds a request that waits for something."""


def published(documents: list[Document]) -> Iterator[str]:
    """Below ``/v1`` alone, each path at the service that answers it, and for as long as it may take."""
    names = {name_of(it) for it in of_kind(documents, "Service")}
    for it in of_kind(documents, "HTTPRoute"):
        for rule in it["spec"]["rules"]:
            (backend,) = rule["backendRefs"]
            if backend["name"] not in names or backend["port"] != 80:
                yield f"{title(it)} leads to {backend['name']}:{backend['port']}, which is not there"
            if int(rule.get("timeouts", {}).get("request", "0s").rstrip("s")) < LONGEST_WAIT_SECONDS:
                yield f"{title(it)} ends requests that wait"
            for match in rule["matches"]:
                path = match["path"]["value"]
                rewritten = [one for one in rule.get("filters", []) if one["type"] == "URLRewrite"]
                wanted = route(path) or ("no service", "")
                if wanted[0] != backend["name"] or not wanted[1].startswith(PUBLISHED):
                    yield f"{title(it)} publishes {path} of {backend['name']}"
                if bool(rewritten) != (wanted[1] != path):
                    yield f"{title(it)} asks {backend['name']} for {path} instead of {wanted[1]}"


def untraced(documents: list[Document]) -> Iterator[str]:
    """A request of a stranger cannot ask that its trace is recorded: that is left to operators' paths."""
    for it in of_kind(documents, "HTTPRoute"):
        for rule in it["spec"]["rules"]:
            removed = [
                name.lower()
                for one in rule.get("filters", [])
                for name in one.get("requestHeaderModifier", {}).get("remove", [])
            ]
            for match in rule["matches"]:
                path = match["path"]["value"]
                if path.startswith(PUBLISHED) and "traceparent" not in removed:
                    yield f"{title(it)} passes traceparent on to {path}"


def encrypted(documents: list[Document]) -> Iterator[str]:
    """Every listener has a certificate for its name."""
    names = {one for it in of_kind(documents, "Certificate") for one in it["spec"]["dnsNames"]}
    for it in of_kind(documents, "Gateway"):
        for listener in it["spec"]["listeners"]:
            if listener["protocol"] != "HTTPS" or listener.get("tls", {}).get("mode") != "Terminate":
                yield f"{title(it)}: the listener {listener['name']} is not encrypted"
            if listener.get("hostname") not in names:
                yield f"{title(it)}: no certificate is for {listener.get('hostname')}"


def limited(documents: list[Document]) -> Iterator[str]:
    """A service that is published refuses a client that asks without a pause."""
    for workload in _published_services(documents):
        given = environment(documents, workload)
        yield from (f"{title(workload)}: {it} sets no limit" for it in RATES if given.get(it, OFF) == OFF)


def told_apart(documents: list[Document]) -> Iterator[str]:
    """A published service that limits clients by their addresses gets them from the Gateway, does limit them,
    and does not believe what a client itself says."""
    for workload in _published_services(documents):
        given, kind = environment(documents, workload), settings_class(workload)
        if kind is None or "trusted_proxies" not in kind.model_fields:
            continue
        if given.get(STARTS, PRODUCTION_RATE if given.get("FEIRA_ENV") == "production" else OFF) == OFF:
            yield f"{title(workload)}: {STARTS} sets no limit"
        networks = [ip_network(it) for it in given.get(PROXIES, "").split(",") if it]
        if not networks:
            yield f"{title(workload)}: without {PROXIES} all guests are one client"
        yield from (f"{title(workload)}: {it} is anywhere" for it in networks if it.prefixlen == 0)


def _published_services(documents: list[Document]) -> list[Document]:
    names = {
        backend["name"]
        for it in of_kind(documents, "HTTPRoute")
        for rule in it["spec"]["rules"]
        for backend in rule["backendRefs"]
    }
    return [it for it in services(documents) if name_of(it) in names]


CHECKS = (published, untraced, encrypted, limited, told_apart)
