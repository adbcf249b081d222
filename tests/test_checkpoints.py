"""Weights come in as tensors or not at all: nothing in a file runs, nothing half-fits, nothing damaged loads."""

from __future__ import annotations

import hashlib
import io
import os
import pickle  # noqa: TID251 - writes the files an attacker would send
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tiny_models import tiny_openclip, tiny_ruclip

from eval import peek
from eval.checkpoints import read_tensors, read_weights, sha256
from eval.contracts import ModelSpec
from eval.damage import BadCheckpoint
from eval.loading import check_tuned
from eval.models import openclip, ruclip


class Evil:
    """Runs a shell command when it is unpickled."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call, self.arguments


def evil(marker: Path, path: Path, container: str) -> Path:
    """A weights file that would create `marker`, in one of torch's containers."""
    import torch

    payload: dict[str, Any] = {"visual.proj": torch.zeros(2), "x": Evil(os.system, f"touch '{marker}'")}
    if container == "nested":  # what a plain pickle of tensors uses, and a free second pickle
        payload["x"] = Evil(torch.storage._load_from_bytes, pickle.dumps(Evil(os.system, f"touch '{marker}'")))
    if container == "eval":
        payload["x"] = Evil(eval, f"open({str(marker)!r}, 'w')")
    if container.startswith("pickle"):
        path.write_bytes(pickle.dumps(payload["x"], protocol=int(container[-1])))
    else:
        torch.save(payload, path, _use_new_zipfile_serialization=container != "legacy")
    return path


CONTAINERS = ["zip", "legacy", "nested", "eval", "pickle0", "pickle2", "pickle4", "pickle5"]
DOORS = ["ruclip folder", "ruclip tuned", "openclip folder", "openclip file", "openclip tuned", "renamed"]


def open_door(door: str, file: Path, home: Path) -> None:
    """Offer `file` at one of the places where weights come in."""
    if door == "ruclip folder":
        file.replace(tiny_ruclip(home / "r") / "pytorch_model.bin")
        ruclip.load(ModelSpec("ruclip", str(home / "r")), home)
    elif door == "ruclip tuned":
        ruclip.load(ModelSpec("ruclip", f"{tiny_ruclip(home / 'r')}@{file}"), home)
    elif door == "openclip folder":
        folder = tiny_openclip(home / "o")
        (folder / "open_clip_model.safetensors").unlink()
        file.replace(folder / "open_clip_pytorch_model.bin")
        openclip.load(ModelSpec("openclip", str(folder)), home)
    elif door == "openclip file":
        openclip.load(ModelSpec("openclip", f"ViT-B-32@{file}"), home)
    elif door == "openclip tuned":
        openclip.load(ModelSpec("openclip", f"{tiny_openclip(home / 'o')}@{file}"), home)
    else:
        read_tensors(file.rename(file.with_suffix(".safetensors")))


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("door", DOORS)
def test_a_pickle_that_runs_code_runs_nothing_at_any_door(container: str, door: str, tmp_path: Path) -> None:
    marker = tmp_path / "it-ran"
    with pytest.raises(BadCheckpoint, match=r"\[(unsafe_checkpoint|damaged|not_weights)\]"):
        open_door(door, evil(marker, tmp_path / "evil.pt", container), tmp_path)
    assert not marker.exists()


def test_the_marker_would_appear_if_such_a_file_were_unpickled(tmp_path: Path) -> None:
    pickle.loads(evil(tmp_path / "it-ran", tmp_path / "evil.pt", "pickle4").read_bytes())
    assert (tmp_path / "it-ran").exists()


NAMED = [(container, "eval" if container == "eval" else "_load_from_bytes" if container == "nested" else "system")
         for container in CONTAINERS if container != "pickle0"]  # fmt: skip


@pytest.mark.parametrize(("container", "name"), NAMED)
def test_the_refusal_names_what_the_file_asked_for(container: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=rf"\[unsafe_checkpoint\].*{name}.*nothing was run") as caught:
        read_tensors(evil(tmp_path / "it-ran", tmp_path / "evil.pt", container))
    assert "weights_only" not in str(caught.value)  # torch's advice to switch the guard off is not passed on
    assert "safetensors" in caught.value.message("ru")


