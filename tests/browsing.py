"""A real Chromium without a window, in which pages are looked at as people see them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARTEFACTS = Path(os.environ.get("ASSESSOR_ARTEFACTS", Path(__file__).parents[1] / "artefacts"))
"""Where pictures of what was seen are kept."""
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]

browser_only = pytest.mark.skipif(
    CHROMIUM is None,
    reason="Chromium is not installed, in which pages are driven; install Debian's package chromium.",
)


@contextmanager
def opened(
    name: str, width: int, height: int, seconds: int, *, full_page: bool = False
) -> Iterator[tuple[Any, list[str], list[str]]]:
    """A page of that many pixels whose patience is `seconds`, the addresses that it asks for, and what it says: lines on the console,
    errors, dialogues. What stands there last is kept as `NAME-last.png`, which tells why a test failed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=_OPTIONS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(seconds * 1000)
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "dialog", lambda dialog: (said.append(dialog.message), dialog.accept())
        )  # one that waits stops the page
        yield page, asked, said
        picture(page, f"{name}-last", full_page=full_page)
        browser.close()


def picture(page: Any, name: str, *, full_page: bool = False) -> None:
    """Keep what the page shows."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=str(ARTEFACTS / f"{name}.png"), full_page=full_page)
