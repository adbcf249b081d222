"""Words to token ids as ruCLIP's own tokenizer makes them: reads and applies youtokentome's bpe.model files."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from eval.damage import BadCheckpoint, looks_like

if TYPE_CHECKING:
    import numpy as np

MARK = 0x2581  # "▁", stands before every word
PAD, UNK, BOS, EOS = 0, 1, 2, 3  # ruCLIP hard-codes these
MAX_BYTES = 64 << 20
_WORDS = re.compile("[^\t\n\v\f\r \u2581]+")  # exactly what youtokentome splits on: no NBSP, no U+0085, no U+3000


@dataclass(frozen=True)
class Merges:
    """The alphabet (code point → id) and the merge rules ((left, right) → (priority, new id)) of one bpe.model."""

    alphabet: dict[int, int]
    rules: dict[tuple[int, int], tuple[int, int]]

    @property
    def vocabulary(self) -> int:
        """Number of token ids, the four special ones among them."""
        return len(self.alphabet) + len(self.rules) + 4


class BPE:
    """The tokenizer of one ruCLIP checkpoint.

    Differs from `youtokentome` only where that one breaks: a lone surrogate is an unknown character here.
    """

    def __init__(self, merges: Merges) -> None:
        self.merges = merges
        self.vocabulary = merges.vocabulary
        self._word = lru_cache(maxsize=65536)(lambda word: tuple(_merge(_start(word, merges.alphabet), merges.rules)))

    @classmethod
    def read(cls, path: Path, vocabulary: int | None = None) -> BPE:
        """Read a bpe.model; `vocabulary` is the size config.json declares. BadCheckpoint says what is wrong with it.

        The original reads truncated files, git-lfs pointers and web pages without a word; here each is refused.
        """
        merges = _parse(Path(path))
        if vocabulary is not None and merges.vocabulary != vocabulary:
            raise BadCheckpoint(
                "damaged", path, f"holds {merges.vocabulary} tokens, but config.json says vocab_size {vocabulary}"
            )
        return cls(merges)

    def ids(self, text: str) -> list[int]:
        """Token ids of a text, lower-cased, without the ids that open and close a row."""
        return [token for word in _WORDS.findall(text.lower()) for token in self._word(word)]

    def rows(self, texts: Sequence[str], context: int) -> np.ndarray:
        """Texts → int64 (n, context): `2 ids… 3`, cut to the context, padded with zeros."""
        import numpy as np

        rows = np.full((len(texts), context), PAD, dtype=np.int64)
        for row, text in zip(rows, texts, strict=True):
            tokens = [BOS, *self.ids(text)[: context - 2], EOS]
            row[: len(tokens)] = tokens
        return rows

    def truncated(self, text: str, context: int) -> bool:
        """True when `rows` would drop the end of the text."""
        return len(self.ids(text)) > context - 2


def _start(word: str, alphabet: dict[int, int]) -> Iterable[int]:
    """Ids before any merge: the word mark, then one id a character; a run of unknown characters is one UNK."""
    yield alphabet[MARK]
    unknown = False
    for character in word:
        token = alphabet.get(ord(character))
        if token is not None:
            yield token
        elif not unknown:
            yield UNK
        unknown = token is None


def _merge(ids: Iterable[int], rules: dict[tuple[int, int], tuple[int, int]]) -> Iterable[int]:
    """Apply merge rules greedily, lowest priority number first, ties leftmost; O(n log n) in the word's length."""
    tokens: list[int] = list(ids)
    after = [*range(1, len(tokens)), -1]
    before = [-1, *range(len(tokens) - 1)]
    heap: list[tuple[int, int, int, int, int]] = []  # priority, place, left id, right id, new id

    def offer(place: int) -> None:
        if place >= 0 and after[place] >= 0:
            left, right = tokens[place], tokens[after[place]]
            if (rule := rules.get((left, right))) is not None:
                heapq.heappush(heap, (rule[0], place, left, right, rule[1]))

    for place in range(len(tokens)):
        offer(place)
    while heap:
        _, place, left, right, new = heapq.heappop(heap)
        gone = after[place]
        if tokens[place] != left or gone < 0 or tokens[gone] != right:
            continue  # one of the two has been merged meanwhile
        tokens[place], tokens[gone], after[place] = new, -1, after[gone]
        if after[gone] >= 0:
            before[after[gone]] = place
        offer(before[place])
        offer(place)
    return (token for token in tokens if token >= 0)


def _parse(path: Path) -> Merges:
    lines = _numbers(path)
    chars, rules = _shape(path, lines)
    alphabet = {row[0]: row[1] for row in lines[1 : 1 + chars]}
    merges = {(row[0], row[1]): (rank, row[2]) for rank, row in enumerate(lines[1 + chars : 1 + chars + rules])}
    if len(alphabet) != chars or len(merges) != rules:
        raise BadCheckpoint("damaged", path, "names a character or a merge rule twice")
    if MARK not in alphabet:
        raise BadCheckpoint("damaged", path, "has no word mark (character 9601, U+2581) in its alphabet")
    if tuple(lines[-1]) != (UNK, PAD, BOS, EOS):
        raise BadCheckpoint(
            "damaged", path, f"declares special ids {lines[-1]}, ruCLIP needs unk pad bos eos = 1 0 2 3", "bpe.model"
        )
    _check_ids(path, alphabet, merges)
    return Merges(alphabet, merges)


def _check_ids(path: Path, alphabet: dict[int, int], rules: dict[tuple[int, int], tuple[int, int]]) -> None:
    """Every id 0 … vocabulary-1 exactly once, and rules only over ids that characters and rules make."""
    made = [*alphabet.values(), *(new for _, new in rules.values())]
    total = len(made) + 4
    if sorted([*made, PAD, UNK, BOS, EOS]) != list(range(total)):
        raise BadCheckpoint("damaged", path, f"its token ids are not exactly 0 to {total - 1}")
    there = set(made)
    for (left, right), (rank, _) in rules.items():
        if left not in there or right not in there:
            raise BadCheckpoint("damaged", path, f"merge rule {rank + 1} joins a token that nothing makes")


def _numbers(path: Path) -> list[list[int]]:
    if not path.is_file():
        raise BadCheckpoint("damaged", path, "is not a file")
    kind = looks_like(path)
    if kind != "text" or path.stat().st_size > MAX_BYTES:
        raise BadCheckpoint("damaged", path, f"holds {kind}, not a youtokentome model", "bpe.model")
    try:
        return [[int(word) for word in line.split(" ")] for line in path.read_text("ascii").splitlines()]
    except ValueError as error:  # UnicodeDecodeError among them
        raise BadCheckpoint("damaged", path, f"is not a youtokentome model ({error})", "bpe.model") from error


def _shape(path: Path, lines: list[list[int]]) -> tuple[int, int]:
    """Numbers of characters and rules, once the file is known to have the lines it promises."""
    if not lines or len(lines[0]) != 2 or min(lines[0]) < 0:
        raise BadCheckpoint("damaged", path, "does not begin with two counts", "bpe.model")
    chars, rules = lines[0]
    if len(lines) != chars + rules + 2:
        raise BadCheckpoint("damaged", path, f"has {len(lines)} lines of {chars + rules + 2}", "bpe.model")
    widths = [2] * (chars + 1) + [3] * rules + [4]
    if [len(line) for line in lines] != widths:
        raise BadCheckpoint("damaged", path, "has a line with the wrong number of fields", "bpe.model")
    return chars, rules