@pytest.mark.parametrize("container", ["zip", "legacy"])
def test_damaged_bytes_anywhere_are_a_refusal_or_a_state_dict_and_nothing_else(container: str, tmp_path: Path) -> None:
    import torch

    tensors = read_tensors(tiny_ruclip(tmp_path / "r", embed_dim=8) / "pytorch_model.bin")
    torch.save(tensors, tmp_path / "whole.pt", _use_new_zipfile_serialization=container == "zip")
    data, rng, refused = (tmp_path / "whole.pt").read_bytes(), random.Random(0), 0
    for _ in range(150):
        flipped = bytearray(data)
        for place in rng.sample(range(9000), 3):  # where names and shapes stand
            flipped[place] = rng.randrange(256)
        (tmp_path / "flipped.pt").write_bytes(flipped)
        try:
            read_tensors(tmp_path / "flipped.pt")
        except BadCheckpoint:
            refused += 1
    assert refused > 50


def test_nothing_is_executed_when_a_dropped_file_is_only_looked_at(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for container in CONTAINERS:
        evil(tmp_path / "it-ran", tmp_path / "models" / f"clip_{container}.pt", container)
        evil(tmp_path / "it-ran", tmp_path / "models" / f"ruclip_{container}.pt", container)
    assert not [model for model in openclip.known(tmp_path) + ruclip.known(tmp_path) if model.tuned]
    assert not (tmp_path / "it-ran").exists()


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def saved(found: Any, path: Path) -> Path:
    import torch

    torch.save(found, path)
    return path


def whole(folder: Path) -> bytes:
    return (tiny_ruclip(folder) / "pytorch_model.bin").read_bytes()


@pytest.mark.parametrize("suffix", [".pt", ".bin", ".safetensors"])
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "nothing"),
        (b"<!DOCTYPE html><html><body>Entry not found</body></html>", "an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "git-lfs pointer"),
        (b"\0" * 4096, "zero bytes"),
        (b"Entry not found", "text"),
        (b"\x1f\x8b" + b"x" * 100, "gzip"),
    ],
)
def test_a_file_that_is_no_weights_file_is_called_what_it_is(
    data: bytes, kind: str, suffix: str, tmp_path: Path
) -> None:
    with pytest.raises(BadCheckpoint, match=rf"\[damaged\].*{len(data):,} bytes.*{kind}"):
        read_tensors(written(tmp_path / f"model{suffix}", data))


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_short_is_damaged(share: float, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    data = whole(tmp_path / "r")
    with pytest.raises(BadCheckpoint, match=r"\[damaged\]"):
        read_tensors(written(tmp_path / "cut.bin", data[: int(len(data) * share)]))
    save_file(read_tensors(tmp_path / "r" / "pytorch_model.bin"), tmp_path / "whole.safetensors")
    data = (tmp_path / "whole.safetensors").read_bytes()
    with pytest.raises(BadCheckpoint, match=r"\[damaged\]"):
        read_tensors(written(tmp_path / "cut.safetensors", data[: int(len(data) * share)]))


def test_a_whole_model_is_no_state_dict(tmp_path: Path) -> None:
    import torch

    with pytest.raises(BadCheckpoint, match=r"\[not_weights\].*torch\.nn"):
        read_tensors(saved(torch.nn.Linear(2, 2), tmp_path / "whole.pt"))
    scripted = torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2))
    torch.jit.save(scripted, tmp_path / "script.pt")
    with pytest.raises(BadCheckpoint, match=r"\[not_weights\].*TorchScript"):
        read_tensors(tmp_path / "script.pt")


def test_objects_beside_the_tensors_are_named(tmp_path: Path) -> None:
    import argparse

    import numpy as np

    for thing, name in ((argparse.Namespace(lr=1), "argparse.Namespace"), (np.float64(0.5), "numpy")):
        with pytest.raises(BadCheckpoint, match=rf"\[not_weights\].*{name}"):
            read_tensors(saved({"state_dict": {}, "args": thing}, tmp_path / "train.pt"))


@pytest.mark.parametrize("found", [{}, [1, 2], "text", {"a": 1}, {"state_dict": {}}, {1: "a"}])
def test_other_things_saved_with_torch_are_no_state_dict(found: Any, tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"\[not_weights\]"):
        read_tensors(saved(found, tmp_path / "odd.pt"))


def test_tensors_without_dense_numbers_are_refused(tmp_path: Path) -> None:
    import torch

    for odd in (torch.eye(3).to_sparse(), torch.empty(2, device="meta")):
        with pytest.raises(BadCheckpoint, match=r"\[not_weights\].*dense"):
            read_tensors(saved({"a": odd}, tmp_path / "odd.pt"))


def test_an_archive_whose_storages_are_shorter_than_they_say_is_refused(tmp_path: Path) -> None:
    import torch

    saved({"a": torch.ones(1000)}, tmp_path / "good.pt")
    with zipfile.ZipFile(tmp_path / "good.pt") as source, zipfile.ZipFile(tmp_path / "short.pt", "w") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name)[: 8 if name.endswith("/data/0") else None])
    with pytest.raises(BadCheckpoint, match=r"\[damaged\]"):
        read_tensors(tmp_path / "short.pt")


