"""The socket that the server listens on."""

from __future__ import annotations

import errno
import socket
import struct
import sys

from web.server.errors import AddressError

BACKLOG = 1024


def listen(host: str, port: int, *, stall_limit_s: int) -> socket.socket:
    """Socket that listens at `host` and `port`.

    Parameters
    ----------
    port
        0 takes any free one.
    stall_limit_s
        A connection is given up when its client, within a request, neither sends nor takes anything for so long.
        Where the system can't be told (it can on Linux), clients may stall for as long as they like.

    Raises
    ------
    AddressError
        If the address is in use, not this machine's, or not allowed.
    """
    try:
        family, _, _, _, found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, OverflowError, UnicodeError) as error:
        raise AddressError(f"{host!r} is not an address to listen on ({error}): choose another with --host") from error
    try:
        _set_options(listener, stall_limit_s)
        listener.bind((found[0], port, *found[2:]))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise AddressError(_explain(error, host, port)) from error
    return listener


def _set_options(listener: socket.socket, stall_limit_s: int) -> None:
    if sys.platform != "win32":  # there it would let two servers share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform == "linux":  # accepted connections inherit both
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", stall_limit_s, 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stall_limit_s * 1000)


def _explain(error: OSError | OverflowError, host: str, port: int) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: stop what holds it or choose another with --port"
    if code == errno.EACCES:
        return f"port {port} on {host} is not allowed: choose one above 1023 with --port"
    if code == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: choose another with --host"
    return f"port {port} on {host} can't be listened on ({error}): choose another with --port"
