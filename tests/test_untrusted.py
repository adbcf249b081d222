"""Pictures and paths from outside: every fault is refused by its code, everything else opened as it is meant."""

from __future__ import annotations

import io
import os
import re
import struct
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from data.kinds import looks_like
from data.pixels import colour, eight_bits, thumbnail
from data.refusals import Note, Refused
from data.untrusted import PictureLimits, inside, open_picture, read_file
from data.wording import NOTES, REFUSALS


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(size=(40, 30), mode="RGB", seed=0) -> Image.Image:
    channels = len(Image.new(mode, (1, 1)).getbands())
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], channels), dtype=np.uint8)
    return Image.fromarray(values.squeeze(), mode)


def png_header(width: int, height: int, depth: int = 1, kind: int = 0) -> bytes:
    """A PNG whose header claims any size; its data is short."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    picture = encoded(noise())
    inflated = b"k\0\0" + zlib.compress(b"\0" * (200 * 2**20), 9)
    chunk = struct.pack(">I", len(inflated)) + b"zTXt" + inflated
    return picture[:33] + chunk + struct.pack(">I", zlib.crc32(b"zTXt" + inflated)) + picture[33:]


JPEG = encoded(noise((200, 150)), "JPEG")
REFUSED = {
    "cut in the middle": (JPEG[: len(JPEG) // 2], "damaged"),
    "twenty bytes short": (JPEG[:-20], "damaged"),
    "only a beginning": (JPEG[:20], "damaged"),
    "nothing": (b"", "empty"),
    "a page": (b"<!DOCTYPE html><html><body>404</body></html>", "not_an_image"),
    "words": (b"this is no picture at all", "not_an_image"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', "not_an_image"),
    "a printed page": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n", "not_an_image"),
    "a document": (b"%PDF-1.7\n", "not_an_image"),
    "2.5 gigapixels": (png_header(50_000, 50_000), "too_many_pixels"),
    "177 megapixels": (png_header(13_300, 13_300), "too_many_pixels"),
    "41 megapixels": (png_header(8_200, 5_001), "too_many_pixels"),
    "a thread": (png_header(65_535, 1), "aspect"),
    "a long thread": (png_header(300_000, 1), "aspect"),
    "a small thread": (encoded(Image.new("L", (5000, 1))), "aspect"),
    "one pixel": (encoded(Image.new("RGB", (1, 1))), "too_small"),
    "seven pixels": (encoded(Image.new("RGB", (7, 90))), "too_small"),
    "a text bomb": (text_bomb(), "damaged"),
}


@pytest.mark.parametrize("data, code", REFUSED.values(), ids=REFUSED)
def test_a_picture_that_cannot_be_taken_is_refused_by_its_code(data, code):
    started = time.perf_counter()
    with pytest.raises(Refused) as caught:
        open_picture(data, name="x.jpg")
    assert (caught.value.code, caught.value.file) == (code, "x.jpg")
    assert time.perf_counter() - started < 2


def test_the_page_saved_by_a_crawler_is_called_so():
    with pytest.raises(Refused, match="HTML page, saved by a crawler"):
        open_picture(REFUSED["a page"][0])


@pytest.mark.parametrize("lang, place", [("en", "row 7"), ("ru", "строка 7")])
def test_a_refusal_says_place_finding_limit_and_remedy_in_both_languages(lang, place):
    said = Refused("aspect", file="a.png", row=7, found="65535 × 1", limit="20 : 1").message(lang)
    assert place in said and "65535 × 1" in said and "20 : 1" in said and said.endswith(".")


def test_russian_messages_hold_no_english_but_what_the_user_wrote():
    ragged = Refused("ragged", file="t.csv", row=3, found="5 fields", limit="3 fields")
    assert ragged.message("ru") == (
        "t.csv, строка 3: В строке не столько полей, сколько в заголовке (полей: 5; допустимо: полей: 3). "
        "Текст с разделителями заключите в кавычки."
    )

    assert "(folder)" in Refused("duplicate_id", found="folder").message("ru")
    assert "(папка)" in Refused("not_a_file", found="folder").message("ru")


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_words_in_both_languages(code):
    english, russian = (Refused(code, found="x", row=2).message(lang) for lang in ("en", "ru"))
    assert re.search("[а-я]", russian) and not re.search("[а-я]", english) and english != russian


@pytest.mark.parametrize("code", NOTES)
def test_every_note_has_words_in_both_languages(code):
    english, russian = (Note(code, 3, rows=(2, 3)).message(lang) for lang in ("en", "ru"))
    assert re.search("[а-я]", russian) and not re.search("[а-я]", english)
    assert "rows 2, 3 …" in english and "строки 2, 3 …" in russian


def test_every_code_used_in_the_room_has_words():
    """A code without words would be a KeyError on somebody's screen."""
    source = "".join(path.read_text("utf-8") for path in (Path(__file__).parent.parent / "data").glob("*.py"))
    used = set(re.findall(r"(?:Refused|Refusal|problem)\(\s*\"(\w+)\"", source))
    assert len(used) > 25 and used <= set(REFUSALS)
    noted = set(re.findall(r"(?:Note|note)\(\"(\w+)\"", source)) - {"deep"}
    assert len(noted) > 10 and noted <= set(NOTES)


