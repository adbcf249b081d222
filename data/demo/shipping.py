"""The gallery as it ships: one ZIP with the table and its pictures as AVIF; `make demo` draws and packs it again."""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

from data import storage
from data.demo.building import TABLE, build

SHIPPED = Path(__file__).resolve().parents[1] / "bundled" / "demo" / "embroidery.zip"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is packed


def pack(folder: Path, target: Path) -> int:
    """Pack the table and pictures that `build` drew into `folder` as `target`; returns its size in bytes."""
    storage.make_folder(target.parent)
    with storage.replacing(target) as part, zipfile.ZipFile(part, "w") as packed:
        packed.writestr(zipfile.ZipInfo(TABLE, _LONG_AGO), (folder / TABLE).read_bytes(), zipfile.ZIP_DEFLATED)
        for picture in sorted((folder / "pictures").iterdir()):
            packed.writestr(zipfile.ZipInfo(f"pictures/{picture.name}", _LONG_AGO), picture.read_bytes())
    return target.stat().st_size


def main(target: Path = SHIPPED) -> None:
    """Draw the gallery and pack it."""
    with tempfile.TemporaryDirectory() as name:
        size = pack(build(Path(name) / "gallery", kind="avif").parent, target)
    sys.stdout.write(f"{target}: {size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
