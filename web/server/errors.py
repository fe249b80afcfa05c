"""What can go wrong before the server answers its first request.

ServerError
├── ConfigError     a setting has a value that makes no sense
├── DistError       there is no built site to serve
└── AddressError    the address can't be listened on
"""

from __future__ import annotations


class ServerError(Exception):
    """The server can't run; the message says what to do about it."""


class ConfigError(ServerError):
    """A setting has a value that makes no sense."""


class DistError(ServerError):
    """There is no built site to serve."""


class AddressError(ServerError):
    """The address can't be listened on: in use, not ours, or not allowed."""
