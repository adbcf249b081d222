"""A detector of the YOLO family in a few kilobytes of ONNX, written by hand: it sees squares of red and of blue."""

from __future__ import annotations

from pathlib import Path

import numpy as np

CELLS, SIDE = 20, 32  # 20 × 20 squares of 32 pixels in a picture of 640


def _varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found, value = found + bytes([value & 127 | 128]), value >> 7
    return found + bytes([value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _tensor(name: str, array: np.ndarray) -> bytes:
    kind = {"float32": 1, "int64": 7}[str(array.dtype)]
    dims = b"".join(_number(1, size) for size in array.shape)
    return dims + _number(2, kind) + _bytes(8, name) + _bytes(9, np.ascontiguousarray(array).tobytes())


def _node(op: str, inputs: list[str], output: str, **attributes: int | list[int]) -> bytes:
    found = b"".join(_bytes(1, one) for one in inputs) + _bytes(2, output) + _bytes(3, output) + _bytes(4, op)
    for name, value in attributes.items():
        kind = _number(20, 2) + _number(3, value) if isinstance(value, int) else _number(20, 7) + b"".join(
            _number(8, one) for one in value
        )  # fmt: skip
        found += _bytes(5, _bytes(1, name) + kind)
    return found


def _shaped(name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_bytes(1, _number(1, size)) for size in shape)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, dims)))


def detector(path: Path) -> Path:
    """Write the file: output (1, 4 + 2, 400), a box a square; scores are 1 where it is pure red or pure blue."""
    weights = np.zeros((2, 3, SIDE, SIDE), np.float32)  # red minus green minus blue, and blue minus the others
    for channel, sign in ((0, 1), (1, -1), (2, -1)):
        weights[0, channel] = sign / SIDE**2
        weights[1, 2 - channel] = sign / SIDE**2
    middles = (np.arange(CELLS, dtype=np.float32) + 0.5) * SIDE
    x, y = np.meshgrid(middles, middles)
    sizes = np.full(CELLS * CELLS, SIDE, np.float32)
    boxes = np.stack([x.reshape(-1), y.reshape(-1), sizes, sizes])[None]
    nodes = [
        _node("Conv", ["images", "weights"], "seen", kernel_shape=[SIDE, SIDE], strides=[SIDE, SIDE]),
        _node("Reshape", ["seen", "shape"], "scores"),
        _node("Concat", ["boxes", "scores"], "output0", axis=1),
    ]
    kept = {"weights": weights, "shape": np.array([1, 2, CELLS * CELLS], np.int64), "boxes": boxes}
    graph = b"".join(_bytes(1, node) for node in nodes) + _bytes(2, "tiny")
    graph += b"".join(_bytes(5, _tensor(name, array)) for name, array in kept.items())
    graph += _bytes(11, _shaped("images", (1, 3, 640, 640))) + _bytes(12, _shaped("output0", (1, 6, CELLS * CELLS)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13)))
    return path
