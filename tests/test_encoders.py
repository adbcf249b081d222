"""One contract for whatever can be loaded: unit float32 rows, alone as in a batch, from any thread, by fingerprint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_models import tiny_bpe, tiny_openclip, tiny_ruclip, tiny_timm

from eval import registry
from eval.contracts import Encoder, KnownModel, ModelSpec
from eval.precision import supported_precisions

TEXTS = ["кот", "красный цветок на белом фоне", "", "a red flower", "очень " * 60 + "длинный текст", "🐱", "кот"]
NOWHERE = Path(__file__).parent / "no-such-home"


def choices() -> dict[str, bool]:
    """What is held to the contract → whether it reads text.

    Tiny models of every family with weights, every model that ships with Uzor, every one that needs no weights.
    """
    known: list[KnownModel] = registry.models(NOWHERE)
    own = {str(m.spec): m.reads_text for m in known if m.here and (m.bundled or m.spec.family == "classical")}
    tiny = {"ruclip tiny": True, "ruclip tiny bicubic": True, "openclip tiny": True, "timm resnet": False}
    return {**tiny, "timm vit": False, "timm efficientnet": False, **own}


def pictures() -> list[Image.Image]:
    rng = np.random.default_rng(3)
    sizes = [(32, 32), (80, 40), (33, 91), (300, 200), (32, 32), (9, 8)]
    return [Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)) for width, height in sizes]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Encoder]]:
    home = tmp_path_factory.mktemp("home")
    folders = {"ruclip": str(tiny_ruclip(home / "r")), "openclip": str(tiny_openclip(home / "o"))}

    @cache
    def make(choice: str, precision: str = "fp32") -> Encoder:
        family, kind, *more = choice.split() if " " in choice else (choice, "")
        if not kind:
            return registry.load(ModelSpec.parse(choice), home, precision)
        if family == "timm":
            checkpoint = f"test_{kind}@{tiny_timm(home / f'{kind}.safetensors', f'test_{kind}')}"
        else:
            checkpoint = folders[family] + ("?pixels=bicubic" if more else "")
        return registry.load(ModelSpec(family, checkpoint), home, precision)

    yield make


@pytest.fixture(params=choices())
def encoder(request: pytest.FixtureRequest, load: Callable[..., Encoder]) -> Encoder:
    return load(request.param)


@pytest.fixture(params=[choice for choice, reads in choices().items() if reads])
def reader(request: pytest.FixtureRequest, load: Callable[..., Encoder]) -> Encoder:
    return load(request.param)


def is_unit(rows: np.ndarray, encoder: Encoder, count: int) -> bool:
    assert rows.shape == (count, encoder.size) and rows.dtype == np.float32 and rows.flags.c_contiguous
    return bool(np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5))


@pytest.mark.parametrize("choice", choices())
def test_it_is_what_the_contract_calls_an_encoder(choice: str, load: Callable[..., Encoder]) -> None:
    encoder = load(choice)
    assert isinstance(encoder, Encoder)
    assert encoder.reads_text is choices()[choice]  # what the picker says is what the encoder does
    assert encoder.precision == "fp32" and len(encoder.fingerprint) == 64


def test_pictures_become_unit_rows(encoder: Encoder) -> None:
    assert is_unit(encoder.images(pictures()), encoder, 6)
    assert encoder.images([]).shape == (0, encoder.size)


def test_texts_become_unit_rows(reader: Encoder) -> None:
    assert is_unit(reader.texts(TEXTS), reader, len(TEXTS))
    assert reader.texts([]).shape == (0, reader.size)


def test_a_model_that_sees_pictures_only_says_so_when_words_are_asked(load: Callable[..., Encoder]) -> None:
    seeing = [load(choice) for choice, reads in choices().items() if not reads]
    assert {encoder.spec.family for encoder in seeing} == {"classical", "timm"}
    for encoder in seeing:
        with pytest.raises(LookupError, match=f"{encoder.spec.family}.* reads no text; ask it with a picture"):
            encoder.texts(["кот"])
        assert not encoder.truncated("кот " * 100)


def test_prepared_pictures_are_float32_of_one_shape(encoder: Encoder) -> None:
    prepared = [encoder.prepare(picture) for picture in pictures()]
    assert {(one.shape, str(one.dtype)) for one in prepared} == {(prepared[0].shape, "float32")}
    assert np.array_equal(encoder.encode(np.stack(prepared)), encoder.images(pictures()))


def test_a_picture_alone_is_the_picture_in_a_batch(encoder: Encoder) -> None:
    together = encoder.images(pictures() * 12)  # more than one forward pass
    assert np.abs(together[:6] - np.concatenate([encoder.images([one]) for one in pictures()])).max() <= 1e-5
    assert np.abs(together[:6] - together[-6:]).max() <= 1e-5


def test_a_text_alone_is_the_text_in_a_batch(reader: Encoder) -> None:
    words = reader.texts(TEXTS * 12)
    assert np.abs(words[: len(TEXTS)] - np.concatenate([reader.texts([one]) for one in TEXTS])).max() <= 1e-5
    assert np.abs(words[0] - words[6]).max() <= 1e-5  # the same text twice in a batch


def test_different_pictures_get_different_rows(encoder: Encoder) -> None:
    seen = encoder.images(pictures()[:2])
    assert np.abs(seen[0] - seen[1]).max() > 1e-4


def test_different_texts_get_different_rows(reader: Encoder) -> None:
    words = reader.texts(["кот", "цветок", "a cat", "a flower"])
    assert np.abs(words[0] - words[1]).max() > 1e-4 and np.abs(words[2] - words[3]).max() > 1e-4


def test_asking_again_gives_the_same_bits(encoder: Encoder) -> None:
    assert np.array_equal(encoder.images(pictures()), encoder.images(pictures()))
    if encoder.reads_text:
        assert np.array_equal(encoder.texts(TEXTS), encoder.texts(TEXTS))


def test_a_picture_of_one_colour_gets_a_unit_row_too(encoder: Encoder) -> None:
    assert is_unit(encoder.images([Image.new("RGB", (64, 48), "white"), Image.new("RGB", (9, 8))]), encoder, 2)


def test_nothing_is_trained_by_asking(encoder: Encoder) -> None:
    model = getattr(encoder, "_model", None)
    if model is None:
        assert encoder.spec.family == "classical"  # nothing there could be trained
        return
    assert not model.training and not any(module.training for module in model.modules())
    assert not any(value.requires_grad for value in model.parameters())


def test_many_threads_get_what_one_gets(encoder: Encoder) -> None:
    import torch

    def asked(_: int = 0) -> tuple[np.ndarray, np.ndarray, int]:
        words = encoder.texts(TEXTS) if encoder.reads_text else np.zeros((0, encoder.size), np.float32)
        return words, encoder.images(pictures()), torch.get_num_threads()

    expected = asked()
    with ThreadPoolExecutor(4) as pool:
        for words, seen, threads in pool.map(asked, range(12)):
            assert np.abs(words - expected[0]).max(initial=0) <= 1e-6 and np.abs(seen - expected[1]).max() <= 1e-6
            assert threads == 1 or encoder.spec.family == "classical"


def test_a_text_longer_than_the_context_says_so(reader: Encoder) -> None:
    assert reader.truncated(TEXTS[4]) and not reader.truncated("кот")


def test_a_model_built_twice_has_one_fingerprint_and_one_answer(tmp_path: Path) -> None:
    for family, make in (("ruclip", tiny_ruclip), ("openclip", tiny_openclip)):
        first, second = (
            registry.load(ModelSpec(family, str(make(tmp_path / family / name))), tmp_path) for name in ("a", "b")
        )
        assert first.fingerprint == second.fingerprint
        assert np.array_equal(first.texts(TEXTS), second.texts(TEXTS))


def ruclip_variants(home: Path) -> dict[str, str]:
    """ruCLIP folders that differ from the plain one in a single thing."""
    other_bpe = tiny_bpe()[0].replace("\n1074 ", "\n9999 ")  # one letter fewer
    plain = tiny_ruclip(home / "plain")
    config = json.loads((plain / "config.json").read_text())
    (tiny_ruclip(home / "mean") / "config.json").write_text(json.dumps(config | {"mean": [0.5, 0.5, 0.5]}))
    return {
        "plain": str(plain),
        "weights": str(tiny_ruclip(home / "weights", seed=9)),
        "tokenizer": str(tiny_ruclip(home / "tokenizer", bpe=other_bpe)),
        "mean": str(home / "mean"),
        "pixels": f"{plain}?pixels=bicubic",
    }


def test_whatever_changes_the_vectors_changes_the_fingerprint(tmp_path: Path) -> None:
    variants = ruclip_variants(tmp_path)
    found = [registry.load(ModelSpec("ruclip", text), tmp_path).fingerprint for text in variants.values()]
    found += [
        registry.load(ModelSpec("ruclip", variants["plain"]), tmp_path, precision).fingerprint
        for precision in supported_precisions()
        if precision != "fp32"
    ]
    plain = tiny_openclip(tmp_path / "o")
    for name, change in (("mean", {"mean": [0.1, 0.2, 0.3]}), ("mode", {"resize_mode": "squash"})):
        path = tiny_openclip(tmp_path / name / "o") / "open_clip_config.json"
        config = json.loads(path.read_text())
        path.write_text(json.dumps(config | {"preprocess_cfg": config["preprocess_cfg"] | change}))
        found.append(registry.load(ModelSpec("openclip", str(path.parent)), tmp_path).fingerprint)
    found += [registry.load(ModelSpec("openclip", str(f)), tmp_path).fingerprint for f in (plain,)]
    assert len(set(found)) == len(found) >= 8


@pytest.mark.skipif("bf16" not in supported_precisions(), reason="this machine computes bf16 too slowly to offer it")
def test_bf16_gives_unit_float32_rows_close_to_fp32s(load: Callable[..., Encoder]) -> None:
    for choice, reads in choices().items():
        if choice.startswith("classical:"):
            continue
        fine, coarse = load(choice), load(choice, "bf16")
        assert coarse.precision == "bf16" and any("as fast as fp32" in note for note in coarse.notes)
        compared = [(fine.images(pictures()), coarse.images(pictures()))]
        compared += [(fine.texts(TEXTS), coarse.texts(TEXTS))] if reads else []
        for rows, others in compared:
            assert is_unit(others, coarse, len(rows))
            assert (1 - (rows * others).sum(axis=1)).max() <= 5e-3
            assert np.abs(rows - others).max() > 0


def test_an_unknown_precision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="int4"):
        registry.load(ModelSpec("ruclip", "bundled/mini-ruclip"), tmp_path, "int4")
