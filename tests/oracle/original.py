"""What the original ruclip and youtokentome say about the inputs; runs in .parity, knows nothing of Uzor."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import huggingface_hub
import numpy as np
import ruclip
import torch  # noqa: TID253 - nothing else is done here
import youtokentome
from PIL import Image

B32 = {
    "embed_dim": 512, "image_resolution": 224, "vision_layers": 12, "vision_width": 768, "vision_patch_size": 32,
    "context_length": 77, "transformer_width": 512, "transformer_heads": 8, "transformer_layers": 12,
}  # fmt: skip


def check_environment() -> dict[str, str]:
    """The versions in use; exits when the app's packages stand before the oracle's own."""
    used = [huggingface_hub.__file__, ruclip.__file__, youtokentome.__file__]
    if huggingface_hub.__version__ != "0.25.2" or not all(".parity" in path for path in used):
        sys.exit(f"not the oracle's own packages: {used}")
    return {"ruclip": ruclip.__version__, "youtokentome": "1.0.6", "torch": torch.__version__, "numpy": np.__version__}


def learn(out: Path, name: str, corpus: str, size: int) -> Path:
    """A BPE model trained by youtokentome itself on a corpus."""
    path = out / f"{name}.bpe"
    youtokentome.BPE.train(str(out / corpus), str(path), size, coverage=0.9995, n_threads=1)
    return path


def base_model(out: Path, bpe: Path) -> None:
    """b32/: a ruCLIP ViT-B/32 with ruclip's own random initial weights."""
    folder = out / "b32"
    folder.mkdir()
    shutil.copy(bpe, folder / "bpe.model")
    vocabulary = youtokentome.BPE(str(bpe)).vocab_size()
    config = B32 | {"vocab_size": vocabulary}
    (folder / "config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    torch.save(ruclip.CLIP(**config).state_dict(), folder / "pytorch_model.bin")


def answers(folder: Path, texts: list[str], pictures: list[Path], batch: int) -> dict[str, np.ndarray]:
    """Token rows of all texts, and pixels and unnormalised features of the pictures and of the first 200 texts."""
    model = ruclip.CLIP.from_pretrained(str(folder)).eval()
    processor = ruclip.RuCLIPProcessor.from_pretrained(str(folder))
    rows = np.stack([processor.encode_text(text).numpy() for text in texts]).astype(np.int32)
    pixels = torch.stack([processor(images=[Image.open(path)])["pixel_values"][0] for path in pictures])
    chosen = torch.from_numpy(rows[:200].astype(np.int64))
    with torch.no_grad():
        images = torch.cat([model.encode_image(part) for part in pixels.split(batch)])
        words = torch.cat([model.encode_text(part) for part in chosen.split(batch)])
    return {"rows": rows, "pixels": pixels.numpy(), "images": images.numpy(), "texts": words.numpy()}


def main(out: Path) -> None:
    """Write learnt.bpe, small.bpe, b32/ and one .npz of answers for each model into `out`."""
    torch.set_num_threads(1)
    versions = check_environment()
    learnt, small = learn(out, "learnt", "corpus.txt", 2000), learn(out, "small", "own.txt", 300)
    texts = json.loads((out / "strings.json").read_text("utf-8"))
    pictures = sorted((out / "pictures").iterdir())
    base_model(out, learnt)
    for name, batch in (("tiny", 1), ("mini-ruclip", 5), ("b32", 8)):
        np.savez(out / f"{name}.npz", **answers(out / name, texts, pictures, batch))
    raw = {
        str(bpe): [model.encode([text.lower()], output_type=youtokentome.OutputType.ID)[0] for text in texts]
        for bpe in (out / "tiny" / "bpe.model", out / "mini-ruclip" / "bpe.model", learnt, small)
        for model in [youtokentome.BPE(str(bpe))]
    }
    (out / "ids.json").write_text(json.dumps(raw))
    (out / "versions.json").write_text(json.dumps(versions))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
