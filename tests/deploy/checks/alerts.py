"""What an alert brings to the person who is called."""

from __future__ import annotations

from collections.abc import Iterator

from tests.deploy.overlays import Document
from tests.deploy.resources import of_kind


def linked(documents: list[Document]) -> Iterator[str]:
    """The link to its runbook leads there from anywhere."""
    for document in of_kind(documents, "PrometheusRule"):
        for rule in [rule for group in document["spec"]["groups"] for rule in group["rules"]]:
            link = rule.get("annotations", {}).get("runbook_url", "")
            if "alert" in rule and not (
                link.startswith("https://") and link.endswith(f"/{rule['alert']}.md")
            ):
                yield f"{rule['alert']} links to {link or 'no runbook'}"


CHECKS = (linked,)
