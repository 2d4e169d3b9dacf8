"""The commands that close an engagement's file and verify it. Each is one call into `assessor.sealing` or `assessor.verifying`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from assessor.commands.base import (
    ATTENTION,
    DONE,
    folder_argument,
    json_option,
    main,
    print_json,
    progress,
    show_problems,
)
from assessor.errors import ArchiveError
from assessor.text import visible

_PATH = click.Path(path_type=Path)
_PASSPHRASE = "ASSESSOR_KEY_PASSPHRASE"  # noqa: S105 (the name of the variable)
_chain = click.option(
    "--timestamp-ca",
    metavar="CERTS.pem",
    type=_PATH,
    help="Certificates of the time-stamping service, its root among them.",
)


@main.command()
@folder_argument
@click.option("--to", metavar="PATH", type=_PATH, help="Where the sealed file is written (default: DIR-sealed).")
@click.option("--key", metavar="KEY.pem", type=_PATH, help="The firm's private key, which signs the receipt.")
@click.option(
    "--certificate",
    metavar="CERTS.pem",
    type=_PATH,
    help="Its certificate, if not in the same file, and those between it and its root.",
)
@click.option(
    "--despite", default="", metavar="REASON", help="Seal although `check` names problems; the receipt holds why."
)
@click.option(
    "--encrypt-to",
    multiple=True,
    metavar="RECIPIENT",
    help="Write one .tar.age for this recipient of age (repeatable).",
)
@click.option("--timestamp-url", default="", metavar="URL", help="Have this service stamp the receipt (RFC 3161).")
@click.option(
    "--timestamp-request",
    metavar="FILE.tsq",
    type=_PATH,
    help="Write the request for a stamp on the receipt of the sealed DIR.",
)
@click.option(
    "--timestamp", metavar="FILE.tsr", type=_PATH, help="Lay this stamp beside the receipt of the sealed DIR."
)
@_chain
@click.option(
    "--for-bis",
    metavar="DEMAND.toml",
    type=_PATH,
    help="Make the production set that a demand asks for (§791.313) in the folder --to, and seal nothing.",
)
@click.option("--add", metavar="FILE", type=_PATH, help="Add a file to the sealed DIR.")
@click.option("--because", default="", help="With --add: why.")
@click.option("--by", default="", help="Who seals or adds.")
@click.option(
    "--at", metavar="TIME", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="The time in UTC (default: now)."
)
@json_option
def seal(folder: Path, as_json: bool, **told: Any) -> int:
    """Close an engagement into a bag with a receipt, or add to one that is closed.

    The passphrase of the key is asked for, or taken from ASSESSOR_KEY_PASSPHRASE; it is never stored.
    """
    from assessor import engagement, sealing
    from assessor.archive import receipt, stamp

    if told["for_bis"]:
        return _produce(folder, told["for_bis"], told["to"], as_json)
    at = f"{told['at']:%Y-%m-%dT%H:%M:%SZ}" if told["at"] else sealing.now()
    chain = stamp.chain_of(told["timestamp_ca"]) if told["timestamp_ca"] else None
    later = [name for name in ("add", "timestamp", "timestamp_request") if told[name]]
    if len(later) > 1 or (later and (told["to"] or told["despite"] or told["encrypt_to"])):
        raise click.UsageError("--add, --timestamp and --timestamp-request each stand alone, for a DIR that is sealed.")
    signer = (
        receipt.load_signer(told["key"], lambda: _passphrase(told["key"]), told["certificate"]) if told["key"] else None
    )
    more: dict[str, Any] = {}
    problems: list[Any] = []
    if told["add"]:
        path = sealing.add(folder, told["add"], by=told["by"], because=told["because"], at=at, signer=signer)
        text = (
            f"{told['add']} is added as {path}; a copy of its addition.dsse.json that is kept elsewhere shows later that it was not taken "
            "away (verify --kept)."
        )
    elif told["timestamp_request"]:
        path = told["timestamp_request"]
        sealing.request(folder, path)
        text = f"{path} is the request for a stamp; lay the service's reply beside the receipt with --timestamp."
    elif told["timestamp"] or (told["timestamp_url"] and sealing.is_sealed(folder)):
        path = folder
        if told["timestamp"]:
            more["timestamp"] = sealing.attach(folder, told["timestamp"].read_bytes(), chain)
        else:
            more["timestamp"] = sealing.fetch(folder, told["timestamp_url"], chain)
        text = f"The receipt of {folder} is stamped: it was there at {more['timestamp']}."
    elif sealing.is_sealed(folder):
        raise ArchiveError(f"{folder} is sealed already; add to it with --add FILE --because … --by ….")
    else:
        _apart(folder, told["key"])
        path, statement = sealing.seal(
            engagement.find(folder),
            told["to"],
            signer=signer,
            by=told["by"],
            at=at,
            despite=told["despite"],
            encrypt_to=told["encrypt_to"],
            timestamp_url=told["timestamp_url"],
            chain=chain,
            progress=progress,
        )
        more["receipt"] = statement["predicate"]
        problems = [
            {**each, "message": "It was sealed although this stands against it."}
            for each in statement["predicate"].get("despite", {}).get("problems", [])
        ]
        text = f"{path} is the sealed file{'' if signer else ', not signed'}.\n{_kept(statement['predicate']['retention'])}"
    if as_json:
        print_json({"ok": not problems, "problems": problems, "path": path, **more})
    else:
        click.echo(text)
        if problems:
            click.echo(f"It was sealed despite {len(problems)} problems, which the receipt names.")
    return ATTENTION if problems else DONE


def _produce(folder: Path, demanded: Path, target: Path | None, as_json: bool) -> int:
    from assessor import demand, open_assessment, production

    if target is None:
        raise click.UsageError("--for-bis needs --to FOLDER, in which the set is made.")
    made = production.produce(open_assessment(folder), demand.read(demanded), target)
    if as_json:
        documents = [{**vars(d), "source": str(d.source)} for d in made.documents]
        listed = [{"code": "production", "place": "README.txt", "message": text} for text in made.lacking]
        print_json(
            {"ok": True, "problems": listed, "path": target, "transactions": made.transactions, "documents": documents}
        )
    else:
        click.echo(f"{target} holds {made.transactions:,} transactions and {len(made.documents):,} documents.")
        for text in made.lacking:
            click.echo(f"  {text}")
    return DONE


@main.command()
@click.argument("path", metavar="PATH", type=_PATH)
@click.option(
    "--key", metavar="PEM", type=_PATH, help="The firm's public key or certificate (default: the one in the receipt)."
)
@click.option(
    "--ca",
    metavar="CERTS.pem",
    type=_PATH,
    help="Certificates of the authority behind the firm's, its root among them.",
)
@click.option(
    "--crl",
    metavar="FILE",
    multiple=True,
    type=_PATH,
    help="With --ca: a list of certificates that an authority revoked, PEM or DER (repeatable).",
)
@_chain
@click.option(
    "--kept",
    metavar="FILE",
    multiple=True,
    type=_PATH,
    help="A copy, kept elsewhere, of the receipt or of an addition's statement, which must be there (repeatable).",
)
@click.option("--identity", metavar="KEYFILE", type=_PATH, help="The key of age that opens PATH.age.")
@click.option("--reproduce", is_flag=True, help="Run the assessment again from the evidence and compare the results.")
@click.option("--by", default="", help="Who looks, for fixity.jsonl (default: the user's name).")
@json_option
def verify(
    path: Path,
    key: Path | None,
    ca: Path | None,
    crl: tuple[Path, ...],
    timestamp_ca: Path | None,
    kept: tuple[Path, ...],
    identity: Path | None,
    reproduce: bool,
    by: str,
    as_json: bool,
) -> int:
    """Check a bag, an archive of one, a sealed file, or a report that was edited in Word.

    Of a bag every byte and name, signature, time stamp and ledger, with a line in fixity.jsonl beside it. Of a report: what is claimed as
    confidential is marked or left out, and everybody can read it.
    """
    from assessor import verifying
    from assessor.archive import certificates, stamp

    if crl and ca is None:
        raise click.UsageError("--crl needs --ca: a list is by an authority, and its root says which one to trust.")
    trust = certificates.load(ca, crl) if ca else None
    chain = stamp.chain_of(timestamp_ca) if timestamp_ca else None
    told = verifying.verify(
        path,
        key=key,
        chain=chain,
        trust=trust,
        kept=kept,
        identity=identity,
        reproduce=reproduce,
        by=by,
        progress=progress,
    )
    if as_json:
        print_json(told)
        return DONE if told["ok"] else ATTENTION
    if told["problems"]:
        show_problems(
            f"{path}",
            [
                {**each, "place": visible(each["place"]), "message": visible(each["message"])}
                for each in told["problems"]
            ],
        )
    elif "files" not in told:
        click.echo(
            f"{path}: what is claimed as confidential is where it should be, and nothing stands against reading it."
        )
    else:
        click.echo(f"{path}: all {told['files']} files are what the manifests tell, and nothing is missing or besides.")
    for note in told.get("notes", []):
        click.echo(f"  {visible(note)}")
    if "retention" in told:
        click.echo(_kept(told["retention"]))
    if "timestamp" in told and told["ok"]:
        click.echo(f"The receipt was there at {told['timestamp']}.")
    if told.get("reproduced"):
        click.echo("Run again from the evidence, every table and result came out the same.")
    return DONE if told["ok"] else ATTENTION


def _kept(retention: dict[str, Any]) -> str:
    if not retention.get("until"):
        return "Until when it is to be kept is open (§791.312(a)): no covered transaction with a date is known."
    undated = (
        f"; {retention['undated']} covered transactions have no date and may need longer"
        if retention["undated"]
        else ""
    )
    return (
        f"To be kept at least until {retention['until']}: {retention['years']} years from the last covered transaction on "
        f"{retention['last_transaction']} (§791.312(a)){undated}."
    )


def _passphrase(path: Path) -> str:
    if (told := os.environ.get(_PASSPHRASE)) is not None:
        return told
    if not sys.stdin.isatty():
        raise ArchiveError(
            f"The key in {path} has a passphrase; put it into {_PASSPHRASE}, or run the command where it can be asked."
        )
    return str(click.prompt(f"Passphrase of {path}", hide_input=True, err=True))


def _apart(folder: Path, key: Path | None) -> None:
    """Refuse a key within the folder that is sealed: it would be sealed with it."""
    if key is not None and folder.resolve() in key.resolve().parents:
        raise ArchiveError(f"The key {key} lies in the engagement and would be sealed with it; keep it elsewhere.")
