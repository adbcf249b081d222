"""Our reader and encoder of youtokentome models says what youtokentome says, and refuses files that are not whole."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from tiny_models import tiny_bpe

from eval.bpe import BPE
from eval.damage import BadCheckpoint

GOLDEN = Path(__file__).parent / "golden" / "ruclip"
ORIGINAL = Path(__file__).resolve().parents[2] / "shared" / "reference" / "ruclip-oracle"
needs_original = pytest.mark.skipif(not ORIGINAL.is_dir(), reason="../shared/reference/ruclip-oracle is not here")

# alphabet: ▁=4 a=5 b=6; rules, first is strongest: a+b=7, ▁+a=8, b+a=9, 8+7=10
HAND = "3 4\n9601 4\n97 5\n98 6\n5 6 7\n4 5 8\n6 5 9\n8 7 10\n1 0 2 3\n"


@pytest.fixture
def hand(tmp_path: Path) -> BPE:
    (tmp_path / "bpe.model").write_text(HAND, encoding="ascii")
    return BPE.read(tmp_path / "bpe.model", vocabulary=11)


def golden() -> list[tuple[str, list[int]]]:
    return [(text, ids) for text, ids in json.loads((GOLDEN / "ids.json").read_text("ascii"))]


def test_pinned_strings_get_the_ids_that_youtokentome_gave_them() -> None:
    bpe = BPE.read(GOLDEN / "bpe.model")
    assert len(golden()) > 300
    assert [text for text, ids in golden() if bpe.ids(text) != ids] == []


@needs_original
def test_all_token_rows_of_the_original_processor_are_equal() -> None:
    bpe = BPE.read(ORIGINAL / "bpe.model")
    rows = json.loads((ORIGINAL / "golden_tokens.json").read_text("utf-8"))
    assert len(rows) == 496
    ours = bpe.rows([row["text"] for row in rows], 24)
    assert [row["text"] for row, mine in zip(rows, ours, strict=True) if row["processor_ids_24"] != mine.tolist()] == []


def test_the_strongest_rule_is_applied_first_not_the_leftmost_pair(hand: BPE) -> None:
    assert hand.ids("ab") == [4, 7]  # a+b goes before ▁+a
    assert hand.ids("aab") == [10]  # a+b, ▁+a, then both together
    assert hand.ids("ba") == [4, 9]


def test_of_equal_rules_the_leftmost_place_is_taken(tmp_path: Path) -> None:
    (tmp_path / "bpe.model").write_text("2 1\n9601 4\n97 5\n5 5 6\n1 0 2 3\n", encoding="ascii")
    assert BPE.read(tmp_path / "bpe.model").ids("aaa") == [4, 6, 5]


def test_text_is_lower_cased_and_nothing_else(hand: BPE) -> None:
    assert hand.ids("AB") == hand.ids("ab")
    assert BPE.read(GOLDEN / "bpe.model").ids("ёлка") != BPE.read(GOLDEN / "bpe.model").ids("елка")


def test_a_run_of_unknown_characters_is_one_unknown_token(hand: BPE) -> None:
    assert hand.ids("a漢字b") == [8, 1, 6]
    assert hand.ids("\ud800a") == [4, 1, 5]  # a lone surrogate: the original raises here


@pytest.mark.parametrize("space", ["\t", "\n", "\v", "\f", "\r", " ", "\u2581", "  "])
def test_these_spaces_part_words(hand: BPE, space: str) -> None:
    assert hand.ids(f"b{space}b") == [4, 6, 4, 6]


@pytest.mark.parametrize("space", ["\u00a0", "\u0085", "\u001c", "\u2009", "\u3000", "\u200b"])
def test_these_spaces_are_unknown_characters(hand: BPE, space: str) -> None:
    assert hand.ids(f"b{space}b") == [4, 6, 1, 6]


def test_rows_open_with_2_close_with_3_and_are_padded_with_0(hand: BPE) -> None:
    assert hand.rows(["", "b"], 6).tolist() == [[2, 3, 0, 0, 0, 0], [2, 4, 6, 3, 0, 0]]
    assert hand.rows(["b b b b"], 6).tolist() == [[2, 4, 6, 4, 6, 3]]
    assert str(hand.rows([], 6).dtype) == "int64" and hand.rows([], 6).shape == (0, 6)


def test_a_text_is_truncated_when_its_tokens_do_not_fit_between_the_two_marks(hand: BPE) -> None:
    assert not hand.truncated("b b", 6)
    assert hand.truncated("b b b", 6)


def test_typed_end_marks_are_plain_text() -> None:
    bpe = BPE.read(GOLDEN / "bpe.model")
    assert 3 not in bpe.ids("<EOS> кот <EOS>")
    assert bpe.rows(["<EOS>"], 24)[0].tolist().count(3) == 1


def test_a_word_of_a_hundred_thousand_letters_takes_seconds_not_hours(hand: BPE) -> None:
    start = time.perf_counter()
    assert len(hand.ids("ab" * 50_000)) == 50_001
    assert time.perf_counter() - start < 20


DAMAGED = {
    "empty": "",
    "cut in the rules": HAND[:30],
    "cut at a line": "\n".join(HAND.splitlines()[:-1]) + "\n",
    "git-lfs pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 1234\n",
    "web page": "<!DOCTYPE html><html><body>404</body></html>",
    "id twice": HAND.replace("98 6", "98 5"),
    "id beyond the vocabulary": HAND.replace("8 7 10", "8 7 12"),
    "character twice": HAND.replace("98 6", "97 6"),
    "rule twice": HAND.replace("6 5 9", "5 6 9"),
    "rule over a token that nothing makes": HAND.replace("6 5 9", "6 77 9"),
    "no word mark": HAND.replace("9601 4", "99 4"),
    "other special ids": HAND.replace("1 0 2 3\n", "0 1 2 3\n"),
    "words for numbers": HAND.replace("98", "ninety-eight"),
    "a field too many": HAND.replace("97 5", "97 5 5"),
    "negative counts": HAND.replace("3 4\n", "-3 4\n", 1),
    "json": '{"model": {"type": "BPE"}}',
    "zero bytes": "\0" * 100,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_file_that_is_not_a_whole_model_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "bpe.model").write_bytes(DAMAGED[name].encode())
    with pytest.raises(BadCheckpoint, match=r"\[damaged\].*bpe\.model") as caught:
        BPE.read(tmp_path / "bpe.model")
    assert isinstance(caught.value, ValueError)
    assert "bpe.model" in caught.value.message("ru")


@pytest.mark.parametrize("cut", range(0, len(tiny_bpe()[0]) - 1, 37))
def test_a_model_cut_anywhere_is_refused(cut: int, tmp_path: Path) -> None:
    (tmp_path / "bpe.model").write_text(tiny_bpe()[0][:cut], encoding="ascii")
    with pytest.raises(BadCheckpoint):
        BPE.read(tmp_path / "bpe.model")


def test_a_model_of_another_size_than_the_config_says_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bpe.model").write_text(HAND, encoding="ascii")
    with pytest.raises(BadCheckpoint, match=r"holds 11 tokens, but config.json says vocab_size 49408"):
        BPE.read(tmp_path / "bpe.model", vocabulary=49408)
