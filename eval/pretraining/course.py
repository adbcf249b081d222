"""The whole course from pictures to a shipped folder: teacher, picture tower, text towers, cloth, files."""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from data.progress import Progress, silent
from eval.bpe import BPE, EOS, PAD
from eval.pretraining import folders, towers
from eval.pretraining.captions import FRAMES, Captions
from eval.pretraining.growing import growth_svg, growth_table
from eval.pretraining.learning import Pace, Run, Stage
from eval.pretraining.lessons import Lessons, read_lessons
from eval.pretraining.pictures import load_pictures
from eval.pretraining.scores import (
    Gallery,
    judged_gallery,
    keyword_gallery,
    read_queries,
    redrawn_gallery,
    sewn_gallery,
)
from eval.pretraining.settling import Settling
from eval.pretraining.student import Student
from eval.pretraining.teaching import Teaching
from eval.pretraining.tokens import write_bpe
from eval.pretraining.writers import Words, shelf, written

Tensor = Any

SCAN = 80
"""Side in pixels at which training pictures are kept; a redrawing reads them at about one to one."""
VIEWS = 10
"""Redrawings of every design among which the text towers find theirs."""
ENGLISH = {"vocab_size": 49408, "transformer_width": 96, "transformer_heads": 2}
"""Where mini-clip's sizes differ: open_clip's own tokenizer has 49,408 tokens, so the text tower is narrow."""


@dataclass(frozen=True)
class Plan:
    """What is trained from what: `folder` is a catalogue with products.csv, `scratch` keeps checkpoints.

    `shop` drew the training pictures; `judged`, another shop, is only measured, never learnt from nor chosen by.
    """

    folder: Path
    scratch: Path
    epochs: tuple[int, int, int, int] = (96, 66, 50, 40)
    seed: int = 0
    shop: str = "noto"
    judged: str | None = "blob"
    sizes: dict[str, int] = field(default_factory=lambda: dict(towers.SIZES))


