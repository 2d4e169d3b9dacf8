"""Which engagements a batch is over, and what is wrong with a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor import batch as batches
from assessor.errors import BatchError
from tests.batch.conftest import batch
from tests.batch.small import engagement


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("acorn", "north/birch", "north/cedar", ".hidden/d"):
        engagement(tmp_path / "root", name, delivery=False)
    sealed = tmp_path / "root/acorn-sealed"
    (sealed / "data").mkdir(parents=True)
    (sealed / "bagit.txt").write_text("", "utf-8")
    engagement(sealed, "data/x", delivery=False)
    engagement(tmp_path / "root/acorn", "evidence/inner", delivery=False)
    return tmp_path / "root"


def names(root: str | Path) -> list[str]:
    return [place.name for place in batches.places(str(root))]


def test_a_folder_gives_its_engagements_at_any_depth_and_nothing_sealed_hidden_or_within_one(root: Path) -> None:
    assert names(root) == ["acorn", "north/birch", "north/cedar"]
    assert names(root / "acorn") == ["acorn"]
    (root / "linked").symlink_to(root / "north")
    assert len(names(root)) == 3


def test_a_pattern_gives_what_it_names(root: Path) -> None:
    assert names(root / "north/*") == [f"{root}/north/birch", f"{root}/north/cedar"]
    assert names(root / "*" / "c*" / "engagement.toml") == [f"{root}/north/cedar"]


def test_a_list_names_engagements_and_packages(root: Path) -> None:
    listed = root / "list.csv"
    listed.write_text(
        "\ufeffengagement,package,received,effective_from,confidential\n"
        "acorn,sent/one.zip,2026-11-04,2026-01-01,yes\nacorn,sent/two.zip,,,\nnorth/birch,,,,\n",
        "utf-8",
    )
    acorn, birch = batches.places(str(listed))
    assert (acorn.name, birch.name) == ("acorn", "north/birch") and birch.packages == ()
    assert [Path(each.where).name for each in acorn.packages] == ["one.zip", "two.zip"]
    assert (acorn.packages[0].received, acorn.packages[0].confidential) == ("2026-11-04", "yes")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("folder\nacorn\n", "no column `engagement`"),
        ("engagement,when\nacorn,x\n", "a column 'when' that is not known"),
        ("engagement\nnowhere\n", "line 2, names .*nowhere, which is no engagement"),
        ("engagement,package\n,a.zip\n", "line 2, names no engagement"),
        ("engagement,package,received\nacorn,a.zip,4 Nov\n", "line 2: received is '4 Nov', which is no date"),
        ("engagement,package,confidential\nacorn,a.zip,perhaps\n", "line 2: confidential is 'perhaps'"),
        ("engagement\n", "holds no engagement"),
        ("engagement\nacorn\nnorth/../acorn\n", "are the same folder"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_naming_the_line(root: Path, text: str, told: str) -> None:
    (root / "list.csv").write_text(text, "utf-8")
    with pytest.raises(BatchError, match=told) as error:
        batches.places(str(root / "list.csv"))
    assert str(error.value).count(". ") == 0


def test_a_list_that_is_no_text_is_refused(root: Path) -> None:
    (root / "list.csv").write_bytes(b"engagement\n\xff\xfe\n")
    with pytest.raises(BatchError, match="not text in UTF-8"):
        batches.places(str(root / "list.csv"))


def test_nothing_to_work_on_and_two_of_one_id_are_one_sentence_and_exit_code_2(root: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no engagement" in batch(2, tmp_path / "empty")["stderr"]
    assert "There is no" in batch(2, tmp_path / "nowhere")["stderr"]
    assert "There is no template" in batch(2, root, "--template", tmp_path / "none.docx")["stderr"]
    engagement(root, "south/acorn", delivery=False)
    said = batch(2, root)["stderr"]
    assert "both have the id 'acorn'" in said and len(said.strip().splitlines()) == 1
    assert not (root / "acorn/run.json").exists()
