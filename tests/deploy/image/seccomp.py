"""The default seccomp profile of container engines, as the runtime takes it.

The rules of the file have conditions (kernel, architecture, capabilities); an engine resolves them, and
hands the runtime plain lists. Its path is Debian's, from the package golang-github-containers-common.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PROFILE = Path("/usr/share/containers/seccomp.json")
ARCHITECTURE = "amd64"


def default() -> dict[str, Any]:
    """The profile for a process without capabilities."""
    profile = json.loads(PROFILE.read_text())
    return {
        "defaultAction": profile["defaultAction"],
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "syscalls": [_resolved(it) for it in profile["syscalls"] if _applies(it)],
    }


def _applies(rule: dict[str, Any]) -> bool:
    included, excluded = rule.get("includes") or {}, rule.get("excludes") or {}
    wanted = included.get("arches") or [ARCHITECTURE]
    return (
        not included.get("caps")
        and ARCHITECTURE in wanted
        and ARCHITECTURE not in (excluded.get("arches") or ())
    )


def _resolved(rule: dict[str, Any]) -> dict[str, Any]:
    resolved = {"names": rule["names"], "action": rule["action"], "args": rule.get("args") or []}
    return resolved | ({"errnoRet": rule["errnoRet"]} if rule.get("errnoRet") is not None else {})
