"""Execute another program that receives a signal when its parent process exits (PR_SET_PDEATHSIG).

Run by path with a bare interpreter: PARENT SIGNAL UID GID PROGRAM [ARGUMENT...]; a UID of -1 keeps the user.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def exec_bound(parent: int, death_signal: int, uid: int, gid: int, command: list[str]) -> None:
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # after the change of user, which clears the setting; before the check of the parent, which may be
        # exiting
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("The parent process has exited.")
    os.execv(command[0], command)  # noqa: S606 - executing the given program is the purpose


if __name__ == "__main__":
    parent, death_signal, uid, gid = map(int, sys.argv[1:5])
    exec_bound(parent, death_signal, uid, gid, sys.argv[5:])
