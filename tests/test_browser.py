"""A real browser walks through the app: import, evaluate, map, search, language; nothing leaves the machine.

`UZOR_PICTURES=1 pytest tests/test_browser.py -k pictures` takes the README's pictures of the workspace in $UZOR_HOME.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tiny_models import tiny_ruclip
from tiny_shop import Shop, tiny_shop

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none",
            "--hide-scrollbars", "--disable-background-networking"]  # fmt: skip
PAYLOADS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "![x](http://evil.example/t.png)",
    "[click](javascript:window.hacked=1)",
    "<svg onload=window.hacked=1>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<style>body{display:none}</style>",
    ":red[x] $\\href{javascript:window.hacked=1}{y}$",
    '"><b onmouseover=window.hacked=1>z</b>{@title}',
)
FOCUSED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot) at = at.shadowRoot.activeElement;
  return at.dataset.id;
}"""
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium"),
    pytest.mark.timeout(280),
]


@dataclass
class Server:
    """The app in a process of its own over a workspace of its own."""

    url: str
    home: Path
    log: Path

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a plain HTTP request."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, b""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(home: Path, folder: Path, script: Path | None = None) -> Iterator[Server]:
    port, log = free_port(), folder / "server.log"
    command = ["-m", "app", str(port)]
    if script is not None:
        command = ["-m", "streamlit", "run", str(script), "--server.port", str(port), "--server.headless", "true",
                   "--browser.gatherUsageStats", "false", "--server.address", "127.0.0.1"]  # fmt: skip
    environment = {**os.environ, "UZOR_HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *command], cwd=folder, env=environment, stdout=out, stderr=out)
    server = Server(f"http://127.0.0.1:{port}", home, log)
    try:
        deadline = time.monotonic() + 60
        while not answers(server):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield server
    finally:
        process.terminate()
        process.wait(10)
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said, said
    assert f":{port}" in said


def answers(server: Server) -> bool:
    try:
        return server.get("/_stcore/health")[0] == 200 and server.get("/api/ready")[0] in (200, 404)
    except OSError:
        return False


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return tiny_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over an empty workspace that holds one random model."""
    folder = tmp_path_factory.mktemp("browser")
    tiny_ruclip(folder / "home" / "models" / "tiny")
    yield from serve(folder / "home", folder)


MANY = """
import numpy as np, pandas as pd, streamlit as st
from app.map import charts
dots = np.random.default_rng(0).normal(size=(20_000, 2)).astype("float32")
points = pd.DataFrame(dots, columns=["map x", "map y"]).assign(group="a", title="t", about="", thumb="")
words = {"rect": "r", "polygon": "l", "clear": "c"}
seen = st.echarts_chart(charts.map_spec(points, ["a"], "thumbs", words, False), height=620, key="m", on_select="rerun")
st.text(f"chosen {len({i for g in seen['selection']['selected'] for i in g['data_indices']})}")
"""


@dataclass
class Visitor:
    """A person at a browser; what went wrong there is collected and must be nothing at the end."""

    page: Any
    server: Server
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def go(self, path: str = "") -> Visitor:
        self.page.goto(f"{self.server.url}/{path}")
        return self.settle()

    def settle(self, limit: float = 60) -> Visitor:
        """Wait until the page's script has run and nothing on it is stale."""
        quiet = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
        for pause in (250, 150):
            self.page.wait_for_selector(quiet, timeout=limit * 1000)
            self.page.wait_for_function("() => !document.querySelector('[data-stale=true]')", timeout=limit * 1000)
            self.page.wait_for_timeout(pause)
        return self

    def see(self, words: str, limit: float = 60) -> Visitor:
        self.page.get_by_text(words).first.wait_for(timeout=limit * 1000)
        return self.settle()

    def press(self, button: str) -> Visitor:
        self.page.get_by_role("button", name=button).first.click()
        return self.settle()

    def write(self, label: str, words: str) -> Visitor:
        box = self.page.get_by_label(label, exact=True).first
        box.fill(words)
        box.press("Enter")
        return self.settle()

    def choose(self, label: str, option: str) -> Visitor:
        box = self.page.get_by_label(label, exact=True).first
        box.click()
        box.fill(option)
        self.page.get_by_role("option", name=option, exact=True).first.wait_for()
        box.press("Enter")
        return self.settle()

    def cards(self) -> list[str]:
        """Ids of the pictures in the grids, in order."""
        return self.page.eval_on_selector_all("button.c", "all => all.map(b => b.dataset.id)")

    def text(self) -> str:
        return str(self.page.inner_text('[data-testid="stMain"]'))


@pytest.fixture
def visitor(chromium: Any, server: Server, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors: `visitor(locale="en-US", color_scheme="dark", viewport=…, server=…)`."""
    made: list[tuple[Any, Visitor]] = []

    def make(server: Server = server, **how: Any) -> Visitor:
        chosen = {"locale": "ru-RU", "viewport": {"width": 1366, "height": 1100}, "reduced_motion": "reduce", **how}
        context = chromium.new_context(**chosen)
        page = context.new_page()
        one = Visitor(page, server)
        page.on("pageerror", lambda error: one.errors.append(str(error)))
        page.on("dialog", lambda dialog: one.errors.append(f"dialog {dialog.message}"))
        ours = (server.url, server.url.replace("http", "ws"), "data:", "blob:", "about:")
        page.on("request", lambda r: None if r.url.startswith(ours) else one.outside.append(r.url))
        made.append((context, one))
        return one

    yield make
    for context, one in made:
        if one.errors or one.outside:
            one.page.screenshot(path=str(ROOT / "build" / f"{request.node.name}.png"))
        context.close()
        assert one.errors == [] and one.outside == []


def pictures_there(one: Visitor, wanted: int) -> int:
    """How many pictures of the grids have loaded, once so many have or half a minute is over."""
    loaded = "all => all.filter(i => i.complete && i.naturalWidth > 0).length"
    for _ in range(60):  # they come one by one on a busy machine
        if one.page.eval_on_selector_all("button.c img", loaded) >= wanted:
            break
        one.page.wait_for_timeout(500)
    return int(one.page.eval_on_selector_all("button.c img", loaded))


def test_a_person_imports_evaluates_maps_searches_and_switches_the_language(
    visitor: Callable[..., Visitor], server: Server, shop: Shop
) -> None:
    one = visitor().go()
    one.see("Каталога ещё нет").press("Импортировать каталог")
    # import
    one.write("Таблица, папка, ZIP или файл вышивки", str(shop.csv))
    one.see("Определено: utf-8, запятая")
    one.write("Имя каталога", "shop").press("Импорт")
    one.see("В каталоге shop 24 позиции").press("Смотреть")
    assert len(one.cards()) == 24
    assert pictures_there(one, 8) >= 8
    # evaluate
    one.go("evaluate?models=bm25&models=ruclip:tiny").see("ещё нет набора запросов")
    one.write("Или пути на сервере через запятую", f"{shop.queries}, {shop.qrels}").press("Добавить")
    one.see("Прогонов ещё нет")
    one.page.get_by_role("button", name="Оценить").click()
    one.see("По запросам", 120)
    assert "Precision@5" in one.text() and "1,000" in one.text()
    one.choose("Разобрать запрос (или щёлкните строку выше)", "круг")
    assert len(one.cards()) == 8 and one.page.locator("button.c .m.hit").count() == 8
    # map: it is drawn by itself; select everything with the rectangle
    one.go("map?model=ruclip:tiny&method=pca").see("достоверность", 120)
    select(one)
    one.see("Выделено 24 позиции")
    assert len(one.cards()) == 24 and "~0-23" in one.page.url
    same = visitor()  # a copied link shows the same pictures, ringed on the map; drawing there replaces them
    same.page.goto(one.page.url.replace("~0-23", "~2-4.7"))
    assert len(same.see("Выделено 4 позиции").cards()) == 4
    select(same)
    assert len(same.see("Выделено 24 позиции").cards()) == 24 and "~0-23" in same.page.url
    # search
    one.go("search?model=bm25").write("Что ищем", "синий круг")
    found = one.cards()
    assert {"north-circle-2c5aa0", "south-circle-2c5aa0"} == set(found[:2])
    # keyboard: the arrow goes on to the next card, Enter opens it
    one.page.locator("button.c").first.focus()
    one.page.keyboard.press("ArrowRight")
    assert one.page.evaluate(FOCUSED) == found[1]
    one.page.keyboard.press("Enter")
    one.settle()
    drawer = one.page.get_by_role("dialog")
    assert "синий круг" in drawer.inner_text() and f"item={found[1]}" in one.page.url
    one.page.keyboard.press("Escape")
    one.settle()
    # the same screen from a copied link, and in the other language
    link = one.page.url
    again = visitor(locale="en-US")
    again.page.goto(link)
    again.settle()
    assert again.cards() == found and "Search" in again.text()
    one.page.get_by_text("EN", exact=True).click()
    one.settle()
    assert one.cards() == found and one.page.inner_text("h1") == "Search" and "lang=en" in one.page.url
    assert one.page.evaluate("document.documentElement.lang") == "en"
    assert one.page.evaluate("navigator.languages[0]") == "en", "tables write their numbers in the page's language"


def select(one: Visitor, start: tuple[float, float] = (0.02, 0.08), end: tuple[float, float] = (0.98, 0.98)) -> None:
    """Draw a rectangle between two shares of the map with its tool, the first of the three above it at the right."""
    box = one.page.locator("canvas").first.bounding_box()
    one.page.mouse.click(box["x"] + box["width"] - 109, box["y"] + 30)
    here = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
    one.page.mouse.move(*here[0])
    one.page.mouse.down()
    for step in range(1, 9):
        one.page.mouse.move(*(a + (b - a) * step / 8 for a, b in zip(*here, strict=True)))
    one.page.mouse.up()
    one.page.wait_for_timeout(700)
    one.settle()


def test_the_map_gives_back_every_one_of_twenty_thousand_points(
    visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    (tmp_path / "many.py").write_text(MANY, encoding="utf-8")
    for server in serve(tmp_path / "home", tmp_path, tmp_path / "many.py"):
        one = visitor(server=server).go().see("chosen 0")
        assert "chosen 20000" not in one.text()
        select(one)
        assert "chosen 20000" in one.see("chosen 20000").text()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app over a catalogue whose every text is an attack, with runs and a map."""
    from app.bench import Bench

    folder = tmp_path_factory.mktemp("hostile")
    shop = tiny_shop(folder / "shop")
    with shop.csv.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    rows = [[row[0], PAYLOADS[i % 9], row[2], PAYLOADS[i % 3], PAYLOADS[i % 2], PAYLOADS[(i + 4) % 9]]
            for i, row in enumerate(rows)]  # fmt: skip
    with shop.csv.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*header, PAYLOADS[1]], *([*row, PAYLOADS[2]] for row in rows)])
    lines = "".join(f"{i}\t{words}\n" for i, words in enumerate(PAYLOADS[:7], 1))
    shop.queries.write_text(lines, encoding="utf-8")
    bench = Bench(folder / "home")
    tiny_ruclip(bench.home / "models" / "tiny")
    bench.import_catalogue(shop.csv, name="shop")
    bench.add_query_set([shop.queries, shop.qrels], "shop", name="asked")
    bench.evaluate(["bm25", "ruclip:tiny"], "shop", "asked")
    bench.map("ruclip:tiny", "shop", "pca", query_set="asked")
    bench.match("ruclip:tiny", *(bench.side("shop", words, "category") for words in sorted(PAYLOADS[:2])))
    yield from serve(bench.home, folder)


