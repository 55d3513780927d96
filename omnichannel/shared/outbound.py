"""HTTP to addresses that people typed in: never into our own network.

The check happens where the connection is made, on the address that was resolved for that very connection, so neither
a redirect nor a name that changes its address between check and use gets around it.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore
import httpx
from django.conf import settings

TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
# All of IPv6 that was ever given out; what lies beside it carries IPv4 addresses, or belongs to sites.
PUBLIC_IPV6: Final = ipaddress.IPv6Network("2000::/3")
# In there, and among the addresses of IPv4, what leads elsewhere or nowhere: relays, protocols, examples of books.
NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20")
)


class ForbiddenAddress(httpcore.ConnectError):
    """The name leads into a private network."""


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip not in PUBLIC_IPV6:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in NOT_PUBLIC)


def resolve(host: str, port: int) -> str:
    """The one address to connect to. ForbiddenAddress: one of the host's addresses is not public."""
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError as error:
        raise httpcore.ConnectError(f"The name {host} is not known.") from error
    if not settings.ALLOW_PRIVATE_OUTBOUND and not all(is_public(address) for address in found):
        raise ForbiddenAddress(f"{host} is an address inside a private network, which is not allowed here.")
    return found[0]


class Hurried(httpcore.NetworkStream):
    """A connection that ends at a moment: who sends byte by byte holds nobody up."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self.inner, self.end = inner, end

    def _left(self, timeout: float | None, late: type[Exception]) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise late("It took too long.")
        return left if timeout is None else min(left, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Within what is left."""
        return self.inner.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Within what is left."""
        self.inner.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """At any time."""
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Within what is left; the encrypted connection ends at the same moment."""
        left = self._left(timeout, httpcore.ConnectTimeout)
        return Hurried(self.inner.start_tls(ssl_context, server_hostname, left), self.end)

    def get_extra_info(self, info: str) -> Any:
        """Of the connection."""
        return self.inner.get_extra_info(info)


class GuardedBackend(httpcore.SyncBackend):
    """Connects to the address that was checked; TLS still verifies the name. `seconds`: all that a connection has."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, connect."""
        end = time.monotonic() + (self.seconds or 0)
        stream = super().connect_tcp(resolve(host, port), port, timeout, local_address, socket_options)
        return Hurried(stream, end) if self.seconds else stream

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never."""
        raise ForbiddenAddress("Sockets of this machine are not allowed.")


def client(seconds: float | None = None) -> httpx.Client:
    """A client for addresses from forms: no proxy from the environment, no redirects, guarded connections.

    `seconds`: how long each of its connections may last.
    """
    transport = httpx.HTTPTransport(retries=0)
    transport._pool._network_backend = GuardedBackend(seconds)
    timeout = httpx.Timeout(seconds, connect=min(seconds, 5.0)) if seconds else TIMEOUT
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)
