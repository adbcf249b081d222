"""Vectors: computed once, keyed by what they depend on, resumed, checked, never a readable lie."""

from __future__ import annotations

import dataclasses
import threading

import numpy as np
import pytest
from tiny_models import tiny_ruclip
from tiny_worlds import PixelEncoder, catalogue

from data import storage
from data.errors import Cancelled, Unavailable
from eval import registry, vector_files
from eval.contracts import ModelSpec
from eval.vectors import VectorError, cached, check, vectors


@pytest.fixture
def world(tmp_path):
    return catalogue(tmp_path / "pictures", range(50)), tmp_path / "home"


def folder(home):
    return next((home / "vectors").iterdir())


def forget() -> None:
    """As a new process would: no checksum has been verified yet."""
    vector_files._verified.clear()


def test_rows_are_the_encoders_in_catalogue_order_and_read_only(world):
    items, home = world
    encoder = PixelEncoder()
    found = vectors(items, encoder, home, batch=7)
    expected = np.concatenate(
        [encoder.images([items.picture(i) for i in items.ids[s : s + 7]]) for s in range(0, 50, 7)]
    )
    assert np.array_equal(found.matrix, expected)
    assert found.ids == items.ids and found.encoder == encoder.fingerprint
    assert found.catalogue == items.pictures_fingerprint
    assert isinstance(found.matrix, np.memmap) and not found.matrix.flags.writeable


def test_the_second_call_computes_nothing(world):
    items, home = world
    first = vectors(items, PixelEncoder(), home)
    again = PixelEncoder()
    second = vectors(items, again, home)
    assert again.encoded == [] and np.array_equal(first.matrix, second.matrix) and first.key == second.key


def test_the_number_of_threads_changes_no_bit(world, tmp_path):
    items, home = world
    one = vectors(items, PixelEncoder(), home, batch=4, threads=1)
    many = vectors(items, PixelEncoder(), tmp_path / "other", batch=4, threads=5)
    assert one.matrix.tobytes() == many.matrix.tobytes()


def test_a_torch_encoder_gives_the_same_bits_on_one_thread_and_on_many_and_torch_has_its_threads_back(world, tmp_path):
    import torch

    items, home = world
    encoder = registry.load(ModelSpec("ruclip", str(tiny_ruclip(tmp_path / "ru"))), home)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        one = vectors(items, encoder, home, batch=6, threads=1)
        assert torch.get_num_threads() == 2
        many = vectors(items, encoder, tmp_path / "other", batch=6, threads=4)
    finally:
        torch.set_num_threads(before)
    assert one.matrix.tobytes() == many.matrix.tobytes()
    check(many.matrix, items.ids)


def test_equal_pictures_are_computed_once(tmp_path):
    items = catalogue(tmp_path / "pictures", [1, 2, 1, 3, 2, 1])
    encoder = PixelEncoder()
    found = vectors(items, encoder, tmp_path / "home")
    assert sum(encoder.encoded) == 3
    assert np.array_equal(found.matrix[0], found.matrix[2]) and np.array_equal(found.matrix[1], found.matrix[4])
    assert not np.array_equal(found.matrix[0], found.matrix[1])


@pytest.mark.parametrize("changed", ["encoder", "pictures", "precision"])
def test_vectors_of_another_encoder_catalogue_or_precision_are_never_taken(world, changed):
    items, home = world
    vectors(items, PixelEncoder(), home)
    encoder = PixelEncoder(seed=1) if changed == "encoder" else PixelEncoder()
    if changed == "precision":
        encoder.precision = "bf16"
    other = dataclasses.replace(items, pictures_fingerprint="0" * 64) if changed == "pictures" else items
    assert cached(other, encoder, home) is None
    vectors(other, encoder, home)
    assert encoder.encoded and len(list((home / "vectors").iterdir())) == 2


def test_a_change_of_titles_alone_needs_no_new_vectors(world):
    items, home = world
    vectors(items, PixelEncoder(), home)
    assert cached(dataclasses.replace(items, fingerprint="1" * 64), PixelEncoder(), home) is not None


def test_progress_is_told_and_cancelling_keeps_the_finished_batches(world, tmp_path):
    items, home = world
    told = []

    def impatient(done, total, what):
        told.append((done, total, what))
        if done >= 20:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        vectors(items, PixelEncoder(), home, impatient, batch=5, threads=1)
    assert told[0] == (0, 50, "embed") and [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert cached(items, PixelEncoder(), home) is None
    kept = len(list(folder(home).glob("0*.npy")))
    assert kept >= 4
    encoder = PixelEncoder()
    resumed = vectors(items, encoder, home, batch=5)
    assert len(encoder.encoded) == 10 - kept
    whole = vectors(items, PixelEncoder(), tmp_path / "other", batch=5)
    assert resumed.matrix.tobytes() == whole.matrix.tobytes()


def test_going_on_with_another_batch_size_keeps_the_first_ones_batches(world):
    items, home = world

    def stop(done, total, what):
        if done:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        vectors(items, PixelEncoder(), home, stop, batch=8, threads=1)
    encoder = PixelEncoder()
    vectors(items, encoder, home, batch=50)
    assert set(encoder.encoded) <= {8, 2}


class Poisoned(PixelEncoder):
    """Gives an unusable row for chosen pictures of the second batch of ten."""

    def __init__(self, value: float, **more) -> None:
        super().__init__(**more)
        self.value = value
        self.lock = threading.Lock()

    def prepare(self, picture):
        prepared = super().prepare(picture)
        return prepared

    def encode(self, prepared):
        rows = super().encode(prepared)
        for at, row in enumerate(prepared):
            if abs(float(row.sum())) in self.marked:
                rows[at] = self.value
        return rows

    def marking(self, items, ids):
        self.marked = {abs(float(PixelEncoder.prepare(self, items.picture(item)).sum())) for item in ids}
        return self


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "nan"), (np.inf, "infinite"), (0.0, "zero"), (1.0, "not of unit length")]
)
def test_unusable_rows_are_an_error_naming_the_items_and_the_others_are_kept_for_the_next_time(world, value, says):
    items, home = world
    bad = ("i012", "i017", "i049")
    with pytest.raises(VectorError, match="i012: " + says) as error:
        vectors(items, Poisoned(value).marking(items, bad), home, batch=10)
    assert set(error.value.items) == set(bad)
    assert not (folder(home) / "vectors.npy").exists() and cached(items, PixelEncoder(), home) is None
    healed = PixelEncoder()
    vectors(items, healed, home, batch=10)
    assert sorted(healed.encoded) == [10, 10]  # the two batches with unusable rows


