"""A decoded picture as it is meant: upright, 8 bits, transparency on a stated background, RGB."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

Colour = tuple[int, int, int]
_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")


def colour(text: str) -> Colour:
    """`#rrggbb` → three numbers 0–255; ValueError for anything else."""
    digits = text.removeprefix("#")
    try:
        if len(digits) != 6:
            raise ValueError
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        raise ValueError(f"Background {text!r} is not a colour; write it as #rrggbb, e.g. #ffffff for white") from None
    return red, green, blue


def flattened(picture: Image.Image, background: Colour) -> tuple[Image.Image, tuple[str, ...]]:
    """A loaded picture → upright RGB on `background`, with notes (`code` or `code:detail`) on what was done."""
    notes = []
    shallow = picture
    if picture.mode in _DEEP:
        shallow = eight_bits(picture)
        notes.append("deep")
    if picture.mode == "CMYK":
        notes.append("cmyk")
    if shallow.has_transparency_data:
        rgb, used = _on_background(shallow, background)
        notes += ["transparent"] if used else []
    else:
        rgb = shallow.convert("RGB") if shallow.mode != "RGB" else shallow.copy()
    if turn := _TURNS.get(_orientation(picture)):
        rgb = rgb.transpose(turn)
        notes.append("rotated")
    if all(low == high for low, high in rgb.getextrema()):  # type: ignore[misc]
        notes.append("one_colour")
    if frames := _frames(picture):
        notes.append(f"animated:{frames}")
    return rgb, tuple(notes)


def _orientation(picture: Image.Image) -> int:
    try:
        orientation = picture.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # broken EXIF is no reason to lose the picture
        return 1
    return orientation if isinstance(orientation, int) else 1


def eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits, 32 bits or floats → grey of 8 bits.

    16-bit modes go by their full range (65535 → 255); integers and floats by 0–1 (floats), 0–255 or 0–65535, whichever
    they fit, else from their smallest to their greatest value.
    """
    import numpy as np

    values = np.asarray(picture).astype(np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if picture.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    elif low >= 0:
        ranges = (1.0, 255.0, 65535.0) if picture.mode == "F" else (255.0, 65535.0)
        low, high = 0.0, next((top for top in ranges if high <= top), high)
    scaled = (values - low) * (255.0 / ((high - low) or 1.0))
    return Image.fromarray(np.rint(scaled).astype(np.uint8))


def _on_background(picture: Image.Image, background: Colour) -> tuple[Image.Image, bool]:
    rgba = picture.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (255, 255):
        return rgba.convert("RGB"), False
    ground = Image.new("RGBA", rgba.size, (*background, 255))
    ground.alpha_composite(rgba)
    return ground.convert("RGB"), True


def _frames(picture: Image.Image) -> int:
    """How many frames an animation or a stack has, 0 for a single one; pictures of phones (MPO) count as single."""
    if picture.format == "MPO":
        return 0
    try:
        frames = int(getattr(picture, "n_frames", 1))
    except Exception:  # a broken later frame does not concern the first
        return 0
    return frames if frames > 1 else 0


def thumbnail(picture: Image.Image, side: int = 256) -> bytes:
    """RGB → a freshly encoded WebP whose longer side is at most `side` pixels; never enlarged."""
    longer = max(picture.size)
    small = picture
    if longer > side:
        size = (max(1, round(picture.width * side / longer)), max(1, round(picture.height * side / longer)))
        small = picture.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    buffer = BytesIO()
    small.save(buffer, "WEBP", quality=80, method=1)
    return buffer.getvalue()
