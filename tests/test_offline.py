"""Nothing waits for a network: absent weights are told within five seconds without one look-up of a name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tiny_shop import tiny_shop

ASK = """
import socket, sys, time
asked = []
def refuse(*names, **more):
    asked.append(names)
    raise OSError("no network in this test")
socket.getaddrinfo = socket.socket.connect = socket.create_connection = refuse
from pathlib import Path
from app.bench import Bench
from data.errors import Unavailable
bench = Bench(Path(sys.argv[1]))
bench.import_catalogue(Path(sys.argv[2]), name="shop")
started = time.perf_counter()
try:
    bench.ask(sys.argv[3], "котёнок", "shop")
except Unavailable as problem:
    print(round(time.perf_counter() - started, 2), len(asked), problem)
"""


@pytest.mark.parametrize("spec", [
    "ruclip:ruclip-vit-base-patch32-384", "openclip:ViT-B-32/openai", "openclip:ViT-B-32/laion2b_s34b_b79k",
    "openclip:hf-hub:timm/vit_base_patch16_clip_224.openai",
])  # fmt: skip
def test_absent_weights_are_told_within_five_seconds_and_without_a_network_call(spec: str, tmp_path: Path) -> None:
    shop = tiny_shop(tmp_path / "shop")
    words = [sys.executable, "-c", ASK, str(tmp_path / "home"), str(shop.csv), spec]
    root = Path(__file__).resolve().parents[1]
    said = subprocess.run(words, cwd=root, capture_output=True, text=True, timeout=120).stdout.split(maxsplit=2)
    assert len(said) == 3, said
    assert float(said[0]) < 5 and said[1] == "0"
    assert "bundled" in said[2] and "uzor fetch" in said[2]