def test_a_picture_that_cannot_be_read_is_named_with_the_reason(world):
    items, home = world
    items.picture_path("i003").write_bytes(b"no longer a picture")
    with pytest.raises(VectorError, match="i003: unreadable") as error:
        vectors(items, PixelEncoder(), home)
    assert list(error.value.items) == ["i003"]


def test_an_encoder_that_answers_another_shape_is_refused(world):
    items, home = world
    encoder = PixelEncoder()
    encoder.size = 99
    with pytest.raises(ValueError, match="99"):
        vectors(items, encoder, home)


@pytest.mark.parametrize("name", ["vectors.npy", "ids.txt", "meta.json", "MANIFEST.json"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "zero", "delete"])
def test_a_damaged_file_is_never_read_it_is_set_aside_and_computed_again(world, name, damage, caplog):
    items, home = world
    good = vectors(items, PixelEncoder(), home).matrix.tobytes()
    forget()
    path = folder(home) / name
    hurt(path, damage)
    again = PixelEncoder()
    assert vectors(items, again, home).matrix.tobytes() == good
    assert again.encoded
    if name != "MANIFEST.json" or damage != "delete":
        assert "damaged" in caplog.text and len(list((home / "damaged").iterdir())) == 1


def hurt(path, damage):
    data = path.read_bytes()
    changed = {
        "flip": data[:-9] + bytes([data[-9] ^ 16]) + data[-8:],
        "truncate": data[: len(data) // 2],
        "zero": bytes(len(data)),
    }
    path.unlink()
    if damage != "delete":
        path.write_bytes(changed[damage])


def test_a_damaged_batch_of_unfinished_work_is_computed_again(world):
    items, home = world

    def stop(done, total, what):
        if done >= 30:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        vectors(items, PixelEncoder(), home, stop, batch=10, threads=1)
    batch = sorted(folder(home).glob("0*.npy"))[1]
    hurt(batch, "flip")
    found = vectors(items, PixelEncoder(), home, batch=10)
    check(found.matrix, found.ids)
    assert np.array_equal(found.matrix[10:20], PixelEncoder().images([items.picture(i) for i in items.ids[10:20]]))


def test_ids_and_a_manifest_lie_beside_the_matrix_and_no_batches_are_left(world):
    items, home = world
    vectors(items, PixelEncoder(), home)
    names = {path.name for path in folder(home).iterdir()}
    assert names == {"vectors.npy", "ids.txt", "meta.json", "MANIFEST.json"}
    assert (folder(home) / "ids.txt").read_text().split() == list(items.ids)
    assert storage.verify(folder(home)) == []


def test_without_room_on_the_disk_nothing_is_begun(world, monkeypatch):
    items, home = world
    encoder = PixelEncoder()
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with pytest.raises(Unavailable, match="disk_full"):
        vectors(items, encoder, home)
    assert encoder.encoded == []


def test_a_full_disk_in_the_middle_keeps_what_was_finished(world, monkeypatch):
    items, home = world
    real, written = storage.write_bytes, []

    def full(path, data, durable=True):
        if path.suffix == ".npy":
            if len(written) == 3:
                raise Unavailable("[disk_full] No room left.", "Free some space.")
            written.append(path)
        real(path, data, durable)

    monkeypatch.setattr(storage, "write_bytes", full)
    with pytest.raises(Unavailable, match="disk_full"):
        vectors(items, PixelEncoder(), home, batch=5, threads=1)
    monkeypatch.setattr(storage, "write_bytes", real)
    encoder = PixelEncoder()
    vectors(items, encoder, home, batch=5)
    assert len(encoder.encoded) == 7


def test_two_at_once_compute_everything_once(world):
    items, home = world
    encoder, found = PixelEncoder(), []
    threads = [threading.Thread(target=lambda: found.append(vectors(items, encoder, home))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(encoder.encoded) == 50 and len({one.matrix.tobytes() for one in found}) == 1


@pytest.mark.parametrize(
    ("row", "says"), [([np.nan, 0], "nan"), ([np.inf, 0], "infinite"), ([0, 0], "zero"), ([3, 4], "unit length .5")]
)
def test_check_names_the_items(row, says):
    with pytest.raises(VectorError, match="b: .*" + says.replace(".", r"\(?")):
        check(np.array([[1, 0], row], np.float32), ["a", "b"])


@pytest.mark.parametrize("matrix", [np.zeros(3), np.zeros((2, 2), dtype=object), np.ones((3, 2), np.float32)])
def test_check_refuses_what_is_no_matrix_of_these_items(matrix):
    with pytest.raises(ValueError, match=r"matrix|answered"):
        check(matrix, ["a", "b"])