def test_archives_that_torch_never_wrote_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "docs.pt", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BadCheckpoint, match=r"\[not_weights\].*readme.txt"):
        read_tensors(tmp_path / "docs.pt")
    with zipfile.ZipFile(io.BytesIO(whole(tmp_path / "r"))) as source:
        with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
            for name in source.namelist():
                archive.writestr(name, source.read(name))
    with pytest.raises(BadCheckpoint, match="compressed"):
        read_tensors(tmp_path / "bomb.pt")


def test_known_wrappings_are_peeled_off_and_reported(tmp_path: Path) -> None:
    import torch

    tensors = {"a": torch.arange(3.0), "b.c": torch.ones(2)}
    wrapped = {"epoch": 3, "state_dict": {f"module.{name}": value for name, value in tensors.items()}}
    found = read_weights(saved(wrapped, tmp_path / "ddp.pt"))
    assert found.tensors.keys() == tensors.keys() and torch.equal(found.tensors["a"], tensors["a"])
    assert found.peeled == ("state_dict", "module.")
    facts = {"input_resolution": torch.tensor(224), "context_length": torch.tensor(77), "vocab_size": torch.tensor(9)}
    found = read_weights(saved(tensors | facts, tmp_path / "openai.pt"))
    assert found.tensors.keys() == tensors.keys() and found.peeled == tuple(facts)


