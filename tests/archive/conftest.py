"""A sealed file of a small engagement without results, made at once, and of the demonstration's; keys, and a local time-stamping service."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from assessor import demo, resources, sealing
from assessor.archive import receipt
from assessor.engagement import Engagement
from assessor.evidence import package

AT = "2026-11-20T12:00:00Z"
PASSPHRASE = "correct horse"


class Keys:
    """PEM files of one kind of key: `private`, `locked` (with the passphrase), `public`, `certificate`, `both`."""

    def __init__(self, folder: Path, kind: str, days: tuple[int, int] = (-30, 365)) -> None:
        made: Any = {
            "ed25519": ed25519.Ed25519PrivateKey.generate,
            "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
            "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
            "rsa": lambda: rsa.generate_private_key(65537, 2048),
        }[kind]()
        folder.mkdir(parents=True, exist_ok=True)
        name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, f"Invented Assessors {kind}")])
        day = datetime(2026, 11, 20, tzinfo=UTC)
        certificate = (
            x509.CertificateBuilder(name, name, made.public_key(), x509.random_serial_number())
            .not_valid_before(day + timedelta(days=days[0]))
            .not_valid_after(day + timedelta(days=days[1]))
            .sign(made, None if kind == "ed25519" else hashes.SHA256())
        )
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.private = self._put(folder / "key.pem", pem)
        locked = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode()))
        self.locked = self._put(folder / "locked.pem", locked)
        self.public = self._put(
            folder / "public.pem", made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        self.certificate = self._put(folder / "certificate.pem", certificate.public_bytes(Encoding.PEM))
        self.both = self._put(folder / "both.pem", certificate.public_bytes(Encoding.PEM) + pem)

    @staticmethod
    def _put(path: Path, content: bytes) -> Path:
        path.write_bytes(content)
        return path

    def signer(self) -> receipt.Signer:
        return receipt.load_signer(self.both, lambda: "")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"), "ed25519")


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("others"), "ed25519")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engagement with one delivery and nothing run; only to be read and copied."""
    folder = tmp_path_factory.mktemp("small")
    root = folder / "small"
    root.mkdir()
    shutil.copyfile(resources.folder("fixtures") / demo.CASE / "engagement.toml", root / "engagement.toml")
    delivery = folder / "delivery"
    (delivery / "sub").mkdir(parents=True)
    (delivery / "a.csv").write_text("name,country\nx,DE\n")
    (delivery / "sub" / ".hidden é.txt").write_text("told\n")
    (delivery / "empty.txt").write_text("")
    package.take_in(root, delivery, received=date(2026, 11, 4), supplied_by="Invented", custodian="")
    return root


@pytest.fixture
def sealed_before(small: Path, tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Path:
    target = small.parent / "before" / "sealed"
    if not target.exists():
        sealing.seal(Engagement(small), target, signer=keys.signer(), at=AT, despite="a test")
    return target


@pytest.fixture
def sealed(sealed_before: Path, tmp_path: Path) -> Path:
    """A copy of a sealed file to work on."""
    return Path(shutil.copytree(sealed_before, tmp_path / "sealed"))


class Authority:
    """A time-stamping service made with `openssl ts`."""

    def __init__(self, folder: Path, *, past: bool = False) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed")
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "ts.cnf").write_text(
            "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
            "digests = sha256, sha512\ness_cert_id_alg = sha256\nordering = no\ntsa_name = no\n"
            "[leaf]\nextendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"
        )
        (folder / "serial").write_text("01\n")
        self._run(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "900",
            "-subj",
            "/O=Invented Clock/CN=root",
        )
        self._run(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "tsa.key",
            "-out",
            "tsa.csr",
            "-subj",
            "/O=Invented Clock/CN=stamps",
        )
        if past:  # the service's certificate ended before the stamp
            self._expired()
        else:
            self._run(
                "x509",
                "-req",
                "-in",
                "tsa.csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "800",
                "-extfile",
                "ts.cnf",
                "-extensions",
                "leaf",
                "-out",
                "tsa.pem",
            )
        self.chain = folder / "ca.pem"

    def _expired(self) -> None:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        authority: Any = load_pem_private_key((self.folder / "ca.key").read_bytes(), None)
        root = x509.load_pem_x509_certificate((self.folder / "ca.pem").read_bytes())
        asked = x509.load_pem_x509_csr((self.folder / "tsa.csr").read_bytes())
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(root.subject, asked.subject, asked.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now - timedelta(days=10))
            .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING]), True)
            .sign(authority, hashes.SHA256())
        )
        (self.folder / "tsa.pem").write_bytes(made.public_bytes(Encoding.PEM))

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def stamp(self, request: Path) -> bytes:
        """The reply to a request."""
        self._run(
            "ts",
            "-reply",
            "-config",
            "ts.cnf",
            "-queryfile",
            str(request),
            "-signer",
            "tsa.pem",
            "-inkey",
            "tsa.key",
            "-out",
            "reply.tsr",
        )
        return (self.folder / "reply.tsr").read_bytes()
