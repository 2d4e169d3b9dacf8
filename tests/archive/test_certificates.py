"""Who vouches for the signer's certificate: chains, their time, what a certificate may be used for, and lists of revoked ones."""

from __future__ import annotations

import base64
import json
import random
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from assessor import sealing, verifying
from assessor.archive import certificates, receipt, stamp
from assessor.archive.certificates import Trust
from assessor.engagement import Engagement
from assessor.errors import ArchiveError
from tests.archive.conftest import AT, Authority, Keys
from tests.archive.test_commands import run, told

MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALWAYS = (-4000, 4000)
USES = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
USES += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]


def day(days: float) -> datetime:
    return MOMENT + timedelta(days=days)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


@dataclass
class Holder:
    """Somebody with a key and a certificate: an authority or a signer."""

    name: str
    by: Holder | None = None
    uses: tuple[str, ...] = ("key_cert_sign", "crl_sign")
    authority: bool = True
    days: tuple[float, float] = ALWAYS
    more: tuple[tuple[Any, bool], ...] = ()
    below: int | None = None
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        issuer = self.by or self
        made = (
            x509.CertificateBuilder(named(issuer.name), named(self.name), self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(day(self.days[0]))
            .not_valid_after(day(self.days[1]))
            .add_extension(x509.BasicConstraints(self.authority, self.below), True)
        )
        if self.uses:
            made = made.add_extension(x509.KeyUsage(**{each: each in self.uses for each in USES}), True)
        for extension, critical in self.more:
            made = made.add_extension(extension, critical)
        self.certificate = made.sign(issuer.key, issuer.hash())

    def hash(self) -> Any:
        return None if isinstance(self.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()

    def signer(self, *chain: Holder) -> receipt.Signer:
        return receipt.Signer(self.key, self.certificate, tuple(each.certificate for each in chain))

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def list(
        self,
        *revoked: tuple[Holder, float],
        made: float = -1,
        until: float | None = 30,
        more: tuple[tuple[Any, bool], ...] = (),
        entry: tuple[Any, ...] = (),
        key: Any = None,
    ) -> x509.CertificateRevocationList:
        """A list of what this authority revoked: who, and on which day."""
        listed = x509.CertificateRevocationListBuilder().issuer_name(named(self.name)).last_update(day(made))
        listed = listed.next_update(day(made + 0.001 if until is None else until))
        for who, when in revoked:
            line = x509.RevokedCertificateBuilder().serial_number(who.certificate.serial_number)
            line = line.revocation_date(day(when))
            for extension in entry:
                line = line.add_extension(extension, False)
            listed = listed.add_revoked_certificate(line.build())
        for extension, critical in more:
            listed = listed.add_extension(extension, critical)
        return listed.sign(key or self.key, self.hash())


ROOT = Holder("Root")
BETWEEN = Holder("Between", ROOT)
SIGNING = ("digital_signature",)


def leaf(by: Holder = BETWEEN, **told: Any) -> Holder:
    return Holder("Invented Assessors", by, **{"uses": SIGNING, "authority": False, "days": (-300, 300), **told})


def signed(by: receipt.Signer, **predicate: Any) -> bytes:
    """A receipt that says who signed it, whether or not the certificate holds."""
    content = receipt.statement({}, receipt.SEALED, {"at": AT, "signer": by.described(), **predicate})
    return receipt.envelope(content, receipt.Signer(by.key))


def trust(*roots: Holder, between: tuple[Holder, ...] = (), lists: tuple[Any, ...] = ()) -> Trust:
    return Trust(
        tuple(each.certificate for each in roots or (ROOT,)),
        tuple(each.certificate for each in between),
        tuple((f"list{number}.crl", each) for number, each in enumerate(lists, 1)),
    )


def check(signer: receipt.Signer, given: Trust | None = None, moment: str = AT) -> tuple[list[str], list[str], Any]:
    """Codes and messages of problems, notes, and the chain."""
    problems, notes, chain = certificates.check(signed(signer), "receipt.dsse.json", given or trust(), moment)
    assert all(each["place"] == "receipt.dsse.json" and set(each) == {"code", "place", "message"} for each in problems)
    assert all(each["message"].endswith(".") and "\n" not in each["message"] for each in problems)
    return [f"{each['code']}: {each['message']}" for each in problems], notes, chain


def test_a_chain_leads_over_what_the_receipt_carries_to_a_root_that_is_trusted() -> None:
    problems, notes, chain = check(leaf().signer(BETWEEN))
    assert problems == []
    assert chain == {
        "subject": "CN=Invented Assessors",
        "root": "CN=Root",
        "chain": ["CN=Invented Assessors", "CN=Between", "CN=Root"],
        "at": AT,
    }
    assert notes == [
        "receipt.dsse.json: whether a certificate was revoked was not looked at; give the authorities' lists with --crl."
    ]


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.generate(),
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP521R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=lambda key: type(key).__name__,
)
def test_every_kind_of_key_that_signs_may_have_a_chain(key: Any) -> None:
    assert check(leaf(key=key).signer(BETWEEN))[0] == []


def test_what_is_between_may_be_given_with_the_root_too() -> None:
    assert check(leaf().signer(), trust(between=(BETWEEN,)))[0] == []


def test_a_certificate_that_has_ended_since_held_when_it_was_used() -> None:
    ended = leaf(days=(-3, 1)).signer(BETWEEN)
    assert check(ended)[0] == [] and check(ended, moment="2026-11-21T12:00:00Z")[0] == []
    assert check(ended, moment="2026-11-21T12:00:01Z")[0] == [
        "certificate_expired: The certificate of CN=Invented Assessors did not hold at 2026-11-21T12:00:01Z: it ended on "
        "2026-11-21T12:00:00Z."
    ]


def test_a_certificate_that_did_not_hold_yet_is_told() -> None:
    problems, _, chain = check(leaf(days=(1, 300)).signer(BETWEEN))
    assert [each.split(":")[0] for each in problems] == ["certificate_not_yet_valid"] and chain is None


@pytest.mark.parametrize(
    ("signer", "given", "says"),
    [
        (leaf().signer(), trust(), "no certificate of CN=Between is among them"),
        (leaf().signer(BETWEEN), trust(Holder("Other")), "no certificate of CN=Root is among them"),
        (leaf().signer(BETWEEN), trust(Holder("Root")), "signature does not match"),
        (leaf().signer(ROOT), trust(), "no certificate of CN=Between"),
        (leaf(by=(old := Holder("Old", ROOT, days=(-90, -9)))).signer(old), trust(), "did not hold at that time"),
        (leaf(by=(no := Holder("No", ROOT, authority=False))).signer(no), trust(), "must be asserted in a CA"),
        (leaf(by=(no := Holder("No", ROOT, uses=SIGNING))).signer(no), trust(), "may not issue others"),
        (
            leaf(by=(low := Holder("Low", (top := Holder("Top", ROOT, below=0))))).signer(low, top),
            trust(),
            "path length constraint",
        ),
        (leaf(by=(ed := Holder("Ed", key=ed25519.Ed25519PrivateKey.generate()))).signer(), trust(ed), "is not taken"),
        (
            leaf(more=((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"), True),)).signer(BETWEEN),
            trust(),
            "critical extension that is not known here (1.2.3.4)",
        ),
        (Holder("Self", uses=SIGNING, authority=False).signer(), trust(), "it issued itself and is none of them"),
    ],
)
def test_what_leads_to_no_root_is_told_with_why(signer: receipt.Signer, given: Trust, says: str) -> None:
    problems, notes, chain = check(signer, given)
    assert len(problems) == 1 and problems[0].startswith("certificate_chain: ") and says in problems[0]
    assert "leads to none of the roots given" in problems[0] and "validation failed" not in problems[0]
    assert notes == [] and chain is None


@pytest.mark.parametrize(
    ("signer", "says"),
    [
        (leaf(authority=True).signer(BETWEEN), "that of an authority"),
        (leaf(uses=("key_encipherment",)).signer(BETWEEN), "no digitalSignature"),
        (leaf(uses=()).signer(BETWEEN), "no digitalSignature"),
        (
            leaf(more=((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),)).signer(BETWEEN),
            "not for signing documents",
        ),
    ],
)
def test_a_certificate_that_is_for_something_else_is_told(signer: receipt.Signer, says: str) -> None:
    problems, _, chain = check(signer)
    assert len(problems) == 1 and problems[0].startswith("certificate_use: ") and says in problems[0] and chain is None


def test_a_certificate_for_binding_signatures_alone_is_one_for_signing() -> None:
    assert check(leaf(uses=("content_commitment",)).signer(BETWEEN))[0] == []


def test_the_firms_own_root_may_be_trusted_itself() -> None:
    own = Holder("Self", uses=SIGNING, authority=False)
    assert check(own.signer(), trust(own))[0] == []
    problems, _, _ = check(own.signer(), trust(own, lists=(own.list(),)))
    assert "itself one of the roots" in problems[0] and problems[0].startswith("revocation_unknown")


def test_a_receipt_that_names_a_key_alone_leads_to_no_root() -> None:
    assert check(receipt.Signer(leaf().key))[0][0].startswith("certificate_missing: ")


@pytest.mark.parametrize("chain", [["nothing"], [1], 1, None, [BETWEEN.pem().decode()] * 8])
def test_a_chain_that_cannot_be_read_is_told(chain: Any) -> None:
    own = leaf()
    content = signed(own.signer(), signer={**own.signer().described(), "chain": chain})
    problems, _, told_ = certificates.check(content, "p", trust(), AT)
    assert [each["code"] for each in problems] == ["certificate_damaged"] and told_ is None


OWN = leaf()


def listed(*lists: Any, moment: str = AT, own: Holder = OWN) -> tuple[list[str], list[str]]:
    problems, notes, _ = check(own.signer(BETWEEN), trust(lists=lists), moment)
    return problems, notes


def test_a_list_that_does_not_name_it_says_that_it_was_not_revoked() -> None:
    assert listed(BETWEEN.list(), ROOT.list()) == ([], [])
    assert listed(BETWEEN.list((leaf(), -5)), ROOT.list()) == ([], [])


@pytest.mark.parametrize("when", [-5, 0])
def test_a_certificate_revoked_by_then_is_told(when: float) -> None:
    problems, _ = listed(BETWEEN.list((OWN, when)), ROOT.list())
    assert len(problems) == 1 and problems[0].startswith(
        "certificate_revoked: The certificate of CN=Invented Assessors"
    )
    assert f"{day(when):%Y-%m-%dT%H:%M:%SZ}" in problems[0]


def test_a_certificate_revoked_later_is_a_note() -> None:
    problems, notes = listed(BETWEEN.list((OWN, 0.001), made=5, until=9), ROOT.list())
    assert problems == [] and len(notes) == 1 and "on, after it was used" in notes[0]


def test_revoked_counts_from_when_the_key_may_have_been_known() -> None:
    late = BETWEEN.list((OWN, 5), made=5, until=9, entry=(x509.InvalidityDate(day(-2).replace(tzinfo=None)),))
    assert listed(late)[0][0].startswith("certificate_revoked: ") and "2026-11-18T12:00:00Z" in listed(late)[0][0]


def test_the_earliest_of_several_lists_counts() -> None:
    later, sooner = BETWEEN.list((OWN, 3), made=4), BETWEEN.list((OWN, -3))
    assert [each.split(":")[0] for each in listed(later, sooner, BETWEEN.list())[0]] == ["certificate_revoked"]


def test_an_authority_between_that_was_revoked_is_told_and_one_unknown_is_a_note() -> None:
    problems, _ = listed(BETWEEN.list(), ROOT.list((BETWEEN, -1)))
    assert len(problems) == 1 and problems[0].startswith("certificate_revoked: The certificate of CN=Between")
    problems, notes = listed(BETWEEN.list())
    assert (
        problems == [] and len(notes) == 1 and "CN=Between was revoked by 2026-11-20T12:00:00Z is not known" in notes[0]
    )


def scope(**told: Any) -> tuple[tuple[Any, bool], ...]:
    empty: dict[str, Any] = {"full_name": None, "relative_name": None, "only_some_reasons": None}
    flags = dict.fromkeys(
        ["only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs"], False
    )
    return ((x509.IssuingDistributionPoint(**{**empty, **flags, **told}), True),)


URL = [x509.UniformResourceIdentifier("http://lists.example/1.crl")]
OTHER_URL = [x509.UniformResourceIdentifier("http://lists.example/2.crl")]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Holder("Other").list(), "no list that was given is by CN=Between"),
        (ROOT.list((OWN, -5)), "no list that was given is by CN=Between"),
        (BETWEEN.list((OWN, -5), key=ROOT.key), "not signed with its key"),
        (BETWEEN.list(made=-9, until=-3), "is older (of 2026-11-11T12:00:00Z)"),
        (BETWEEN.list(more=((x509.DeltaCRLIndicator(1), True),)), "tells changes alone"),
        (BETWEEN.list(more=scope(only_contains_ca_certs=True)), "about other certificates"),
        (BETWEEN.list(more=scope(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise]))), "about other"),
        (BETWEEN.list(more=scope(full_name=URL)), "about other certificates"),
        (BETWEEN.list((OWN, -5), more=scope(indirect_crl=True)), "indirect"),
        (
            BETWEEN.list(more=((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0"), True),)),
            "critical extension",
        ),
        (BETWEEN.list(made=301, until=400), "made after the certificate had ended"),
    ],
)
def test_a_list_that_proves_nothing_leaves_open_whether_it_was_revoked(given: Any, says: str) -> None:
    problems, _ = listed(given)
    assert len(problems) == 1 and problems[0].startswith("revocation_unknown: Whether ") and says in problems[0]
    assert listed(given, BETWEEN.list())[0] == []  # another does prove it


def test_lists_for_this_kind_and_part_of_certificates_and_those_that_keep_ended_ones_prove_something() -> None:
    assert listed(BETWEEN.list(more=scope(only_contains_user_certs=True)))[0] == []
    point = x509.CRLDistributionPoints([x509.DistributionPoint(URL, None, None, None)])
    own = leaf(more=((point, False),))
    assert listed(BETWEEN.list(more=scope(full_name=URL)), own=own)[0] == []
    assert "about other" in listed(BETWEEN.list(more=scope(full_name=OTHER_URL)), own=own)[0][0]
    keeps = (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.60"), b"\x18\x0f20200101000000Z"), False)
    assert listed(BETWEEN.list(made=301, until=400, more=(keeps,)))[0] == []


def test_an_authority_that_may_not_sign_lists_proves_nothing_by_one() -> None:
    mute = Holder("Mute", ROOT, uses=("key_cert_sign",))
    own = leaf(by=mute)
    problems, _, _ = check(own.signer(mute), trust(lists=(mute.list((own, -5)),)))
    assert problems[0].startswith("revocation_unknown: ") and "may not sign lists" in problems[0]


class Files:
    """PEM files for the commands."""

    def __init__(self, folder: Path, own: Holder) -> None:
        self.folder = folder
        pem = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.key = self.put("firm.pem", pem)
        self.chain = self.put("chain.pem", BETWEEN.pem() + own.pem())  # in any order
        self.root = self.put("root.pem", ROOT.pem())

    def put(self, name: str, content: bytes) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name


def test_a_file_is_sealed_with_its_chain_and_verified_up_to_the_root(small: Path, tmp_path: Path) -> None:
    own = leaf(days=ALWAYS)
    files = Files(tmp_path, own)
    sealed, key = tmp_path / "s", ["--key", files.key, "--certificate", files.chain]
    assert told("seal", small, "--to", sealed, *key, "--at", AT, "--despite", "a test")[0] == 1
    (tmp_path / "letter.txt").write_text("later")
    assert (
        told("seal", sealed, "--add", tmp_path / "letter.txt", *key, "--by", "A", "--because", "b", "--at", AT)[0] == 0
    )
    code, found = told("verify", sealed, "--ca", files.root)
    assert (code, found["problems"]) == (0, [])
    assert found["certificate"] == {
        "subject": "CN=Invented Assessors",
        "root": "CN=Root",
        "chain": ["CN=Invented Assessors", "CN=Between", "CN=Root"],
        "at": AT,
        "at_by": "receipt",
    }
    assert any("firm's own word, since no time stamp" in note for note in found["notes"])
    assert any("each addition" in note for note in found["notes"])
    assert not any("self-attested" in note or "by itself" in note for note in found["notes"])
    assert "for whom CN=Root vouches" in run("verify", sealed, "--ca", files.root).stdout
    code, found = told("verify", sealed)
    assert code == 0 and any("no chain was looked at" in note for note in found["notes"])
    for name, content in (
        ("list.pem", BETWEEN.list((own, -1)).public_bytes(Encoding.PEM)),
        ("list.der", BETWEEN.list((own, -1)).public_bytes(Encoding.DER)),
        ("two.pem", b"".join(each.public_bytes(Encoding.PEM) for each in (ROOT.list(), BETWEEN.list((own, -1))))),
    ):
        code, found = told("verify", sealed, "--ca", files.root, "--crl", files.put(name, content))
        assert code == 1 and [(each["code"], each["place"]) for each in found["problems"]] == [
            ("certificate_revoked", "receipt.dsse.json"),
            ("certificate_revoked", "additions/0001/addition.dsse.json"),
        ]
    empty = [files.put(f"{n}.crl", each.list().public_bytes(Encoding.DER)) for n, each in enumerate((ROOT, BETWEEN))]
    code, found = told("verify", sealed, "--ca", files.root, "--crl", empty[0], "--crl", empty[1])
    assert code == 0 and not any("revoked" in note for note in found["notes"])


def test_with_a_stamp_that_is_trusted_its_time_counts_and_else_the_receipts(
    sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = leaf(days=(-10, 10))
    content = receipt.opened((sealed / "receipt.dsse.json").read_bytes())
    content["predicate"]["signer"] = own.signer(BETWEEN).described()
    (sealed / "receipt.dsse.json").write_bytes(receipt.envelope(content, receipt.Signer(own.key)))
    (sealed / "receipt.tsr").write_bytes(b"a stamp")

    def verify(stamped: str, chain: bytes | None, problems: list[Any] | None = None) -> dict[str, Any]:
        monkeypatch.setattr(stamp, "check", lambda *_: (problems or [], stamped))
        return verifying.verify(sealed, chain=chain, trust=trust())

    for time, expected in (
        ("2026-11-29T00:00:00Z", []),
        ("2026-12-01T00:00:00Z", ["certificate_expired"]),
        ("2026-11-01T00:00:00Z", ["certificate_not_yet_valid"]),
    ):
        found = verify(time, b"trusted")
        assert [each["code"] for each in found["problems"]] == expected
        assert not any("own word" in note for note in found["notes"])
        assert ("certificate" in found and found["certificate"]["at_by"]) == (not expected and "timestamp")
    found = verify("2026-12-01T00:00:00Z", None)  # nobody said whose stamps to trust
    assert found["ok"] and found["certificate"]["at"] == AT and any("own word" in note for note in found["notes"])
    found = verify("2026-12-01T00:00:00Z", b"trusted", [{"code": "timestamp", "place": "receipt.tsr", "message": "."}])
    assert [each["code"] for each in found["problems"]] == ["timestamp"] and found["certificate"]["at"] == AT


def test_a_real_stamp_gives_the_time(small: Path, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    real = (datetime.now(UTC) - MOMENT) / timedelta(days=1)
    signer = leaf(days=(real - 1, real + 1)).signer(BETWEEN)
    sealed, _ = sealing.seal(Engagement(small), tmp_path / "s", signer=signer, despite="a test")
    sealing.request(sealed, tmp_path / "r.tsq")
    time = sealing.attach(sealed, authority.stamp(tmp_path / "r.tsq"), authority.chain.read_bytes())
    found = verifying.verify(sealed, chain=authority.chain.read_bytes(), trust=trust())
    assert found["ok"] and (found["certificate"]["at"], found["certificate"]["at_by"]) == (time, "timestamp")


def test_a_certificate_of_another_key_does_not_vouch_for_the_signature(
    sealed: Path, tmp_path: Path, keys: Keys
) -> None:
    content = receipt.opened((sealed / "receipt.dsse.json").read_bytes())
    content["predicate"]["signer"] = leaf().signer(BETWEEN).described()
    (sealed / "receipt.dsse.json").write_bytes(receipt.envelope(content, receipt.Signer(keys.signer().key)))
    for key in (None, keys.public):
        found = verifying.verify(sealed, trust=trust(), key=key)
        assert [each["code"] for each in found["problems"]] == ["signature"] and "certificate" not in found


def test_an_unsigned_file_or_one_without_a_receipt_does_not_pass_where_a_root_is_given(
    small: Path, tmp_path: Path
) -> None:
    sealed, _ = sealing.seal(Engagement(small), tmp_path / "s", at=AT, despite="a test")
    assert [each["code"] for each in verifying.verify(sealed, trust=trust())["problems"]] == ["unsigned"]
    delivery = next(path for path in (small / "evidence").iterdir() if path.is_dir())
    assert [each["code"] for each in verifying.verify(delivery, trust=trust())["problems"]] == ["receipt_missing"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["verify", "{sealed}", "--ca", "{none}"], "holds no certificates in PEM"),
        (["verify", "{sealed}", "--ca", "{text}"], "holds no certificates in PEM"),
        (["verify", "{sealed}", "--ca", "{between}"], "is no root"),
        (["verify", "{sealed}", "--ca", "{root}", "--crl", "{none}"], "no list of revoked certificates"),
        (["verify", "{sealed}", "--ca", "{root}", "--crl", "{text}"], "no list of revoked certificates"),
        (["verify", "{sealed}", "--ca", "{root}", "--crl", "{broken}"], "no list of revoked certificates"),
        (["verify", "{sealed}", "--ca", "{root}", "--crl", "{root}"], "no list of revoked certificates"),
        (["verify", "{sealed}", "--crl", "{text}"], "--crl needs --ca"),
        (["seal", "{sealed}", "--add", "{text}", "--key", "{key}", "--certificate", "{text}"], "no certificate in PEM"),
        (["seal", "{sealed}", "--add", "{text}", "--key", "{key}", "--certificate", "{between}"], "is for another key"),
        (["seal", "{sealed}", "--add", "{text}", "--key", "{key}", "--certificate", "{gap}"], "is none of CN=Between"),
        (["seal", "{sealed}", "--add", "{text}", "--key", "{key}", "--certificate", "{many}"], "holds 9 certificates"),
    ],
)
def test_files_that_do_not_serve_are_told_in_one_sentence(
    sealed: Path, tmp_path: Path, words: list[str], says: str
) -> None:
    own = leaf()
    files = Files(tmp_path, own)
    files.put("text", b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
    files.put("between", BETWEEN.pem())
    files.put("gap", own.pem() + ROOT.pem())
    files.put("many", own.pem() + b"".join(Holder("Between", ROOT, key=BETWEEN.key).pem() for _ in range(8)))
    files.put("broken", BETWEEN.list().public_bytes(Encoding.DER)[:-9])
    names = {name: tmp_path / name for name in ("none", "text", "between", "gap", "many", "broken")}
    result = run(*(word.format(sealed=sealed, root=files.root, key=files.key, **names) for word in words))
    assert result.exit_code == 2 and says in result.stderr and result.stdout == ""
    assert "Traceback" not in result.stderr and "assessor: " in result.stderr


def test_the_receipt_can_be_read_as_before_where_there_is_no_chain(sealed: Path) -> None:
    signer = json.dumps(receipt.opened((sealed / "receipt.dsse.json").read_bytes())["predicate"]["signer"])
    assert "chain" not in signer


def test_a_root_may_lie_in_the_receipt_and_is_trusted_no_more_for_that() -> None:
    assert check(leaf().signer(BETWEEN, ROOT))[0] == []
    forged = Holder("Root")
    between = Holder("Between", forged)
    assert "leads to none" in check(leaf(by=between).signer(between, forged))[0][0]


def test_without_lists_or_roots_nothing_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="holds no certificates"):
        certificates.load(tmp_path)


def test_bytes_changed_anywhere_in_certificates_and_lists_give_an_answer_and_no_error(tmp_path: Path) -> None:
    chance = random.Random(791)
    (tmp_path / "root.pem").write_bytes(ROOT.pem())

    def changed(held: Any) -> bytes:
        content = bytearray(held.public_bytes(Encoding.DER))
        for _ in range(chance.randint(1, 3)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        return bytes(content)

    def armoured(content: bytes) -> str:
        return f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(content).decode()}-----END CERTIFICATE-----\n"

    codes = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is odd and can be read all the same
        for _ in range(400):
            told_ = OWN.signer(BETWEEN).described()
            which = chance.choice(["certificate", "chain", "list"])
            given = trust()
            if which == "list":
                (tmp_path / "list.crl").write_bytes(changed(BETWEEN.list((OWN, -1))))
                try:
                    given = certificates.load(tmp_path / "root.pem", [tmp_path / "list.crl"])
                except ArchiveError:
                    continue
            elif which == "chain":
                told_["chain"] = [armoured(changed(BETWEEN.certificate))]
            else:
                told_["certificate"] = armoured(changed(OWN.certificate))
            content = signed(OWN.signer(), signer=told_)
            for vouched in (False, True):
                receipt.check_signature(content, "p", None, vouched=vouched)
            codes |= {each["code"] for each in certificates.check(content, "p", given, AT)[0]}
    assert {"certificate_chain", "certificate_damaged", "revocation_unknown"} <= codes
