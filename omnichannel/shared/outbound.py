"""HTTP to addresses that people typed in: never into our own network.

The check happens where the connection is made, on the address that was resolved for that very connection, so neither
a redirect nor a name that changes its address between check and use gets around it.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, Final

import httpcore
import httpx
from django.conf import settings

TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
# Carriers' shared space and the translation prefixes that carry an IPv4 address inside an IPv6 one.
EXTRA_PRIVATE: Final = tuple(
    ipaddress.ip_network(each) for each in ("100.64.0.0/10", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)


class ForbiddenAddress(httpcore.ConnectError):
    """The name leads into a private network."""


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in EXTRA_PRIVATE)


def resolve(host: str, port: int) -> str:
    """The one address to connect to. ForbiddenAddress: one of the host's addresses is not public."""
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise httpcore.ConnectError(f"The name {host} is not known.") from error
    if not settings.ALLOW_PRIVATE_OUTBOUND and not all(is_public(address) for address in found):
        raise ForbiddenAddress(f"{host} is an address inside a private network, which is not allowed here.")
    return found[0]


class GuardedBackend(httpcore.SyncBackend):
    """Connects to the address that was checked; TLS still verifies the name."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, connect."""
        return super().connect_tcp(resolve(host, port), port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never."""
        raise ForbiddenAddress("Sockets of this machine are not allowed.")


def client() -> httpx.Client:
    """A client for addresses from forms: no proxy from the environment, no redirects, guarded connections."""
    transport = httpx.HTTPTransport(retries=0)
    transport._pool._network_backend = GuardedBackend()
    return httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)
