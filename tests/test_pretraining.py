"""The training of the bundled models, on pictures drawn here; and what is said of the models that ship."""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from data.errors import Cancelled
from eval.bpe import BPE
from eval.checkpoints import read_tensors
from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.models import openclip, ruclip
from eval.pretraining import towers
from eval.pretraining.__main__ import main
from eval.pretraining.captions import Captions
from eval.pretraining.course import Course, Plan
from eval.pretraining.folders import halved
from eval.pretraining.growing import growth_svg, growth_table
from eval.pretraining.learning import Pace, Run
from eval.pretraining.lessons import read_lessons, split_tags
from eval.pretraining.muon import orthogonal
from eval.pretraining.pictures import load_pictures, plain_views
from eval.pretraining.redrawing import Redrawing
from eval.pretraining.scores import Gallery, judged_gallery, keyword_gallery, read_queries
from eval.pretraining.settling import Settling
from eval.pretraining.sewing import Sewing
from eval.pretraining.student import Student
from eval.pretraining.teaching import Teaching
from eval.pretraining.ticker import Ticker
from eval.pretraining.tokens import learn_merges, merged, write_bpe
from eval.pretraining.writers import written

if TYPE_CHECKING:
    from torch import Tensor

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "bundled" / "models"
EMOJI = Path(__file__).resolve().parents[2] / "shared" / "catalogues" / "emoji"
SMALL = {**towers.SIZES, "vision_layers": 1, "vision_width": 64, "vocab_size": 150, "transformer_layers": 1}
SHAPES = {"круг": "circle", "квадрат": "square", "полоса": "stripe"}
COLOURS = {"красный": ("red", (220, 30, 30)), "синий": ("blue", (30, 60, 220)), "зеленый": ("green", (20, 160, 60))}


