"""The certificate that signs events: issued by an intermediate authority under its own root."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from simulators.provider.ledger import Ledger

ROOT, INTERMEDIATE = "Simulated root", "Simulated intermediate"
SIGNER = "messageverificationcerts.paypal.com"
CERTIFICATE_PATH = "/v1/notifications/certs/CERT-simulated"
LIFE = timedelta(days=30)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Signer:
    """Kept in the ledger, so that a restart does not change what merchants trust."""

    def __init__(self, ledger: Ledger) -> None:
        known = ledger.get("signer", SIGNER)
        if known is None:
            known = _made()
            with ledger.transaction():
                ledger.put("signer", SIGNER, known)
        self.root: str = known["root"]
        self.chain: str = known["chain"]
        """The signing certificate and the intermediate one, as the provider serves them."""
        key = serialization.load_pem_private_key(known["key"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101  # made as one below
        self._key = key

    def sign(self, transmission_id: str, time: str, webhook_id: str, body: bytes) -> str:
        """Base64 of the SHA256withRSA signature over ``id|time|webhook|crc32(body)``."""
        message = f"{transmission_id}|{time}|{webhook_id}|{zlib.crc32(body)}"
        signature = self._key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
        return base64.b64encode(signature).decode()


def _made() -> dict[str, str]:
    root_key, middle_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    leaf_key = rsa.generate_private_key(65537, 2048)
    root = _certificate(ROOT, root_key, ROOT, root_key, authority=True)
    middle = _certificate(INTERMEDIATE, middle_key, ROOT, root_key, authority=True)
    leaf = _certificate(SIGNER, leaf_key, INTERMEDIATE, middle_key, authority=False)
    key = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {"root": _pem(root), "chain": _pem(leaf) + _pem(middle), "key": key.decode()}


def _certificate(
    name: str, key: Key, issuer: str, issuer_key: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(authority=authority), critical=True)
    )
    if not authority:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(names, critical=False).add_extension(usage, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