def test_hostile_titles_do_nothing_on_any_page(visitor: Callable[..., Visitor], hostile: Server) -> None:
    one = visitor(server=hostile)
    item = "north-circle-c0392b"
    for path in ("", "catalogue?item=" + item, "evaluate?query=1", "evaluate?query=3&item=" + item,
                 "map?model=ruclip:tiny&method=pca&map_queries=asked&colour=category", "catalogue?view=report",
                 f"search?model=bm25&q=script&item={item}", f"search?model=ruclip:tiny&like={item}",
                 "match?match_truth=category",
                 "match?match_truth=category&match_view=pairs&rater=A&match_at=0"):  # fmt: skip
        one.go(path)
        assert one.page.evaluate("window.hacked") is None, path
        assert one.page.locator("[data-testid=stMain] iframe, [data-testid=stMain] script").count() == 0, path
    assert len(one.cards()) == 12  # six pairs of two items
    for label in ("Категория", "Источник"):
        one.go("catalogue")
        one.page.get_by_label(label).first.click()
        one.page.wait_for_timeout(300)
    one.go("map?model=ruclip:tiny&method=pca&map_queries=asked")
    box = one.page.locator("canvas").first.bounding_box()
    for step in range(12):  # tooltips are the only HTML the charts make
        one.page.mouse.move(box["x"] + box["width"] * (step + 1) / 13, box["y"] + box["height"] * (0.3 + step / 30))
        one.page.wait_for_timeout(60)
    assert one.page.evaluate("window.hacked") is None