def draw(shape: str, colour: tuple[int, int, int], grow: int) -> Image.Image:
    picture = Image.new("RGBA", (96, 96), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    box = (20 - grow, 20 - grow, 76 + grow, 76 + grow)
    if shape == "круг":
        pen.ellipse(box, fill=(*colour, 255))
    elif shape == "квадрат":
        pen.rectangle(box, fill=(*colour, 255))
    else:
        pen.rectangle((10, 40 - grow, 86, 56 + grow), fill=(*colour, 255))
    return picture


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine designs as drawn by two shops, with queries and judgments."""
    folder = tmp_path_factory.mktemp("shops")
    lines = ["id,sku,source,name,tags,category,subcategory,name_en,tags_en,image_path"]
    judged = []
    for shop, grow in (("noto", 0), ("blob", 8)):
        (folder / shop).mkdir()
        for shape, shape_en in SHAPES.items():
            for colour, (colour_en, rgb) in COLOURS.items():
                sku = f"{shape_en}{colour_en}"
                draw(shape, rgb, grow).save(folder / shop / f"{sku}.png")
                words = (
                    f"{colour} {shape},{colour}|{shape},геометрия,flat,{colour_en} {shape_en},{colour_en}|{shape_en}"
                )
                lines.append(f"{shop}-{sku},{sku},{shop},{words},{shop}/{sku}.png")
                if shop == "blob":
                    judged += [f"{number} 0 blob-{sku} 1" for number, word in enumerate(SHAPES, 1) if word == shape]
    (folder / "products.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "queries.tsv").write_text("".join(f"{n}\t{word}\n" for n, word in enumerate(SHAPES, 1)), "utf-8")
    (folder / "qrels-blob.txt").write_text("\n".join(judged) + "\n", "utf-8")
    return folder


def test_byte_pair_merges_are_the_ones_worked_by_hand() -> None:
    # words 9 1 2 3 (twice) and 9 1 2 (once): pairs (1,2) and (9,1) stand 3 times, the smaller goes first;
    # then 9 10 stands 3 times and 10 3 twice
    rules = learn_merges([[9, 1, 2, 3], [9, 1, 2]], [2, 1], 3, 10)
    assert rules == [((1, 2), 10), ((9, 10), 11), ((11, 3), 12)]


def test_a_repeated_pair_is_merged_from_the_left() -> None:
    assert merged([5, 5, 5, 5, 5], (5, 5), 6) == [6, 6, 5]


def test_learning_merges_equals_counting_everything_anew_at_each_step() -> None:
    dice = random.Random(3)
    words = [[dice.randrange(5) for _ in range(dice.randrange(1, 9))] for _ in range(60)]
    counts = [dice.randrange(1, 5) for _ in words]
    slow, now = [], [list(word) for word in words]
    for new in range(5, 25):
        total: dict[tuple[int, int], int] = {}
        for word, count in zip(now, counts, strict=True):
            for place in range(len(word) - 1):
                pair = (word[place], word[place + 1])
                total[pair] = total.get(pair, 0) + count
        best = sorted(total, key=lambda pair: (-total[pair], pair))[0]
        slow.append((best, new))
        now = [merged(word, best, new) for word in now]
    assert learn_merges(words, counts, 20, 5) == slow


def test_the_learnt_tokenizer_is_read_by_the_tokenizer_of_ruclip_and_gives_every_word_back(tmp_path: Path) -> None:
    texts = ["красный круг", "Красная шляпа", "круги на воде", "ёж"] * 3
    write_bpe(texts, tmp_path / "bpe.model", 112)
    bpe = BPE.read(tmp_path / "bpe.model", 112)
    lines = (tmp_path / "bpe.model").read_text("ascii").splitlines()
    chars, rules = map(int, lines[0].split())
    assert len(lines) == chars + rules + 2 and chars + rules + 4 == 112 and lines[-1] == "1 0 2 3"
    spelt = {number: chr(code) for code, number in bpe.merges.alphabet.items()}
    for (left, right), (_, new) in bpe.merges.rules.items():
        spelt[new] = spelt[left] + spelt[right]
    for text in texts:
        assert "".join(spelt[token] for token in bpe.ids(text)) == "".join(f"▁{word}" for word in text.lower().split())
    assert len(bpe.ids("красный")) < len("красный")


def test_more_tokens_than_the_texts_yield_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ask for fewer"):
        write_bpe(["ab"], tmp_path / "bpe.model", 500)
    with pytest.raises(ValueError, match="leave no room"):
        write_bpe(["ab"], tmp_path / "bpe.model", 50)


def test_pictures_are_scanned_with_colour_times_alpha_on_a_transparent_square(tmp_path: Path) -> None:
    import torch

    picture = Image.new("RGBA", (16, 8), (200, 100, 0, 128))
    picture.save(tmp_path / "a.png")
    rows = load_pictures([tmp_path / "a.png"], 16)
    assert rows.shape == (1, 4, 16, 16) and rows.dtype == torch.uint8
    assert rows[0, :, :4].abs().max() == 0 and rows[0, :, 12:].abs().max() == 0
    assert (rows[0, :, 5, 5].int() - torch.tensor([100, 50, 0, 128])).abs().max() <= 1


def test_redrawing_is_seeded_and_keeps_shape_and_range(shops: Path) -> None:
    import torch

    lessons = read_lessons(shops)
    pictures = load_pictures(lessons.paths, 80)
    redraw = Redrawing(64)
    first, again, other = (redraw(pictures, seed, lessons.flips) for seed in (5, 5, 6))
    assert first.shape == (9, 3, 64, 64) and first.dtype == torch.float32
    assert torch.equal(first, again) and not torch.equal(first, other)
    black, white = (torch.tensor([v] * 3) for v in (0.0, 1.0))
    low, high = (redraw_range(edge) for edge in (black, white))
    assert (first >= low - 1e-4).all() and (first <= high + 1e-4).all()


def redraw_range(colour: Tensor) -> Tensor:
    import torch

    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])
    return ((colour - mean) / deviation).view(1, 3, 1, 1)


def test_designs_are_sewn_in_a_seeded_way_on_cloth_that_fills_the_picture(shops: Path) -> None:
    import torch

    lessons = read_lessons(shops)
    pictures, sew = load_pictures(lessons.paths, 64), Sewing(64)
    first, again, other = (sew(pictures, seed, lessons.flips) for seed in (5, 5, 6))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert first.shape == (len(lessons), 3, 64, 64)
    nothing = sew(torch.zeros(64, 4, 64, 64, dtype=torch.uint8), 1)
    plain = [len(corner.unique()) < 3 for corner in nothing[:, 0, :2, :2]]
    assert sum(plain) < 8, "even where there is no design, the cloth is woven"
    spread = nothing.mean((2, 3)).std(0)
    assert (spread > 0.3).all(), "cloths are of many colours"


def test_copies_stand_where_the_layout_puts_them() -> None:
    import torch

    ink = torch.zeros(200, 4, 64, 64)
    ink[:, :, 16:48, 16:48] = 1
    sew = Sewing(64)
    laid = sew._laid_out(ink, torch.Generator().manual_seed(2))[:, 3]
    filled = (laid > 0.5).float()
    separate = [int(_islands(one.numpy())) for one in filled]
    assert set(separate) == {1, 2, 3, 6}
    shares = [separate.count(count) / 200 for count in (1, 2, 3, 6)]
    assert np.allclose(shares, [0.70, 0.12, 0.08, 0.10], atol=0.08)


def _islands(filled: np.ndarray) -> int:
    from scipy.ndimage import label

    return label(filled)[1]


def test_settling_teaches_cloth_and_leaves_the_tower_before_as_it_was(shops: Path, tmp_path: Path) -> None:
    import torch

    lessons = read_lessons(shops)
    pictures = load_pictures(lessons.paths, 64)
    torch.manual_seed(1)
    visual = towers.dual_encoder(SMALL).visual
    towers.start(visual, Redrawing(SMALL["image_resolution"])(pictures, 1), 1)
    before = {name: value.clone() for name, value in visual.state_dict().items()}
    words = torch.nn.functional.normalize(torch.randn(4, SMALL["embed_dim"]), dim=-1)
    stage = Settling(lessons, pictures, visual, words, {}, batch=4)
    asked = sum(stage.loss(10_000 + step).item() for step in range(4))
    Run(stage, Pace(epochs=20, warm=5), tmp_path / "sewn.ckpt").learn()
    assert sum(stage.loss(10_000 + step).item() for step in range(4)) < asked
    assert all(torch.equal(value, visual.state_dict()[name]) for name, value in before.items())


def test_redrawing_with_no_strength_shows_the_picture_on_white(shops: Path) -> None:
    lessons = read_lessons(shops)
    shown = Redrawing(64, strength=0.0)(load_pictures(lessons.paths, 64), 1)
    inner = (shown - plain_views(lessons.paths, 64)).abs()
    assert inner.median() < 1e-3 and inner.mean() < 0.1  # only edges are resampled differently


def test_what_must_not_be_mirrored_never_is() -> None:
    import torch

    bar = torch.zeros(256, 4, 32, 32, dtype=torch.uint8)
    bar[:, 3, :, 4:12] = 255  # black, left of the middle
    halves = Redrawing(32)(bar, 3, torch.zeros(256, dtype=torch.bool)).mean((1, 2)).view(256, 2, 16).mean(2)
    assert (halves[:, 0] < halves[:, 1]).float().mean() > 0.9
    halves = Redrawing(32)(bar, 3, torch.ones(256, dtype=torch.bool)).mean((1, 2)).view(256, 2, 16).mean(2)
    assert 0.5 < (halves[:, 0] < halves[:, 1]).float().mean() < 0.8  # 35 % of them are mirrored


def test_lessons_are_read_in_both_languages(shops: Path) -> None:
    import torch

    russian, english = read_lessons(shops), read_lessons(shops, language="en")
    assert len(russian) == 9 and russian.words == sorted({*SHAPES, *COLOURS})
    assert english.names[0] == "red circle" and set(english.words) == {
        "circle",
        "square",
        "stripe",
        "red",
        "blue",
        "green",
    }
    assert (russian.labels.sum(0) == 3).all() and (russian.labels.sum(1) == 2).all()
    assert torch.equal(russian.same_name, torch.eye(9))
    with pytest.raises(ValueError, match="nothing by 'ebay', only by"):
        read_lessons(shops, "ebay")
    with pytest.raises(ValueError, match="ru or en"):
        read_lessons(shops, language="de")


def test_keywords_are_lower_cased_once_each_and_lone_commas_go() -> None:
    assert split_tags("Кот|,|кот| ёж ||") == ["кот", "ёж"]


def test_a_caption_is_true_of_exactly_the_designs_that_have_its_words(shops: Path) -> None:
    import torch

    lessons = read_lessons(shops)
    texts, truth = Captions(lessons, "ru").draw(200, 1)
    assert Captions(lessons, "ru").draw(200, 1)[0] == texts
    assert torch.allclose(truth.sum(1), torch.ones(200))
    for text, row in zip(texts, truth, strict=True):
        own = {word for word in text.split() if word in lessons.column}
        meant = [design for design, tags in enumerate(lessons.tags) if own <= set(tags)]
        assert torch.nonzero(row).flatten().tolist() == meant


def test_p5_and_chance_are_the_ones_worked_by_hand() -> None:
    # one-dimensional pictures 6 … 1: the word "up" ranks them 6 5 4 3 2 1, "down" the other way; "none" has no answer
    import torch

    pictures = torch.tensor([[6.0], [5], [4], [3], [2], [1]])
    relevant = torch.tensor([[1.0, 0, 0, 0, 0, 1], [1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]])
    gallery = Gallery(torch.zeros(6), ["up", "down", "none"], relevant)
    assert gallery.p5(torch.tensor([[1.0], [-1], [1]]), pictures) == pytest.approx((1 / 5 + 2 / 5) / 2)
    assert gallery.chance == pytest.approx((2 / 6 + 3 / 6) / 2)


def test_galleries_judge_the_other_shop(shops: Path) -> None:
    judged = judged_gallery(shops, "blob", 64)
    assert judged.queries == list(SHAPES) == list(read_queries(shops).values())
    assert (
        judged.views.shape == (9, 3, 64, 64)
        and (judged.relevant.sum(1) == 3).all()
        and judged.chance == pytest.approx(3 / 9)
    )
    assert keyword_gallery(shops, "blob", read_lessons(shops, language="en"), 64).queries == []  # 3 designs, 4 needed


def test_orthogonal_pushes_all_singular_values_together() -> None:
    import torch

    torch.manual_seed(0)
    wide, tall = torch.randn(8, 32), torch.randn(40, 8)
    for given, made in zip([wide, tall], orthogonal([wide, tall]), strict=True):
        values = torch.linalg.svdvals(made) / (0.2 * max(given.shape) ** 0.5)
        assert values.min() > 0.6 and values.max() < 1.3
        u, _, v = torch.linalg.svd(given, full_matrices=False)
        assert torch.nn.functional.cosine_similarity(made.flatten(), (u @ v).flatten(), 0) > 0.97


def test_the_fast_passes_equal_open_clips_own() -> None:
    import torch

    torch.manual_seed(1)
    model = towers.dual_encoder(SMALL, pool_type="eos", eos_id=3, pad_id=0).eval()
    views = torch.randn(3, 3, 64, 64)
    towers.start(model.visual, torch.randn(8, 3, 64, 64), 0)
    rows = torch.zeros(2, SMALL["context_length"], dtype=torch.long)
    rows[0, :4], rows[1, :3] = torch.tensor([2, 9, 8, 3]), torch.tensor([2, 7, 3])
    with torch.inference_mode():
        assert torch.allclose(towers.see(model.visual, views, 1)[0], model.visual(views), atol=1e-5)
        assert torch.allclose(written(model, rows), model.encode_text(rows, normalize=True), atol=1e-6)


def stage_of(shops: Path, which: str) -> Teaching | Student:
    lessons = read_lessons(shops)
    pictures = load_pictures(lessons.paths, 80)
    teaching = Teaching(lessons, pictures, {}, 64, batch=4)
    return teaching if which == "teacher" else Student(lessons, pictures, teaching.model, {}, SMALL, batch=4)


@pytest.mark.parametrize("which", ["teacher", "pictures"])
def test_training_killed_between_steps_and_resumed_gives_the_same_bits(shops: Path, tmp_path: Path, which: str) -> None:
    import torch

    pace = Pace(epochs=2, warm=2, save_every=1)
    whole = Run(stage_of(shops, which), pace, tmp_path / "whole.ckpt")
    whole.learn()

    def kill(done: int, total: int, what: str) -> None:
        assert (total, what) == (4, which)
        if done == 2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        Run(stage_of(shops, which), pace, tmp_path / "cut.ckpt").learn(kill)
    resumed = Run(stage_of(shops, which), pace, tmp_path / "cut.ckpt")
    assert resumed.step == 2
    resumed.learn()
    for mine, theirs in ((resumed.averaged, whole.averaged), (resumed.stage.model, whole.stage.model)):
        wanted = theirs.state_dict()
        assert all(torch.equal(value, wanted[name]) for name, value in mine.state_dict().items())
    start = stage_of(shops, which).model.state_dict()
    assert any(not torch.equal(value, start[name]) for name, value in whole.stage.model.state_dict().items())


def test_a_checkpoint_of_another_stage_is_refused(shops: Path, tmp_path: Path) -> None:
    Run(stage_of(shops, "teacher"), Pace(1), tmp_path / "a.ckpt").save()
    with pytest.raises(ValueError, match="written by stage 'teacher', not 'pictures'"):
        Run(stage_of(shops, "pictures"), Pace(1), tmp_path / "a.ckpt")


def test_the_learning_rate_warms_up_and_ends_at_nothing() -> None:
    pace = Pace(epochs=1, warm=10)
    assert pace.rate(0, 100) == pytest.approx(0.1) and pace.rate(100, 100) == pytest.approx(0)
    assert pace.rate(50, 100) == pytest.approx(0.5)


def test_a_whole_course_writes_models_that_the_families_load(shops: Path, tmp_path: Path) -> None:
    course = Course(Plan(shops, tmp_path / "scratch", epochs=(2, 2, 2, 2), sizes=SMALL))
    course.ruclip(tmp_path / "mini-ruclip")
    course.clip(tmp_path / "mini-clip")
    picture = draw("круг", (220, 30, 30), 0).convert("RGB")
    for family, name in ((ruclip, "mini-ruclip"), (openclip, "mini-clip")):
        spec = ModelSpec.parse(f"{'ruclip' if family is ruclip else 'openclip'}:{tmp_path / name}")
        encoder = family.load(spec, tmp_path)
        assert encoder.images([picture]).shape == (1, 192)
        rows = encoder.texts(["круг", "red circle"])
        assert rows.shape == (2, 192) and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    before = (tmp_path / "mini-ruclip" / "pytorch_model.bin").read_bytes()
    again = Course(Plan(shops, tmp_path / "scratch", epochs=(2, 2, 2, 2), sizes=SMALL))
    again.ruclip(tmp_path / "again")  # every stage is finished: nothing is trained, the same file is written
    assert (tmp_path / "again" / "pytorch_model.bin").read_bytes() == before


def test_growth_tables_say_how_many_times_chance_the_last_figure_is() -> None:
    table = growth_table(
        [{"epoch": 5, "seconds": 60, "validation": 0.2, "blob": 0.1}], {"blob": 0.004, "validation": 0.005}
    )
    assert table.splitlines()[0] == "| epoch | seconds | P@5 validation | P@5 blob | blob: × chance |"
    assert table.splitlines()[2] == "| 5 | 60 | 0.2 | 0.1 | 25.0 |"


def test_growth_pictures_are_whole_svg_with_a_line_per_gallery() -> None:
    curve = [{"epoch": 5, "seconds": 9, "blob": 0.1, "a<b": 0.3}, {"epoch": 10, "seconds": 20, "blob": 0.2, "a<b": 0.4}]
    root = ElementTree.fromstring(growth_svg({"words": curve, "empty": []}, 0.004))
    lines = [line.get("points", "") for line in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(line.split()) for line in lines] == [2, 2]
    ends = [float(line.split()[1].split(",")[1]) for line in lines]
    assert ends[1] == pytest.approx(34 + 220 * (1 - 1 / 1.08), abs=0.1) and ends[0] > ends[1]
    with pytest.raises(ValueError, match="No stage"):
        growth_svg({"words": []}, 0.004)


def test_weights_too_large_for_half_precision_are_refused() -> None:
    import torch

    layer = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(layer.weight, 1e6)
    with pytest.raises(OverflowError, match="weight"):
        halved(layer)


def test_the_command_says_what_is_wrong_with_a_catalogue(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("id,sku\n1,2\n", "utf-8")
    said = CliRunner().invoke(main, ["--catalogue", str(tmp_path), "--out", str(tmp_path / "out")])
    assert said.exit_code == 1 and "has no column source, image_path" in said.output


def test_ctrl_c_ends_training_between_two_steps() -> None:
    with Ticker() as ticker:
        ticker(0, 3, "pictures")
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Cancelled, match="step 1 of 3 of pictures"):
            ticker(1, 3, "pictures")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("name", "file"), [("mini-ruclip", "pytorch_model.bin"), ("mini-clip", "open_clip_model.safetensors")]
)
def test_a_bundled_model_holds_half_precision_tensors_and_names_its_sources(name: str, file: str) -> None:
    import torch

    tensors = read_tensors(BUNDLED / name / file)
    assert {value.dtype for value in tensors.values()} == {torch.float16}
    assert all(torch.isfinite(value).all() for value in tensors.values())
    card = (BUNDLED / name / "MODEL.md").read_text("utf-8")
    for word in ("Noto", "OFL", "CLDR", "Unicode", "P@5", "chance", "small bundled"):
        assert word in card, word


def test_the_bundled_tokenizer_fits_its_settings() -> None:
    config = json.loads((BUNDLED / "mini-ruclip" / "config.json").read_text("utf-8"))
    assert config == towers.SIZES
    bpe = BPE.read(BUNDLED / "mini-ruclip" / "bpe.model", config["vocab_size"])
    assert 1 not in bpe.ids("Съешь же ещё этих мягких французских булок, да выпей чаю 1234567890")
    with pytest.raises(BadCheckpoint):
        BPE.read(BUNDLED / "mini-ruclip" / "bpe.model", config["vocab_size"] + 1)


def test_bundled_models_are_small_enough_to_ship() -> None:
    files = [file for file in BUNDLED.rglob("*") if file.is_file()]
    assert len(files) >= 7
    assert sum(file.stat().st_size for file in files) <= 30_000_000


def test_open_clip_loads_mini_clip_from_its_folder_with_its_own_tokenizer() -> None:
    import open_clip
    import torch

    place = f"local-dir:{BUNDLED / 'mini-clip'}"
    model = open_clip.create_model(place, require_pretrained=True).eval()
    rows = open_clip.get_tokenizer(place)(["cat", "red heart"])
    assert rows.shape == (2, 32)
    with torch.inference_mode():
        direct = model.encode_text(rows, normalize=True).numpy()
    ours = openclip.load(ModelSpec.parse("openclip:bundled/mini-clip"), Path()).texts(["cat", "red heart"])
    assert np.abs(direct - ours).max() < 1e-5


@pytest.mark.skipif(not EMOJI.is_dir(), reason="needs the emoji catalogue in ../shared/catalogues/emoji")
def test_mini_ruclip_finds_pictures_of_a_shop_it_never_saw() -> None:
    import torch

    encoder = ruclip.load(ModelSpec.parse("ruclip:bundled/mini-ruclip"), Path())
    gallery = judged_gallery(EMOJI, "blob", 64)
    with torch.inference_mode():
        rows = [encoder.encode(some.numpy()) for some in gallery.views.split(128)]
    found = gallery.p5(torch.from_numpy(encoder.texts(gallery.queries)), torch.from_numpy(np.concatenate(rows)))
    assert gallery.chance == pytest.approx(0.004, abs=1e-4)
    assert found >= 8 * gallery.chance
    assert found == pytest.approx(0.2719, abs=0.005)  # what its card says
