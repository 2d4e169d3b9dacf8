"""LibreOffice, where it is installed: PDF of a Word file. Nothing else of the toolkit needs it.

Each conversion has a profile and a folder of its own, reads nothing but the file and ends after a time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from assessor.errors import ReportError

SECONDS = 300
"""After which a conversion is given up."""
_ARCHIVAL = 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"}}'
"""PDF/A-2b, with a tree of headings."""


def available() -> str:
    """The program, or nothing where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice") or ""


def program() -> str:
    """The program. Raises ReportError where it is not installed."""
    if found := available():
        return found
    raise ReportError("LibreOffice is not installed, which makes the PDF; install it, or leave the PDF out.")


def pdf(document: bytes) -> bytes:
    """A Word file as PDF/A. Raises ReportError where LibreOffice is not installed or cannot do it."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "report.docx", Path(folder) / "report.pdf"
        source.write_bytes(document)
        profile = (Path(folder) / "profile").as_uri()
        command = [
            program(),
            f"-env:UserInstallation={profile}",
            "--headless",
            "--norestore",
            "--convert-to",
            _ARCHIVAL,
        ]
        environment = {**os.environ, "SAL_USE_VCLPLUGIN": "svp", "HOME": folder}
        try:
            subprocess.run(  # noqa: S603 (a fixed command on a file of ours)
                [*command, "--outdir", folder, str(source)],
                capture_output=True,
                check=True,
                timeout=SECONDS,
                env=environment,
                cwd=folder,
            )
            return made.read_bytes()
        except (OSError, subprocess.SubprocessError):
            raise ReportError(
                "LibreOffice could not make a PDF of the report; open the .docx in it to see why, or leave the PDF out."
            ) from None
