"""Learns byte-pair merges from words and writes them as youtokentome's bpe.model, the file `eval.bpe` reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from eval.bpe import BOS, EOS, MARK, PAD, UNK

Pair = tuple[int, int]
ALPHABET = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz0123456789.,:;!?-–—()«»\"'%+*/№&’"
"""Characters that become tokens of their own even where no training text has them."""


def write_bpe(texts: Iterable[str], path: Path, size: int, alphabet: str = ALPHABET) -> None:
    """Learn `size` tokens from lower-cased texts and write them to `path`.

    ValueError when the texts do not yield that many merges, or the alphabet alone is larger.
    """
    words = Counter(word for text in texts for word in text.lower().split())
    letters = sorted({chr(MARK), *alphabet, *(letter for word in words for letter in word)})
    ids = {ord(letter): number for number, letter in enumerate(letters, 4)}
    wanted = size - 4 - len(ids)
    if wanted < 0:
        raise ValueError(f"{size} tokens leave no room for {len(ids)} characters; ask for at least {len(ids) + 4}.")
    spelt = [[ids[MARK], *(ids[ord(letter)] for letter in word)] for word in words]
    rules = learn_merges(spelt, list(words.values()), wanted, 4 + len(ids))
    lines = [f"{len(ids)} {len(rules)}", *(f"{code} {number}" for code, number in ids.items())]
    lines += [f"{left} {right} {new}" for (left, right), new in rules]
    path.write_text("\n".join([*lines, f"{UNK} {PAD} {BOS} {EOS}"]) + "\n", "ascii")


def learn_merges(words: list[list[int]], counts: list[int], wanted: int, first: int) -> list[tuple[Pair, int]]:
    """The `wanted` merges of byte-pair encoding: always the most frequent pair, of equals the smallest.

    New tokens get numbers from `first` on. Sennrich et al. 2016, arXiv:1508.07909. ValueError when pairs run out.
    """
    words = [list(word) for word in words]
    total: Counter[Pair] = Counter()
    homes: dict[Pair, set[int]] = defaultdict(set)
    for number, word in enumerate(words):
        _count(word, number, counts[number], total, homes)
    rules: list[tuple[Pair, int]] = []
    for new in range(first, first + wanted):
        pair = min(total, key=lambda one: (-total[one], one), default=None)
        if pair is None:
            raise ValueError(f"The texts yield {len(rules)} merges, {wanted} were asked for; ask for fewer tokens.")
        rules.append((pair, new))
        for number in sorted(homes.pop(pair)):
            _count(words[number], number, -counts[number], total, homes)
            words[number] = merged(words[number], pair, new)
            _count(words[number], number, counts[number], total, homes)
        total.pop(pair, None)
    return rules


def _count(word: list[int], number: int, times: int, total: Counter[Pair], homes: dict[Pair, set[int]]) -> None:
    """Add a word's pairs `times` times; a pair that nothing holds any more disappears."""
    for pair in pairwise(word):
        total[pair] += times
        if times > 0:
            homes[pair].add(number)
        else:
            homes[pair].discard(number)
        if total[pair] <= 0:
            del total[pair]


def merged(word: list[int], pair: Pair, new: int) -> list[int]:
    """The word with every occurrence of the pair, from the left, replaced by the new token."""
    out: list[int] = []
    for token in word:
        if out and out[-1] == pair[0] and token == pair[1]:
            out[-1] = new
        else:
            out.append(token)
    return out