@pytest.mark.parametrize(
    "page",
    [
        "",
        "catalogue",
        "evaluate",
        "map",
        "search?model=bm25&q=script",
        "match",
        "tuning",
        "?tour=1",
        "catalogue?view=import&from_where=project",
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_telephone_nothing_sticks_out(
    page: str, scheme: str, visitor: Callable[..., Visitor], hostile: Server
) -> None:
    one = visitor(server=hostile, viewport={"width": 390, "height": 844}, color_scheme=scheme).go(page)
    wide = one.page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_is_in_the_bar_of_a_projector_and_the_first_has_two_addresses(
    language: str, visitor: Callable[..., Visitor], hostile: Server
) -> None:
    one = visitor(server=hostile, viewport={"width": 1280, "height": 720}).go(
        f"overview?catalogue=shop&lang={language}"
    )
    assert urllib.parse.urlparse(one.page.url).path == "/" and "catalogue=shop" in one.page.url
    assert one.page.get_by_role("dialog").count() == 0
    bar = one.page.get_by_test_id("stHeader")
    assert bar.get_by_test_id("stTopNavLink").count() == 7 and not re.search(r"\d+ more", bar.inner_text())
    reached = set()
    for menu in bar.get_by_test_id("stTopNavSection").all():
        menu.click()
        reached |= {link.get_attribute("href") for link in one.page.get_by_test_id("stTopNavDropdownLink").all()}
        one.page.keyboard.press("Escape")
    assert len(reached) == 7


def test_thumbnails_are_served_by_exact_name_only_and_may_be_kept(hostile: Server) -> None:
    picture = next((hostile.home / "catalogues").rglob("thumbs/*/*.webp")).stem
    status, headers, body = hostile.get(f"/thumbs/shop/{picture}.webp?v=1")
    assert status == 200 and headers["content-type"] == "image/webp" and body[8:12] == b"WEBP"
    assert "immutable" in headers["cache-control"]
    for path in (f"/thumbs/other/{picture}.webp", f"/thumbs/shop/{picture[:-1]}.webp", f"/thumbs/shop/{picture}.png",
                 f"/thumbs/shop/{'0' * 64}.webp", "/thumbs/shop/..%2f..%2fcatalogue.json", "/thumbs/..%2f/x.webp",
                 f"/thumbs/%2e%2e/{picture}.webp", f"/thumbs/shop/{picture.upper()}.webp"):  # fmt: skip
        assert hostile.get(path)[0] in (400, 404), path


def test_the_server_says_how_it_is_and_guards_its_pages(hostile: Server) -> None:
    assert hostile.get("/api/health")[2] == b'{"ok":true}' and hostile.get("/api/ready")[0] == 200
    for path in ("/", "/api/health", "/search"):
        headers = hostile.get(path)[1]
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "same-origin"


ORIGINS = [
    ("", "http://evil.example", False),
    ("", "null", False),
    ("evil.example", "http://evil.example", False),  # DNS rebinding: both name the other site
    ("", "", True),
]


@pytest.mark.parametrize(("name", "origin", "accepted"), ORIGINS)
def test_a_websocket_from_another_site_is_refused(name: str, origin: str, accepted: bool, hostile: Server) -> None:
    host, port = hostile.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as line:
        lines = ["GET /_stcore/stream HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
                 f"Host: {name or host}:{port}\r\n",
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"]  # fmt: skip
        line.sendall("".join([*lines, f"Origin: {origin}\r\n" if origin else "", "\r\n"]).encode())
        status = line.recv(64).decode(errors="replace")
    assert (" 101 " in status) == accepted, status


PICTURES = {  # name → page, colour scheme
    "overview": ("?tour=0", "light"),
    "catalogue": ("catalogue", "light"),
    "evaluate": ("evaluate", "light"),
    "evaluate-dark": ("evaluate", "dark"),
    "compare-here": ("compare", "light"),
    "map": ("map", "light"),
    "search": ("search?q=котёнок в шляпе", "light"),
    "search-dark": ("search?q=котёнок&two=yes", "dark"),
    "failures": ("failures?query=8", "light"),
    "judge": ("judge?rater=Анна", "light"),
    "diagnosis": ("diagnosis", "light"),
    "match": ("match?match_left=Напёрсток", "light"),
    "classify": ("classify", "light"),
    "efficiency": ("efficiency?catalogue=emoji", "light"),
    "photo": ("search?tour=0", "light"),
    "tuning": ("tuning", "light"),
    "ledger": ("ledger", "light"),
}


def pictured(home: Path) -> None:
    """Classify with three models where nobody has yet; costs are shown as they were measured on a quiet machine."""
    from app.bench import Bench

    bench = Bench(home)
    (name, *_others) = [one for one in bench.catalogues() if one == "embroidery"] or bench.catalogues()
    if not bench.probes(name):
        learnt = ["majority", "knn", "logistic"]
        bench.classify(["ruclip:bundled/mini-ruclip", "openclip:bundled/mini-clip"], name,
                       classifiers=[*learnt, "zero-shot"])  # fmt: skip
        bench.classify(["classical:hog"], name, classifiers=learnt)  # which reads no names of classes


def photographed(home: Path, folder: Path) -> Path:
    """A picture of the catalogue as somebody would photograph it: small, in a corner of a wooden table."""
    import numpy as np
    from PIL import Image

    from app.bench import Bench

    rng, bench = np.random.default_rng(4), Bench(home)
    catalogue = bench.catalogue("embroidery" if "embroidery" in bench.catalogues() else bench.catalogues()[0])
    wood = np.array([176, 138, 92]) + rng.normal(0, 9, (480, 1, 3)) + rng.normal(0, 3, (480, 640, 3))
    shown, path = Image.fromarray(np.clip(wood, 0, 255).astype(np.uint8)), folder / "photo.jpg"
    shown.paste(catalogue.picture(catalogue.ids[6]).resize((240, 240)), (370, 210))
    shown.save(path, quality=95)
    return path


def search_with_a_photo(one: Visitor, photo: Path) -> None:
    one.page.get_by_text("Искать по картинке").first.click()
    one.page.locator('input[type="file"]').first.set_input_files(str(photo))
    one.see("Обведите предмет рамкой")
    one.settle().press("Найти предмет")
    one.settle()
    one.page.mouse.move(700, 700)
    one.page.mouse.wheel(0, 400)


@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not os.environ.get("UZOR_PICTURES"), reason="UZOR_PICTURES=1, or names: takes the README's pictures"
)
def test_pictures_for_the_readme(visitor: Callable[..., Visitor], tmp_path: Path) -> None:
    from PIL import Image

    from eval.workspace import home_from_environment

    folder = ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    home = home_from_environment()
    pictured(home)
    for server in serve(home, tmp_path):
        asked = os.environ["UZOR_PICTURES"]
        for name in PICTURES if asked == "1" else asked.split(","):
            path, scheme = PICTURES[name]
            one = visitor(server=server, color_scheme=scheme, viewport={"width": 1366, "height": 900}).go(path)
            if name == "map":
                one.see("достоверность", 240)
                one.page.mouse.wheel(0, 400)
                one.settle()
                select(one, (0.3, 0.3), (0.6, 0.6))
            if name == "photo":
                search_with_a_photo(one, photographed(home, tmp_path))
            one.page.mouse.move(0, 0)
            one.page.wait_for_timeout(1500)
            shot = tmp_path / "shot.png"
            one.page.screenshot(path=str(shot), animations="disabled")
            with Image.open(shot) as taken:
                colours = taken.convert("RGB").getcolors(1_000_000)
                assert colours and len(colours) > 50, f"{name} is an empty page"
                taken.convert("RGB").quantize(256).save(folder / f"{name}.png", optimize=True)
