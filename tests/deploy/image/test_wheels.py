"""Whether the image can be made for other processors, without making it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.image.context import PYTHON_VERSION, REQUIREMENTS, STATISTICS, UV


@pytest.mark.parametrize("requirements", [REQUIREMENTS, STATISTICS], ids=lambda it: it.stem)
@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_each_pinned_distribution_has_a_wheel_with_a_pinned_hash(
    processor: str, requirements: Path, tmp_path: Path
) -> None:
    command = [UV, "pip", "install", "--dry-run", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    target = [f"--python-platform={processor}-manylinux_2_36", f"--python-version={PYTHON_VERSION}"]
    target += [f"--python={sys.executable}", f"--target={tmp_path / 'never'}"]
    tried = subprocess.run(
        [*command, *target, f"--requirement={requirements}"], check=False, capture_output=True, text=True
    )
    assert tried.returncode == 0, tried.stderr