class Course:
    """The stages of a plan. Each goes on from its checkpoint in `scratch`; a finished one is only read."""

    def __init__(self, plan: Plan, progress: Progress = silent) -> None:
        self.plan, self.progress = plan, progress
        self.side = plan.sizes["image_resolution"]
        self.lessons = read_lessons(plan.folder, plan.shop, "ru")
        self.pictures = load_pictures(self.lessons.paths, SCAN)
        self.curves: dict[str, list[dict[str, float]]] = {}

    @cached_property
    def galleries(self) -> dict[str, Gallery]:
        """What is measured with Russian words: the redrawn training designs, and the judged shop where there is one."""
        known = [word for word in read_queries(self.plan.folder).values() if word in self.lessons.words]
        found = {"validation": redrawn_gallery(self.lessons, self.pictures, known, self.side)}
        if self.plan.judged:
            found[self.plan.judged] = judged_gallery(self.plan.folder, self.plan.judged, self.side)
        return found

    @cached_property
    def teacher(self) -> Any:
        """The convolutional teacher, trained."""
        stage = Teaching(self.lessons, self.pictures, self.galleries, self.side, seed=self.plan.seed)
        return self._finish(stage, Pace(self.plan.epochs[0], warm=150), "teacher")

    @cached_property
    def visual(self) -> Any:
        """The picture tower (open_clip's VisionTransformer), trained."""
        stage = Student(self.lessons, self.pictures, self.teacher, self.galleries, self.plan.sizes, seed=self.plan.seed)
        return self._finish(stage, Pace(self.plan.epochs[1]), "pictures")["visual"]

    @cached_property
    def settled(self) -> Any:
        """The picture tower after its last stage, in which it saw designs sewn, small, repeated and framed."""
        import torch

        with torch.no_grad():
            words = written(self.russian, self.tokenize(self.lessons.words))
            galleries = {
                name: (gallery, written(self.russian, self.tokenize(gallery.queries)))
                for name, gallery in self._galleries_of_cloth().items()
            }
        found = None
        for number, (epochs, rate) in enumerate(((self.plan.epochs[3], 2e-3), (self.plan.epochs[3] // 2, 1e-3))):
            stage = Settling(self.lessons, self.pictures, self.visual, words, galleries, begin=found, rate=rate,
                             seed=self.plan.seed + number)  # fmt: skip
            found = self._finish(stage, Pace(epochs, warm=50, keep=0.995), f"sewn-{number + 1}")
        return found

    def _galleries_of_cloth(self) -> dict[str, Gallery]:
        """The training designs as embroideries with seeds of their own, and the judged shop where there is one."""
        asked = self.galleries["validation"].queries
        sewn = sewn_gallery(self.lessons, self.pictures, asked, self.side)
        return {**self.galleries, "validation": sewn}

    @cached_property
    def shelf(self) -> Tensor:
        """The trained tower's rows for every design in several redrawings."""
        flips, seed = self.lessons.flips, self.plan.seed
        return shelf(self.visual, self.pictures, self.side, VIEWS, seed, flips, self.progress)

    @cached_property
    def bpe(self) -> BPE:
        """mini-ruclip's tokenizer, learnt from its words."""
        size, model_file = self.plan.sizes["vocab_size"], self.plan.scratch / "bpe.model"
        self.plan.scratch.mkdir(parents=True, exist_ok=True)
        write_bpe([*self.lessons.names, *self.lessons.words, *FRAMES["ru"]], model_file, size)
        return BPE.read(model_file, size)

    def tokenize(self, texts: list[str]) -> Tensor:
        """Russian texts as ids, int64 (n, context)."""
        import torch

        return torch.from_numpy(self.bpe.rows(texts, self.plan.sizes["context_length"]))

    @cached_property
    def russian(self) -> Any:
        """mini-ruclip with its text tower trained, over the picture tower as it is before its last stage."""
        import torch

        torch.manual_seed(self.plan.seed)
        model = towers.dual_encoder(self.plan.sizes, pool_type="eos", eos_id=EOS, pad_id=PAD)
        return self._write(model, self.tokenize, self.lessons, "ru", self.galleries)

    def ruclip(self, folder: Path) -> None:
        """Train mini-ruclip and write the model to `folder`."""
        model = self._with_settled(self.russian)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.plan.scratch / "bpe.model", folder / "bpe.model")
        folders.write_ruclip(model, self.plan.sizes, folder)
        chance = {name: gallery.chance for name, gallery in self.galleries.items()}
        tables = [f"## {stage}\n\n{growth_table(curve, chance)}" for stage, curve in self.curves.items()]
        (self.plan.scratch / "growth.md").write_text("\n".join(tables), "utf-8")
        if any(self.curves.values()):
            drawn = growth_svg(self.curves, chance[self.plan.judged or "validation"])
            (self.plan.scratch / "growth.svg").write_text(drawn, "utf-8")

    def clip(self, folder: Path) -> None:
        """Train mini-clip's text tower on English words, over mini-ruclip's picture tower, and write it to `folder`."""
        import torch
        from open_clip.tokenizer import SimpleTokenizer

        sizes = {**self.plan.sizes, **ENGLISH}
        lessons = read_lessons(self.plan.folder, self.plan.shop, "en")
        tokenizer = SimpleTokenizer(context_length=sizes["context_length"])
        galleries = {self.plan.shop: keyword_gallery(self.plan.folder, self.plan.shop, lessons, self.side)}
        if self.plan.judged:
            galleries[self.plan.judged] = keyword_gallery(self.plan.folder, self.plan.judged, lessons, self.side)
        torch.manual_seed(self.plan.seed)
        model = self._with_settled(self._write(towers.dual_encoder(sizes), tokenizer, lessons, "en", galleries))
        texts = [*lessons.names, *lessons.words, *(frame.format("") for frame in FRAMES["en"])]
        folders.forget_unseen(model, tokenizer(texts))
        folders.write_openclip(model, sizes, folder)

    def _with_settled(self, model: Any) -> Any:
        """A copy of the model that sees with the picture tower as it is after its last stage."""
        found = copy.deepcopy(model)
        found.visual.load_state_dict(self.settled.state_dict())
        return found

    def _write(self, model: Any, tokenize: Any, lessons: Lessons, language: str, galleries: dict[str, Gallery]) -> Any:
        model.visual.load_state_dict(self.visual.state_dict())
        stage = Words(model, tokenize, Captions(lessons, language), self.shelf, galleries, seed=self.plan.seed)
        return self._finish(stage, Pace(self.plan.epochs[2]), f"words-{language}")

    def _finish(self, stage: Stage, pace: Pace, file: str) -> Any:
        run = Run(stage, pace, self.plan.scratch / f"{file}.ckpt")
        trained = run.learn(self.progress)
        self.curves[file] = run.curve
        folders.write_curve(run.curve, self.plan.scratch / f"{file}.csv")
        return trained
