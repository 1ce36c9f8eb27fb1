"""The unprivileged user that runs PostgreSQL when root starts the stack."""

import errno
import os
import pwd
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cli.errors import StackError

NAME = "feira-postgres"

ACL = "system.posix_acl_access"
ACL_HEADER = struct.pack("<I", 2)
ACL_ENTRY = struct.Struct("<HHI")
OWNER, USER, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NO_QUALIFIER = 0xFFFFFFFF
EXECUTE = 1


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int


def data_owner(directory: Path) -> Account | None:
    """The user that owns and serves this data directory; None for the current user."""
    if os.geteuid() != 0:
        return None
    if directory.exists() and (found := directory.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    return _unprivileged()


def _unprivileged() -> Account:
    for make in (_find, _make_with_useradd, _make_with_adduser):
        if account := make():
            return account
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StackError(
            f"PostgreSQL refuses to run as root and no system user {NAME} could be created; "
            "run feira as another user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def _find() -> Account | None:
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _make_with_useradd() -> Account | None:
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    return _make(["useradd", *options, "--shell", "/bin/false", NAME])


def _make_with_adduser() -> Account | None:
    return _make(["adduser", "-S", "-D", "-H", "-s", "/bin/false", NAME])


def _make(command: list[str]) -> Account | None:
    if shutil.which(command[0]):
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    return _find()


def grant_traversal(path: Path, account: Account) -> None:
    """Grant this user the execute permission on all parent folders of a path, and nothing to other users."""
    if not path.exists():
        return
    for folder in [*reversed(path.resolve().parents), path.resolve()]:
        found = folder.stat()
        if found.st_uid == account.uid:
            passable = found.st_mode & stat.S_IXUSR
        elif found.st_gid == account.gid:
            passable = found.st_mode & stat.S_IXGRP
        else:
            passable = found.st_mode & stat.S_IXOTH
        if not passable:
            _grant_execute(folder, found.st_mode, account)


def _grant_execute(folder: Path, mode: int, account: Account) -> None:
    if not hasattr(os, "setxattr"):
        folder.chmod(mode | stat.S_IXOTH)
        return
    entries = _entries(folder, mode)
    entries[(USER, account.uid)] = entries.get((USER, account.uid), 0) | EXECUTE
    mask = (MASK, NO_QUALIFIER)
    entries[mask] = entries.get(mask, entries[(GROUP, NO_QUALIFIER)]) | EXECUTE
    packed = (ACL_ENTRY.pack(tag, rights, who) for (tag, who), rights in sorted(entries.items()))
    try:
        os.setxattr(folder, ACL, ACL_HEADER + b"".join(packed))
    except OSError as problem:
        if problem.errno not in (errno.ENOTSUP, errno.ENOSYS):
            raise
        folder.chmod(mode | stat.S_IXOTH)


def _entries(folder: Path, mode: int) -> dict[tuple[int, int], int]:
    try:
        body = os.getxattr(folder, ACL)[len(ACL_HEADER) :]
    except OSError:
        shifts = ((OWNER, 6), (GROUP, 3), (OTHER, 0))
        return {(tag, NO_QUALIFIER): mode >> shift & 7 for tag, shift in shifts}
    return {(tag, who): rights for tag, rights, who in ACL_ENTRY.iter_unpack(body)}


def make_readable(tree: Path) -> None:
    """Make a program's folder readable for all users, in case it was installed with a strict umask."""
    if not tree.exists():
        return
    if tree.stat().st_mode & stat.S_IROTH and next(tree.iterdir()).stat().st_mode & stat.S_IROTH:
        return
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
