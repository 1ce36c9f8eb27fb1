"""Certificates for tests: an authority, and certificates that it signs."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

LIFETIME = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files in PEM."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """``file``: its certificate in PEM, for those who trust it."""

    file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def made_in(cls, folder: Path) -> Authority:
        """A new authority with a file of its own in the folder."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"test authority {uuid4()}")
        certificate = _builder(name, name, key).add_extension(x509.BasicConstraints(True, 0), critical=True)
        signed = certificate.sign(key, hashes.SHA256())
        file = folder / f"ca-{uuid4()}.crt"
        file.write_bytes(signed.public_bytes(Encoding.PEM))
        return cls(file, signed, key)

    def issue(self, name: str, addresses: Sequence[str] = (), key_password: bytes | None = None) -> Pair:
        """A certificate for a client of this name, or for a server at these host names and IP addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name), self.certificate.subject, key)
        if addresses:
            alternatives = x509.SubjectAlternativeName([_general(it) for it in addresses])
            builder = builder.add_extension(alternatives, critical=False)
        stem = f"{name}-{uuid4()}"
        pair = Pair(self.file.with_name(f"{stem}.crt"), self.file.with_name(f"{stem}.key"))
        pair.certificate.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM))
        protection: KeySerializationEncryption = (
            BestAvailableEncryption(key_password) if key_password else NoEncryption()
        )
        pair.key.touch(0o600)
        pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
        return pair


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFETIME)
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)
