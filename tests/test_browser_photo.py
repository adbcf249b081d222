"""Searching with a photo in a real browser: brought, cropped by mouse and keys, found by itself, pasted, refused."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import test_browser
from PIL import Image
from test_browser import CHROMIUM, Server, Visitor, serve
from tiny_shop import picture, tiny_shop

from app.bench import Bench

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]
visitor = test_browser.visitor  # the fixture
MODEL = "ruclip:bundled/mini-ruclip"
PAIR = {"north-circle-c0392b", "south-circle-c0392b"}
PAGE = f"search?catalogue=shop&model={MODEL}"
PASTE = """([data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const box = new DataTransfer();
  box.items.add(new File([bytes], "image.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: box, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("photo")
    bench = Bench(folder / "home")
    bench.import_catalogue(tiny_shop(folder / "shop").csv, name="shop")
    bench.embed(MODEL, "shop")
    yield from serve(bench.home, folder)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red circle in the lower right corner of a wooden table; the corner is the last quarter and third."""
    rng, path = np.random.default_rng(4), tmp_path_factory.mktemp("photo") / "my photo.png"
    wood = np.array([150, 110, 60]) + rng.normal(0, 12, (300, 1, 3)) + rng.normal(0, 4, (300, 400, 3))
    shown = Image.fromarray(np.clip(wood, 0, 255).astype(np.uint8))
    shown.paste(picture("круг", "#c0392b", 100), (300, 200))
    shown.save(path)
    return path


def first_two(one: Visitor) -> set[str]:
    return set(one.cards()[:2])


def until(one: Visitor, found: Callable[[], bool], seconds: float = 60) -> None:
    for _ in range(int(seconds * 2)):
        if found():
            return
        one.page.wait_for_timeout(500)
    raise AssertionError(one.text())


def bring(one: Visitor, path: Path) -> None:
    one.page.get_by_text("Search with a picture").first.click()
    one.page.locator('input[type="file"]').first.set_input_files(str(path))


def drag(one: Visitor, left: float, top: float, right: float, bottom: float) -> None:
    stage = one.page.locator(".k .w")
    stage.scroll_into_view_if_needed()
    area: Any = stage.locator("img").bounding_box()
    x, y = (lambda s: area["x"] + s * area["width"]), (lambda s: area["y"] + s * area["height"])
    one.page.mouse.move(x(left), y(top))
    one.page.mouse.down()
    one.page.mouse.move(x((left + right) / 2), y((top + bottom) / 2))
    one.page.mouse.move(x(right) - 1, y(bottom) - 1)
    one.page.mouse.up()


def test_a_photo_with_the_object_in_a_corner_finds_its_item_after_cropping_and_not_before(
    visitor: Callable[..., Visitor], photo: Path
) -> None:
    one = visitor(locale="en-US").go(PAGE).settle()
    bring(one, photo)
    one.see("Draw a frame around the object")
    until(one, lambda: len(one.cards()) == 20)
    assert not first_two(one) & PAIR, one.cards()[:4]
    drag(one, 0.75, 2 / 3, 1, 1)
    until(one, lambda: first_two(one) == PAIR)
    # the whole picture again, then the proposal instead of the hand
    one.settle().press("Whole picture")
    until(one, lambda: not first_two(one) & PAIR)
    one.settle().press("Find the object")
    until(one, lambda: first_two(one) == PAIR)
    # Escape takes the frame off
    one.settle().page.locator(".k .w").focus()
    one.page.keyboard.press("Escape")
    until(one, lambda: not first_two(one) & PAIR)
    one.press("Back to words").see("Write what you are looking for")


def test_a_picture_is_pasted_and_an_item_is_asked_away_from(visitor: Callable[..., Visitor]) -> None:
    one = visitor(locale="en-US").go(PAGE).settle()
    file = io.BytesIO()
    picture("круг", "#c0392b", 90).save(file, "PNG")
    one.page.evaluate(PASTE, [base64.b64encode(file.getvalue()).decode()])
    one.see("Draw a frame around the object")
    until(one, lambda: first_two(one) == PAIR)
    one.page.locator("button.c").first.click()
    one.see("Without this").press("Without this")
    until(one, lambda: len(one.cards()) == 20 and len(first_two(one) & PAIR) < 2)
    assert "without=" in one.page.url
    one.see("Not like:")


def test_what_is_no_picture_is_refused_calmly(visitor: Callable[..., Visitor], tmp_path: Path) -> None:
    page = tmp_path / "page.png"
    page.write_text("<html><script>window.hacked=1</script></html>", encoding="utf-8")
    one = visitor(locale="en-US").go(PAGE).settle()
    bring(one, page)
    one.see("This did not work")
    assert one.page.evaluate("() => window.hacked") is None
    assert "page.png" in one.text()
