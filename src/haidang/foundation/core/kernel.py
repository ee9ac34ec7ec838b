"""What a process asks of the Linux kernel and of glibc about itself."""

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_M_ARENA_MAX = -8
_ARENAS = 2


def die_with_parent(number: signal.Signals) -> None:
    """Ask the kernel for this signal when the parent dies, even by kill -9."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number))


def share_arenas() -> None:
    """Have all threads share a few pools of memory, here and in what is forked from here.

    By default glibc keeps a pool per thread, each with its own rest. Its variable in the
    environment is read before Python starts; this call is heard at any time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not in every C library
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def rename(title: str) -> None:
    """Give the process a name that `ps` and `top` show."""
    ctypes.CDLL(None).prctl(_PR_SET_NAME, title.encode()[:15])
