"""`assessor seal` and `assessor verify` as a user meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assessor.cli import main
from tests.archive.conftest import AT, PASSPHRASE, Authority, Keys


def run(*words: object) -> Result:
    return CliRunner(env={"ASSESSOR_KEY_PASSPHRASE": PASSPHRASE}).invoke(main, [str(word) for word in words])


def told(*words: object) -> tuple[int, dict[str, Any]]:
    result = run(*words, "--json")
    return result.exit_code, json.loads(result.stdout)


def test_an_engagement_is_sealed_stamped_added_to_and_verified(small: Path, tmp_path: Path, keys: Keys) -> None:
    code, made = told(
        "seal",
        small,
        "--to",
        tmp_path / "s",
        "--key",
        keys.locked,
        "--despite",
        "a test",
        "--at",
        AT,
        "--by",
        "A. Person",
    )
    assert (code, made["ok"]) == (1, False)
    assert {"code", "place", "message"} == set(made["problems"][0])
    assert made["receipt"]["at"] == AT and made["receipt"]["by"] == "A. Person"
    assert PASSPHRASE not in "".join(
        path.read_text("latin-1") for path in (tmp_path / "s").rglob("*") if path.is_file()
    )
    authority = Authority(tmp_path / "tsa")
    assert told("seal", tmp_path / "s", "--timestamp-request", tmp_path / "r.tsq")[0] == 0
    (tmp_path / "r.tsr").write_bytes(authority.stamp(tmp_path / "r.tsq"))
    code, stamped = told("seal", tmp_path / "s", "--timestamp", tmp_path / "r.tsr", "--timestamp-ca", authority.chain)
    assert code == 0 and stamped["timestamp"]
    (tmp_path / "letter.txt").write_text("later")
    words = [
        "seal",
        tmp_path / "s",
        "--add",
        tmp_path / "letter.txt",
        "--because",
        "it came",
        "--by",
        "A. Person",
        "--key",
        keys.locked,
    ]
    assert told(*words)[0] == 0
    code, found = told(
        "verify", tmp_path / "s", "--key", keys.public, "--timestamp-ca", authority.chain, "--by", "B. Person"
    )
    assert (code, found["ok"], found["problems"], found["notes"]) == (
        0,
        True,
        [],
        [note for note in found["notes"] if note.startswith("How long")],
    )
    assert found["additions"][0]["because"] == "it came" and found["timestamp"] == stamped["timestamp"]
    assert json.loads((tmp_path / "fixity.jsonl").read_text())["by"] == "B. Person"
    shown = run("verify", tmp_path / "s")
    assert shown.exit_code == 0 and "nothing is missing" in shown.stdout and "self-attested" in shown.stdout
    (tmp_path / "s" / "data" / "engagement.toml").write_text("")
    shown = run("verify", tmp_path / "s")
    assert shown.exit_code == 1 and "data/engagement.toml" in shown.stdout


def test_retention_is_shown_when_sealed_and_when_verified(engagement: Any, tmp_path: Path) -> None:
    for words in (["seal", engagement.root, "--to", tmp_path / "s", "--despite", "a test"], ["verify", tmp_path / "s"]):
        assert (
            "To be kept at least until 2036-09-30: 10 years from the last covered transaction on 2026-09-30"
            in run(*words).stdout
        )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["seal", "{small}"], "assessor check"),
        (["seal", "{small}", "--despite", "x", "--key", "{small}/key.pem"], "would be sealed with it"),
        (["seal", "{small}", "--despite", "x", "--to", "{out}.zip"], "A folder is written"),
        (["seal", "{small}", "--add", "x", "--because", "b", "--by", "a"], "no sealed folder"),
        (["seal", "{sealed}"], "sealed already"),
        (["seal", "{sealed}", "--add", "x", "--timestamp", "y"], "each stand alone"),
        (["seal", "{out}"], "is not an engagement"),
        (["verify", "{small}"], "is no bag"),
        (["verify", "{out}"], "There is no"),
        (["verify", "{sealed}", "--key", "{out}"], "cannot be read"),
        (["verify", "{sealed}", "--timestamp-ca", "{out}"], "no certificates"),
        (["verify", "{out}.docx"], "lies in no engagement"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    small: Path, sealed: Path, tmp_path: Path, words: list[str], says: str, keys: Keys
) -> None:
    root = Path(shutil.copytree(small, tmp_path / "copy"))
    shutil.copyfile(keys.private, root / "key.pem")
    result = run(*(word.format(small=root, sealed=sealed, out=tmp_path / "out") for word in words))
    assert result.exit_code == 2 and says in result.stderr and result.stdout == ""
    assert result.stderr.startswith("assessor: ") and result.stderr.count("\n") == 1
