"""Certificates of an authority that exists for one test run, for servers that speak TLS."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """Who vouches for servers; `file` is what a client has to trust."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name

    @property
    def file(self) -> Path:
        """Its own certificate."""
        return self.folder / "authority.pem"

    def papers(self, *hosts: str, days: int = 30) -> ssl.SSLContext:
        """What a server of these names shows, valid for so many days (less than 0: no longer)."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(IPv4Address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        until = datetime.now(UTC) + timedelta(days=days)
        built = _certificate(_name(hosts[0]), self.name, key, until)
        signed = built.add_extension(x509.SubjectAlternativeName(names), False).sign(self.key, hashes.SHA256())
        path = self.folder / f"{hosts[0]}-{days}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(secret + signed.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def authority(folder: Path) -> Authority:
    """A new one."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("Tests")
    built = _certificate(name, name, key, datetime.now(UTC) + timedelta(days=30))
    basic = x509.BasicConstraints(ca=True, path_length=None)
    signed = built.add_extension(basic, True).sign(key, hashes.SHA256())
    made = Authority(folder, key, name)
    made.file.write_bytes(signed.public_bytes(Encoding.PEM))
    return made


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=90))
        .not_valid_after(until)
    )
