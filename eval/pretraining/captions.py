"""Seeded captions for designs, most of them one keyword as a searcher types it, and which designs each is true of."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from eval.pretraining.lessons import Lessons

Tensor = Any

FRAMES = {
    "ru": ("{}", "эмодзи {}", "картинка: {}", "изображение {}", "значок {}", "рисунок {}", "фото {}"),
    "en": ("{}", "an emoji of {}", "a picture of {}", "an icon of a {}", "a drawing of a {}", "a photo of a {}"),
}
"""Ways to say a caption; the first, bare one is used most."""


@dataclass(frozen=True)
class Captions:
    """Draws captions of `lessons` in language ru or en."""

    lessons: Lessons
    language: str

    def draw(self, count: int, seed: int) -> tuple[list[str], Tensor]:
        """`count` texts and float32 (count, designs): shares, summing to 1, of the designs it is true of."""
        import torch

        dice = random.Random(seed)
        texts, rows = zip(*(self._one(dice) for _ in range(count)), strict=True)
        truth = torch.stack(rows)
        return [self._framed(text, dice) for text in texts], truth / truth.sum(1, keepdim=True)

    def _one(self, dice: random.Random) -> tuple[str, Tensor]:
        """One keyword (11 in 20), a name (5), two keywords of one design (3), a name with a keyword (1)."""
        design = dice.randrange(len(self.lessons))
        tags, name = self.lessons.tags[design], self.lessons.names[design]
        kind = dice.random()
        if kind < 0.55 or not tags:
            word = dice.choice(self.lessons.words if kind < 0.3 or not tags else tags)
            return word, self._having([word])
        if kind < 0.8:
            return name, self._named(name)
        if kind < 0.95:
            pair = dice.sample(tags, min(2, len(tags)))
            return " ".join(pair), self._having(pair)
        return f"{name} {dice.choice(tags)}", self._named(name)

    def _having(self, words: list[str]) -> Tensor:
        return self.lessons.labels[:, [self.lessons.column[word] for word in words]].prod(1)

    def _named(self, name: str) -> Tensor:
        return self.lessons.same_name[self.lessons.names.index(name)]

    def _framed(self, text: str, dice: random.Random) -> str:
        frames = FRAMES[self.language]
        return (frames[0] if dice.random() < 0.8 else dice.choice(frames[1:])).format(text)