def test_limits_are_held_against_the_header_before_anything_is_decoded():
    """177 megapixels would take 1.3 GB and seconds to decode."""
    started = time.perf_counter()
    for _ in range(20):
        with pytest.raises(Refused, match="pixels"):
            open_picture(png_header(13_300, 13_300))
    assert (time.perf_counter() - started) / 20 < 0.1


def test_limits_can_be_set():
    with pytest.raises(Refused) as caught:
        open_picture(encoded(noise((40, 30))), PictureLimits(pixels=1000))
    assert (caught.value.code, caught.value.limit) == ("too_many_pixels", "1,000 pixels")
    assert open_picture(encoded(Image.new("RGB", (100, 4))), PictureLimits(side=2, aspect=30)).size == (100, 4)


def test_a_file_over_the_size_limit_is_refused_unread(tmp_path):
    (tmp_path / "x.png").write_bytes(bytes(1001))
    with pytest.raises(Refused) as caught:
        open_picture(tmp_path / "x.png", PictureLimits(bytes=1000))
    assert (caught.value.code, caught.value.found, caught.value.limit) == ("too_big", "1,001 bytes", "1,000 bytes")


def test_a_pipe_named_like_a_picture_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "x.jpg")
    done = threading.Event()

    def attempt() -> None:
        with pytest.raises(Refused, match="ordinary file"):
            open_picture(tmp_path / "x.jpg")
        done.set()

    threading.Thread(target=attempt, daemon=True).start()
    assert done.wait(5)


def test_a_folder_and_a_device_are_no_pictures(tmp_path):
    (tmp_path / "x.jpg").mkdir()
    for path in (tmp_path / "x.jpg", Path("/dev/null")):
        with pytest.raises(Refused) as caught:
            open_picture(path)
        assert caught.value.code in ("not_a_file", "unreadable")


# what is opened, and how


def test_a_truth_picture_comes_back_pixel_by_pixel():
    picture = noise()
    opened = open_picture(encoded(picture), name="x.png")
    assert np.array_equal(np.asarray(opened.picture), np.asarray(picture)) and opened.notes == ()


def test_a_png_named_jpg_is_taken_with_a_note():
    assert open_picture(encoded(noise()), name="x.jpg").notes == ("extension:PNG",)


def test_sixteen_bit_grey_keeps_its_ramp():
    """convert("RGB") alone would turn 98 % of this ramp white."""
    ramp = np.linspace(0, 65535, 256 * 64).astype(np.uint16).reshape(64, 256)
    opened = open_picture(encoded(Image.fromarray(ramp)))
    values = np.asarray(opened.picture)[..., 0]
    assert "deep" in opened.notes and len(np.unique(values)) == 256
    assert np.abs(values.astype(int) - np.rint(ramp / 257.0).astype(int)).max() == 0


def test_float_tiff_from_nought_to_one_does_not_turn_black():
    ramp = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    opened = open_picture(encoded(Image.fromarray(ramp), "TIFF"))
    values = np.asarray(opened.picture)[..., 0]
    assert "deep" in opened.notes and (values.min(), values.max()) == (0, 255) and len(np.unique(values)) >= 64


@pytest.mark.parametrize(
    "values, expected",
    [([0, 128, 255], [0, 128, 255]), ([0.0, 0.5, 1.0], [0, 128, 255]), ([-2.0, 0.0, 2.0], [0, 128, 255]),
     ([float("nan"), 0.0, 1.0], [0, 0, 255]), ([7.0, 7.0, 7.0], [7, 7, 7])],
)  # fmt: skip
def test_floats_are_scaled_by_the_range_they_fit(values, expected):
    grey = eight_bits(Image.fromarray(np.array([values], dtype=np.float32)))
    assert np.asarray(grey)[0].tolist() == expected


def test_a_black_design_on_a_transparent_ground_stays_visible():
    design = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    design.paste((10, 10, 10, 255), (10, 10, 20, 20))
    opened = open_picture(encoded(design))
    assert opened.notes == ("transparent",)
    assert {tuple(pixel) for pixel in np.asarray(opened.picture).reshape(-1, 3)} == {(10, 10, 10), (255, 255, 255)}
    on_blue = open_picture(encoded(design), background=(0, 0, 255)).picture
    assert on_blue.getpixel((0, 0)) == (0, 0, 255)


