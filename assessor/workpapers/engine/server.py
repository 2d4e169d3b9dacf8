"""A process with one thread that has loaded what notebooks need, and forks a process of each notebook for a caller that must not."""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress

import assessor.assessment
import assessor.workpapers
import assessor.workpapers.engine.kernel  # noqa: F401  # these are what notebooks find loaded
from assessor.workpapers.engine import process


def main(number: int) -> None:
    """Serve the caller at the other end of the socket of that number until it has gone."""
    caller = socket.socket(fileno=number)
    while True:
        head, numbers, _, _ = socket.recv_fds(caller, process.REQUEST.size, 1)
        if len(head) < process.REQUEST.size:
            return
        length, ended = process.REQUEST.unpack(head)
        if ended:
            with suppress(ChildProcessError):
                os.waitpid(ended, 0)
            continue
        setting = json.loads(caller.recv(length, socket.MSG_WAITALL))
        end = socket.socket(fileno=numbers[0])
        child = os.fork()
        if not child:
            sys.path[:] = setting["path"]
            os.environ.clear()
            os.environ.update(setting["environment"])
            os.chdir(setting["folder"])
            process.become(end)
        with suppress(OSError):
            os.setpgid(child, child)
        end.close()
        caller.sendall(process.ANSWER.pack(child))
