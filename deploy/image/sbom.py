"""The software bill of materials of the image, as CycloneDX 1.6: what is in it, in which version, under which
licence, and the hash of the file that it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from zipfile import ZipFile

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from deploy.image.debian import Package, sha256

START = datetime(1970, 1, 1, tzinfo=UTC)
"""As all times in the image: equal images have equal documents."""
CLASSIFIERS = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
"""For distributions whose metadata have no SPDX expression."""
PHRASES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Redistributions in binary form must reproduce": "BSD-3-Clause",
}
"""By which a licence is known whose name is written otherwise, or whose text is quoted whole."""
SPDX_LIKE = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def document(
    name: str,
    version: str,
    packages: Sequence[Package],
    third_party: Sequence[Path],
    own: Sequence[Path],
    further: Sequence[Path] = (),
) -> str:
    """JSON text that depends on its arguments alone. ``third_party``, ``own``, ``further``: wheels."""
    image = Component(name=name, version=version, type=ComponentType.CONTAINER, bom_ref=name)
    parts = [
        *map(_debian, packages),
        *(_python(it, ours=False) for it in (*third_party, *further)),
        *(_python(it, ours=True) for it in own),
    ]
    digest = ",".join(str(it.hashes) for it in parts)
    bom = Bom(
        serial_number=uuid5(NAMESPACE_URL, digest),
        components=parts,
        metadata=BomMetaData(component=image, timestamp=START),
    )
    bom.register_dependency(image, parts)
    text: str = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return text


def _debian(package: Package) -> Component:
    qualifiers = {"arch": package.architecture, "distro": "debian-12"}
    purl = PackageURL("deb", "debian", package.name, package.version, qualifiers)
    return _component(package.name, package.version, purl, package.file, _licenses([package.license]))


def _python(wheel: Path, *, ours: bool) -> Component:
    metadata = _metadata(wheel)
    name, version = str(metadata["Name"]), str(metadata["Version"])
    # ours are not those that a registry may have under the same name
    purl = PackageURL("generic" if ours else "pypi", "feira" if ours else None, name.lower(), version)
    return _component(name, version, purl, wheel, _licenses(_license_names(metadata)))


def _component(name: str, version: str, purl: PackageURL, file: Path, licenses: list[License]) -> Component:
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(file))],
        licenses=licenses,
    )


def _metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = (it for it in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", it))
        return HeaderParser().parsestr(archive.read(name).decode())


def _license_names(metadata: Message) -> Iterator[str]:
    if expression := metadata["License-Expression"]:
        yield str(expression)
        return
    classified = [CLASSIFIERS[it] for it in metadata.get_all("Classifier", []) if it in CLASSIFIERS]
    text = str(metadata["License"] or "")
    phrased = [name for words, name in PHRASES.items() if words in text]
    yield from classified or phrased or ([text] if SPDX_LIKE.fullmatch(text) else [])


def _licenses(names: Iterable[str]) -> list[License]:
    return [LicenseFactory().make_from_string(it) for it in names]