def test_palette_and_grey_with_transparency_are_laid_on_the_background():
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([0, 0, 0, 200, 10, 10])
    palette.paste(1, (5, 5, 10, 10))
    opened = open_picture(encoded(palette, transparency=0))
    assert opened.picture.getpixel((0, 0)) == (255, 255, 255) and opened.picture.getpixel((6, 6)) == (200, 10, 10)
    grey = open_picture(encoded(Image.new("LA", (20, 20), (0, 128))))
    assert grey.picture.getpixel((3, 3)) == (127, 127, 127)


def test_cmyk_is_converted_with_a_note():
    opened = open_picture(encoded(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG"))
    assert "cmyk" in opened.notes
    red, green, blue = opened.picture.getpixel((5, 5))
    assert red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize("orientation, size, corner", [(1, (40, 30), (0, 0)), (3, (40, 30), (39, 29)),
                                                       (6, (30, 40), (29, 0)), (8, (30, 40), (0, 39)),
                                                       (99, (40, 30), (0, 0))])  # fmt: skip
def test_a_photograph_is_turned_as_the_camera_says(orientation, size, corner):
    picture = Image.new("RGB", (40, 30), "white")
    picture.paste("black", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_picture(encoded(picture, "JPEG", exif=exif, quality=95))
    assert opened.picture.size == size and opened.picture.getpixel(corner)[0] < 40
    assert ("rotated" in opened.notes) == (orientation in (3, 6, 8))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken_and_the_frames_counted(kind):
    frames = [Image.new("RGB", (20, 20), shade) for shade in ("red", "green", "blue")]
    opened = open_picture(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
    red, green, blue = opened.picture.getpixel((5, 5))
    assert red > 240 and green < 15 and blue < 15 and "animated:3" in opened.notes


def test_a_picture_of_one_colour_is_taken_with_a_note():
    assert open_picture(encoded(Image.new("RGB", (20, 20), "teal"))).notes == ("one_colour",)


def test_a_script_behind_a_picture_is_not_in_the_thumbnail():
    opened = open_picture(JPEG + b"<script>alert(1)</script>", name="x.jpg")
    assert b"script" not in thumbnail(opened.picture)


def test_a_thumbnail_is_a_webp_of_at_most_256_pixels_and_never_enlarged():
    small = Image.open(io.BytesIO(thumbnail(noise((800, 600)))))
    assert (small.format, small.size) == ("WEBP", (256, 192))
    assert Image.open(io.BytesIO(thumbnail(noise((40, 30))))).size == (40, 30)


def test_a_big_photograph_may_be_decoded_smaller_and_is_still_read_to_its_end():
    big = encoded(noise((1600, 1200)), "JPEG")
    opened = open_picture(big, draft=512)
    assert opened.size == (1600, 1200) and opened.picture.size == (800, 600)
    with pytest.raises(Refused, match="damaged"):
        open_picture(big[: len(big) // 2], draft=512)


def test_broken_exif_does_not_lose_the_picture():
    exif = b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 40
    assert open_picture(encoded(noise(), "JPEG", exif=exif)).picture.size == (40, 30)


def test_spoilt_bytes_give_a_picture_or_a_refusal_and_nothing_else():
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    random, ended = np.random.default_rng(seed), {"refused": 0, "opened": 0}
    originals = [encoded(noise((24, 24)), kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")]
    for number in range(3000):
        data = bytearray(originals[number % len(originals)])
        for _ in range(int(random.integers(1, 9))):
            data[int(random.integers(len(data)))] = int(random.integers(256))
        try:
            picture = open_picture(bytes(data)).picture
        except Refused as refused:
            assert refused.code, seed
            ended["refused"] += 1
        else:
            assert picture.width > 0 and picture.height > 0, seed
            ended["opened"] += 1
    assert ended["refused"] > 0 and ended["opened"] > 0, (seed, ended)


@pytest.mark.parametrize("text", ["white", "#fff", "#gggggg", "", "#ffffff00"])
def test_a_background_that_is_no_colour_is_named(text):
    with pytest.raises(ValueError, match="#rrggbb"):
        colour(text)


def test_what_a_file_looks_like_is_said_in_words():
    assert looks_like(b"\x00\x00\x00\x18ftypheic") == "HEIC picture of a phone"
    assert looks_like(b"\x00\xff\x13\x37" * 8).startswith("starts with 00 ff")


# paths


@pytest.fixture
def root(tmp_path):
    (tmp_path / "outside.png").write_bytes(encoded(noise()))
    inner = tmp_path / "root"
    (inner / "sub").mkdir(parents=True)
    (inner / "sub" / "a.png").write_bytes(encoded(noise()))
    (inner / "link.png").symlink_to(inner / "sub" / "a.png")
    (inner / "out.png").symlink_to(tmp_path / "outside.png")
    (inner / "far").symlink_to(tmp_path)
    (inner / "lost.png").symlink_to(tmp_path / "nowhere.png")
    return inner


@pytest.mark.parametrize(
    "relative, code",
    [("../outside.png", "unsafe_path"), ("sub/../../outside.png", "unsafe_path"), ("/etc/passwd", "unsafe_path"),
     ("..\\outside.png", "unsafe_path"), ("C:\\x.png", "unsafe_path"), ("c:x.png", "unsafe_path"),
     ("sub/a.png\0.jpg", "unsafe_path"), ("a" * 5000, "unsafe_path"), ("~/x.png", "unsafe_path"),
     ("out.png", "unsafe_path"), ("far/outside.png", "unsafe_path"), ("lost.png", "unsafe_path"),
     ("\\\\server\\share\\x.png", "unsafe_path"), ("https://example.org/a.png", "remote_picture"),
     ("file:///etc/passwd", "remote_picture"), ("//example.org/a.png", "remote_picture"),
     ("sub", "not_a_file"), ("", "not_a_file"), ("nowhere.png", "missing_file"), ("sub/a.png/b", "missing_file"),
     ("a" * 255 + "/" + "b" * 300, "missing_file")],
)  # fmt: skip
def test_a_path_that_leaves_its_folder_is_refused_unopened(root, relative, code):
    with pytest.raises(Refused) as caught:
        inside(root, relative)
    assert caught.value.code == code


@pytest.mark.parametrize("relative", ["sub/a.png", "./sub/a.png", "sub\\a.png", "link.png", "sub//a.png"])
def test_a_path_that_stays_inside_is_followed(root, relative):
    assert inside(root, relative) == (root / "sub" / "a.png").resolve()


def test_a_name_composed_otherwise_than_the_file_is_found(root):
    """Archives made on a Mac hold й as two characters; the table usually as one."""
    (root / "и\u0306од.png").write_bytes(encoded(noise()))
    (root / "ёж.png").write_bytes(encoded(noise()))
    assert inside(root, "йод.png").name == "и\u0306од.png"
    assert inside(root, "е\u0308ж.png").name == "ёж.png"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(["..", ".", "sub", "far", "out.png", "a.png", "/", "\\", ""]),
                                       max_size=8).map("/".join))  # fmt: skip
@example("far/root/sub/a.png")
def test_no_path_ever_leads_out_of_its_folder(tmp_path_factory, relative):
    base = tmp_path_factory.getbasetemp() / "resolver"
    if not base.exists():
        (base / "root" / "sub").mkdir(parents=True)
        (base / "root" / "sub" / "a.png").write_bytes(b"x")
        (base / "secret.png").write_bytes(b"x")
        (base / "root" / "far").symlink_to(base)
        (base / "root" / "out.png").symlink_to(base / "secret.png")
    try:
        found = inside(base / "root", relative)
    except Refused:
        return
    assert found.is_relative_to((base / "root").resolve()) and found.is_file()


def test_reading_says_why_it_cannot(tmp_path):
    with pytest.raises(Refused, match="not there"):
        read_file(tmp_path / "x", 10)


# the house


def test_truncated_pictures_are_never_allowed_and_limits_never_lifted():
    """LOAD_TRUNCATED_IMAGES makes half a picture pass with its lower half grey."""
    project = Path(__file__).parent.parent
    sources = [path for room in ("data", "eval", "app", "pages") for path in (project / room).rglob("*.py")]
    assert len(sources) > 20
    for path in sources:
        assert not re.search(r"LOAD_TRUNCATED_IMAGES\s*=|MAX_IMAGE_PIXELS\s*=", path.read_text("utf-8")), path


def test_a_bomb_in_a_colour_profile_is_refused_or_harmless():
    profile = b"x\0\0" + zlib.compress(b"\0" * (100 * 2**20), 9)
    data = encoded(noise())
    chunk = struct.pack(">I", len(profile)) + b"iCCP" + profile + struct.pack(">I", zlib.crc32(b"iCCP" + profile))
    try:
        open_picture(data[:33] + chunk + data[33:])
    except Refused as refused:
        assert refused.code == "damaged"


def test_metadata_of_a_png_does_no_harm():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>")
    assert open_picture(encoded(noise(), pnginfo=info)).notes == ()
