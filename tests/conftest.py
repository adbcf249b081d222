"""Settings of the test run as a whole, made before anything is imported, and the one browser it has."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

# Several test processes share few cores: OpenMP's spinning threads would slow each other down tenfold and more.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["UZOR_DEMO"] = "off"  # an empty workspace stays empty, except where a test is about the demonstration


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests: Playwright's synchronous side can be started once in a process."""
    from playwright.sync_api import sync_playwright
    from test_browser import CHROMIUM, SWITCHES

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()