def test_old_containers_of_plain_tensors_are_read(tmp_path: Path) -> None:
    import torch

    torch.save({"a": torch.arange(3.0)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert read_tensors(tmp_path / "old.pt")["a"].tolist() == [0, 1, 2]


def test_the_sha256_is_the_files_and_follows_its_changes(tmp_path: Path) -> None:
    path = written(tmp_path / "x", b"one")
    assert sha256(path) == hashlib.sha256(b"one").hexdigest()
    assert sha256(written(path, b"three")) == hashlib.sha256(b"three").hexdigest()


@pytest.mark.parametrize("name", ["model.bin", "model.safetensors"])
def test_weights_written_over_in_place_change_nothing_that_is_loaded(name: str, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save

    def content(value: float) -> bytes:
        tensors = {"visual.proj": torch.full((64, 64), value)}
        return save(tensors) if name.endswith("safetensors") else saved(tensors, tmp_path / "made").read_bytes()

    read = read_weights(written(tmp_path / name, content(1)))
    with open(tmp_path / name, "r+b") as file:  # as `cp` does
        file.write(content(2))
    assert (read.tensors["visual.proj"] == 1).all()
    assert read_weights(tmp_path / name).sha256 != read.sha256


def test_only_files_named_by_their_content_stay_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    mapped = []
    load = torch.load
    monkeypatch.setattr(torch, "load", lambda *args, **how: mapped.append(how["mmap"]) or load(*args, **how))
    data = saved({"a": torch.ones(2)}, tmp_path / "a.bin").read_bytes()
    blobs = tmp_path / "models--a--b" / "blobs"
    blobs.mkdir(parents=True)
    link = tmp_path / "pytorch_model.bin"
    link.symlink_to(written(blobs / hashlib.sha256(data).hexdigest(), data))
    read_weights(tmp_path / "a.bin")
    read_weights(link)
    assert mapped == [False, True]


def test_a_file_that_is_being_written_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    path = saved({"a": torch.ones(2)}, tmp_path / "a.bin")
    load = torch.load

    def slowly(*args: Any, **how: Any) -> Any:
        found = load(*args, **how)
        path.write_bytes(path.read_bytes() + b" ")
        return found

    monkeypatch.setattr(torch, "load", slowly)
    with pytest.raises(BadCheckpoint, match=r"\[damaged\].*changed while it was read"):
        read_weights(path)


def test_a_flipped_byte_is_noticed_where_a_checksum_is_known(tmp_path: Path) -> None:
    blobs = tmp_path / "models--a--b" / "blobs"
    blobs.mkdir(parents=True)
    good = hashlib.sha256(b"weights").hexdigest()
    assert sha256(written(blobs / good, b"weights")) == good
    os.utime(written(blobs / good, b"weighty"), (1, 1))
    with pytest.raises(BadCheckpoint, match=r"\[checksum\]"):
        sha256(blobs / good)
    small = "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object of "hello\n"
    assert len(sha256(written(blobs / small, b"hello\n"))) == 64
    os.utime(written(blobs / small, b"hellO\n"), (1, 1))
    with pytest.raises(BadCheckpoint, match=r"\[checksum\]"):
        sha256(blobs / small)
    folder = tiny_ruclip(tmp_path / "r")
    data = (folder / "pytorch_model.bin").read_bytes()
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(data).hexdigest()}  pytorch_model.bin\n")
    ruclip.load(ModelSpec("ruclip", str(folder)), tmp_path)
    place = data.rindex(b"\x3d") - 40_000
    flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
    os.utime(written(folder / "pytorch_model.bin", flipped), (2, 2))
    with pytest.raises(BadCheckpoint, match=r"\[checksum\].*pytorch_model\.bin"):
        ruclip.load(ModelSpec("ruclip", str(folder)), tmp_path)


@pytest.mark.parametrize("change", ["missing", "extra", "shape", "half"])
def test_weights_of_another_shape_never_load_in_part(change: str, tmp_path: Path) -> None:
    import torch

    folder = tiny_ruclip(tmp_path / "r")
    tensors = read_tensors(folder / "pytorch_model.bin")
    tensors = {name: value.clone() for name, value in tensors.items()}
    if change == "missing":
        del tensors["visual.proj"]
    elif change == "extra":
        tensors["visual.other"] = torch.zeros(1)
    elif change == "shape":
        tensors["visual.proj"] = torch.zeros(64, 16)
    else:
        tensors = dict(list(tensors.items())[::2])
    saved(tensors, folder / "pytorch_model.bin")
    with pytest.raises(BadCheckpoint, match=r"\[wrong_model\]"):
        ruclip.load(ModelSpec("ruclip", str(folder)), tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_never_answer(value: float, tmp_path: Path) -> None:
    folder = tiny_ruclip(tmp_path / "r")
    tensors = {name: tensor.clone() for name, tensor in read_tensors(folder / "pytorch_model.bin").items()}
    tensors["visual.proj"][0, 0] = value
    saved(tensors, folder / "pytorch_model.bin")
    with pytest.raises(BadCheckpoint, match=r"\[nan_weights\]"):
        ruclip.load(ModelSpec("ruclip", str(folder)), tmp_path)


def tuned(base: Path, path: Path, *names: str) -> Path:
    """The base's tensors with the named ones changed."""
    tensors = {name: value.clone() for name, value in read_tensors(base).items()}
    for name in names:
        tensors[name] += 0.01
    return saved(tensors, path)


def test_a_tuned_file_may_differ_from_its_base_in_the_projections_only(tmp_path: Path) -> None:
    base = tiny_ruclip(tmp_path / "r") / "pytorch_model.bin"
    both = tuned(base, tmp_path / "both.pt", "text_projection", "visual.proj")
    one = tuned(base, tmp_path / "one.pt", "visual.proj")
    assert check_tuned(read_weights(base), read_weights(both)) == ("text_projection", "visual.proj")
    assert check_tuned(read_weights(base), read_weights(one)) == ("visual.proj",)
    tower = tuned(base, tmp_path / "tower.pt", "visual.proj", "ln_final.weight")
    with pytest.raises(BadCheckpoint, match=r"\[wrong_model\].*ln_final\.weight.*tuned=towers"):
        check_tuned(read_weights(base), read_weights(tower))
    assert len(check_tuned(read_weights(base), read_weights(tower), towers=True)) == 2
    with pytest.raises(BadCheckpoint, match="nothing in it is tuned"):
        check_tuned(read_weights(base), read_weights(tuned(base, tmp_path / "same.pt")))


def test_a_tuned_file_in_half_precision_equals_its_base_as_far_as_it_can(tmp_path: Path) -> None:
    base = tiny_ruclip(tmp_path / "r") / "pytorch_model.bin"
    tensors = read_tensors(tuned(base, tmp_path / "t.pt", "visual.proj"))
    half = {name: value if "ln_" in name else value.half() for name, value in tensors.items()}
    assert check_tuned(read_weights(base), read_weights(saved(half, tmp_path / "half.pt"))) == ("visual.proj",)


def test_shapes_are_read_without_torch_and_without_running_anything(tmp_path: Path) -> None:
    folder = tiny_ruclip(tmp_path / "r")
    state = (folder / "pytorch_model.bin").stat()
    found = peek.shapes(folder / "pytorch_model.bin", state.st_size, state.st_mtime_ns)
    tensors = read_tensors(folder / "pytorch_model.bin")
    assert found == {name: tuple(value.shape) for name, value in tensors.items()}
    assert peek.shapes(evil(tmp_path / "it-ran", tmp_path / "evil.pt", "zip"), 0, 0) == {}
    assert not (tmp_path / "it-ran").exists()
