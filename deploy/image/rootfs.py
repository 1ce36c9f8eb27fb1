"""The base's root file system: files of Debian packages, unpacked without running their scripts.

Nothing is installed, so no shell, perl, dpkg or apt is needed, neither here nor in the image. What their
scripts would do for Python is little, and is done here: the bundle of certificates, the user, two links.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from deploy.image.debian import Package, members

USER = 10001
MERGED = ("bin", "lib", "lib64", "sbin")
"""Folders that are links into /usr."""

KEPT = re.compile(
    r"usr/bin/python3\.11$|usr/lib/python3\.11/"
    r"|usr/lib64/|usr/lib/[^/]+-linux-gnu/(ossl-modules/)?[^/]+\.so"
    r"|usr/share/(ca-certificates|zoneinfo|common-licenses)/|usr/share/doc/[^/]+(/copyright)?$"
    r"|(usr/lib|etc)/os-release$|etc/(debian_version|host\.conf|protocols|services)$"
)
DROPPED = re.compile(
    r"usr/share/zoneinfo/(right|posix)/"
    # modules without a use in a server; some need libraries that are not there
    r"|usr/lib/python3\.11/(test|idlelib|lib2to3|distutils|pydoc_data|tkinter|turtledemo|curses|dbm|sqlite3|venv)/"
    r"|usr/lib/python3\.11/(turtle|doctest|sitecustomize)\.py$"
    r"|usr/lib/python3\.11/lib-dynload/(_curses|_dbm|_sqlite3|_test|_ctypes_test|_?xx|nis|readline|ossaudiodev)"
)
PROGRAM = re.compile(r"usr/bin/[^/]+|.*\.so[^/]*")
WRITTEN = {
    # an engine puts its own in these places
    **dict.fromkeys(("etc/hostname", "etc/hosts", "etc/resolv.conf"), ""),
    "etc/passwd": f"root:x:0:0:root:/root:/sbin/nologin\nfeira:x:{USER}:{USER}:Feira:/tmp:/sbin/nologin\n",
    "etc/group": f"root:x:0:\nfeira:x:{USER}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nprotocols: files\nservices: files\n",
}
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
LINKS = {
    **{it: f"usr/{it}" for it in MERGED},
    "usr/bin/python": "python3.11",
    "usr/bin/python3": "python3.11",
    "usr/lib/ssl/cert.pem": f"/{CERTIFICATES}",  # where OpenSSL looks
}
FOLDERS = {"dev": 0o755, "proc": 0o555, "run": 0o755, "sys": 0o555, "tmp": 0o1777, "usr/sbin": 0o755}

Entries = dict[str, tuple[tarfile.TarInfo, bytes]]


def write(packages: Sequence[Package], target: Path) -> None:
    """Write a tar archive whose bytes depend on the packages alone: sorted, owned by root, without times."""
    entries: Entries = {}
    for package in packages:
        entries.update((it.name, (it, content)) for it, content in _kept(package.file))
        # where scanners look for packages that no dpkg has installed
        _add_file(entries, f"var/lib/dpkg/status.d/{package.name}", package.control.encode())
    _add_file(entries, CERTIFICATES, _certificates(entries))
    for name, text in WRITTEN.items():
        _add_file(entries, name, text.encode())
    for name, to in LINKS.items():
        _add(entries, name, tarfile.SYMTYPE, 0o777, link=to)
    for name, mode in FOLDERS.items():
        _add(entries, name, tarfile.DIRTYPE, mode)
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as archive:
        for name in sorted(_with_parents(entries)):
            member, content = entries[name]
            archive.addfile(member, io.BytesIO(content))


def _kept(file: Path) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    for member, content in members(file):
        first, _, rest = member.name.partition("/")
        name = f"usr/{member.name}" if first in MERGED else member.name
        if not rest or member.isdir() or not KEPT.match(name) or DROPPED.match(name):
            continue
        if member.islnk():
            member.type, member.linkname, member.size = tarfile.REGTYPE, "", len(content)
        yield _plain(member, name), content


def _plain(member: tarfile.TarInfo, name: str) -> tarfile.TarInfo:
    member.name, member.mtime = name, 0
    if member.isreg():
        member.mode = 0o755 if PROGRAM.fullmatch(name) else 0o644
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _certificates(entries: Entries) -> bytes:
    """All certificates in one file, as OpenSSL reads them; the single files are removed."""
    names = sorted(it for it in entries if it.startswith("usr/share/ca-certificates/"))
    return b"".join(entries.pop(it)[1] for it in names)


def _with_parents(entries: Entries) -> Entries:
    for name in list(entries):
        for parent in PurePosixPath(name).parents:
            if parent.name and str(parent) not in entries:
                _add(entries, str(parent), tarfile.DIRTYPE, 0o755)
    return entries


def _add_file(entries: Entries, name: str, content: bytes) -> None:
    _add(entries, name, tarfile.REGTYPE, 0o644, content)


def _add(entries: Entries, name: str, kind: bytes, mode: int, content: bytes = b"", link: str = "") -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.size, member.linkname = kind, mode, len(content), link
    entries[name] = member, content
