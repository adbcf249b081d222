"""Embroidery files from outside: read within limits, refused by code and name, imported alone, in folders and ZIPs."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_stitching import PALETTE, motif
from test_untrusted import noise

from data import archives, catalogue, sources
from data.demo import stitching
from data.designs import ATTRIBUTES, DesignLimits, described, opened, picture
from data.embroidery import WRITABLE, Embroidery, written
from data.errors import Cancelled
from data.importers import import_catalogue
from data.kinds import DESIGNS
from data.refusals import Note, Refused
from data.wording import NOTES, REFUSALS

CAT = stitching.sewn(motif("cat"), PALETTE, "tatami", 3)
FILES = {form: written(CAT, form) for form in WRITABLE}


def hus(count: int) -> bytes:
    return struct.pack("<III8x3I10x", 0x00C8AF5B, count, 1, 42, 44, 46) + b"\0" * 30


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(report) -> dict[str, str]:
    return {refusal.file: refusal.code for refusal in report.refusals}


# one file


def test_a_design_says_its_size_stitches_colours_and_threads():
    design = opened(FILES["PES"], "Cat.PES")
    width, height = CAT.size_mm
    assert tuple(design.attributes) == ATTRIBUTES
    assert design.attributes["stitches"] == str(CAT.stitches) and design.attributes["formats"] == "PES"
    assert design.attributes["colours"] == str(CAT.colours) == str(len(design.attributes["threads"].split(", ")))
    shown = [float(side) for side in design.attributes["size_mm"].split(" × ")]
    assert shown == pytest.approx([width, height], abs=0.11)
    assert described(CAT)["threads"].split(", ")[0] == "U115 fox"


def test_a_hus_file_is_read_though_nothing_here_writes_one():
    """Its three streams are packed by hand: tables of one symbol each, so that every stitch is the same."""

    def stream(value: int) -> bytes:
        bits = f"{100:016b}" + f"{0:05b}{0:05b}" + f"{0:09b}{value:09b}" + f"{0:05b}{0:05b}"
        return int(bits.ljust(64, "0"), 2).to_bytes(8, "big")

    head = struct.pack("<III8xIII8xHH", 0x00C8AF5B, 100, 1, 44, 52, 60, 0, 3)
    assert len(head) == 44
    design = opened(head + stream(0x80) + stream(10) + stream(0), "line.hus")  # each 1 mm to the right
    assert 100 <= design.embroidery.stitches <= 101 and design.known and design.embroidery.colours == 1
    assert design.embroidery.size_mm == pytest.approx((design.embroidery.stitches, 0), abs=0.01)


def test_a_format_without_colours_gets_colours_of_ours_and_says_so():
    design = opened(FILES["EXP"], "cat.exp")
    assert not design.known and design.attributes["threads"] == ""
    assert design.embroidery.colours == len(design.embroidery.blocks)


@pytest.mark.parametrize(("data", "name", "code"), [
    (b"", "a.pes", "empty"),
    (FILES["PES"], "a.emb", "unknown_design"),
    (b"<html>404</html>", "a.dst", "not_a_design"),
    (noise().tobytes()[:600], "a.pes", "not_a_design"),
    (FILES["DST"], "a.vp3", "not_a_design"),
    (FILES["PES"][:100], "a.pes", "damaged"),
    (FILES["DST"][:512], "a.dst", "no_stitches"),
    (FILES["JEF"][:60], "a.jef", "damaged"),
    (b"\x80\x80\x00\x00", "a.exp", "no_stitches"),
    (hus(0), "a.hus", "no_stitches"),
    (hus(4_000_000_000), "a.hus", "too_many_stitches"),
    (b"\x01\x00" * 500_001, "a.exp", "too_many_stitches"),
    (b"\x7f\x00" * 40_000, "a.exp", "design_size"),
    (b"\x7f\x00\x81\x00" * 100_000, "a.exp", "design_size"),
    (b"\x01\x00\x80\x01\x00\x00" * 300, "a.exp", "too_many_colours"),
    (b"\x00" * (6 * 2**20 + 1), "a.exp", "too_big"),
])  # fmt: skip
def test_a_file_that_is_no_design_is_refused_with_its_name_and_reason(data, name, code):
    with pytest.raises(Refused) as caught:
        opened(data, name)
    assert (caught.value.code, caught.value.file) == (code, name)
    assert name in caught.value.message("en") and name in caught.value.message("ru")


def test_random_bytes_give_a_design_or_a_refusal_and_nothing_else():
    rng = np.random.default_rng(11)
    limits = DesignLimits()
    for form in sorted(DESIGNS.values()):
        ended = set()
        for _ in range(12):
            data = bytes(rng.integers(0, 256, int(rng.integers(1, 3000)), dtype=np.uint8))
            ended.add(_opened_or_refused(data, f"a.{form.lower()}", limits))
        assert ended and ended <= {"design", "refusal"}, form


@pytest.mark.parametrize("form", WRITABLE)
def test_a_file_changed_or_cut_anywhere_gives_a_design_or_a_refusal(form):
    rng = np.random.default_rng(5)
    small = stitching.sewn(motif("word", 40), PALETTE, "outline", 0)
    whole = written(small, form)
    ended = []
    for _ in range(40):
        data = bytearray(whole[: int(rng.integers(1, len(whole)))] if rng.random() < 0.5 else whole)
        for at in rng.integers(0, len(data), 4):
            data[at] = int(rng.integers(0, 256))
        ended.append(_opened_or_refused(bytes(data), f"a.{form.lower()}", DesignLimits()))
    assert len(ended) == 40 and set(ended) <= {"design", "refusal"}


def _opened_or_refused(data: bytes, name: str, limits: DesignLimits) -> str:
    """How it ended, after making sure that it is a sound design or a refusal that names the file."""
    try:
        design = opened(data, name, limits)
    except Refused as error:
        assert error.code in REFUSALS and error.file == name
        return "refusal"
    assert 1 <= design.embroidery.stitches <= limits.stitches
    assert np.isfinite(design.embroidery.points).all()
    return "design"


def test_the_picture_of_a_design_is_the_same_every_time_and_shows_it():
    design = opened(FILES["VP3"], "cat.vp3")
    assert picture(design) == picture(design)
    shown = Image.open(io.BytesIO(picture(design)))
    assert shown.size == (512, 512)
    pixels = np.asarray(shown).astype(int)
    fox = (np.abs(pixels - np.array(PALETTE["main"].rgb)).max(axis=2) < 60).mean()
    assert fox > 0.1


def test_a_pale_design_lies_on_darker_cloth():
    pale = Embroidery(CAT.points, np.zeros_like(CAT.colour), CAT.jump, (PALETTE["light"],))
    one, other = (opened(written(e, "VP3"), "a.vp3") for e in (pale, CAT))
    corner = [np.asarray(Image.open(io.BytesIO(picture(design))))[:20, :20].mean() for design in (one, other)]
    assert corner[0] < 190 < corner[1]


# a folder


def test_a_folder_of_designs_becomes_a_catalogue_with_what_they_say(tmp_path):
    root = tmp_path / "shop"
    (root / "cats").mkdir(parents=True)
    (root / "cats" / "red_cat.pes").write_bytes(FILES["PES"])
    (root / "cats" / "red_cat.DST").write_bytes(FILES["DST"])
    (root / "heart.jef").write_bytes(written(stitching.sewn(motif("heart"), PALETTE, "satin", 1), "JEF"))
    (root / "boat.vp3").write_bytes(FILES["VP3"])
    noise(seed=3).save(root / "boat.png")
    (root / "broken.pes").write_bytes(FILES["PES"][:90])
    (root / "broken.exp").write_bytes(FILES["EXP"])
    (root / "cut.pes").write_bytes(FILES["PES"][:90])
    (root / "empty.dst").write_bytes(b"")
    (root / "wilcom.emb").write_bytes(b"\xd0\xcf\x11\xe0")
    (root / "readme.doc").write_text("x")
    os.mkfifo(root / "pipe.dst")
    (root / "out.pes").symlink_to(tmp_path / "elsewhere.pes")
    (tmp_path / "elsewhere.pes").write_bytes(FILES["PES"])
    report = import_catalogue(root, tmp_path / "home")
    loaded = catalogue.load(tmp_path / "home", "shop")
    assert loaded.ids == ("boat", "broken", "cats/red_cat", "heart")
    assert refused(report) == {"cut.pes": "damaged", "empty.dst": "empty", "wilcom.emb": "unknown_design",
                               "pipe.dst": "not_a_file", "out.pes": "unsafe_path"}  # fmt: skip
    assert report.rows == 9 == report.ready + report.refused
    cat = loaded.item("cats/red_cat")
    assert (cat["title"], cat["category"], cat["formats"]) == ("red cat", "cats", "PES, DST")
    assert (cat["stitches"], cat["colours"]) == (str(CAT.stitches), str(CAT.colours))
    assert loaded.item("boat")["stitches"] == str(CAT.stitches)  # a picture beside its design
    assert loaded.picture("boat").size == (40, 30) and loaded.picture("cats/red_cat").size == (512, 512)
    notes = {note.code: note for note in report.notes}
    assert notes["other_format"].found == "broken.pes [damaged]" and notes["colours_unknown"].count == 1
    assert Note("other_files", 1, "readme.doc") in report.notes
    assert loaded.thumbnail("heart").is_file()


def test_a_design_alone_becomes_a_catalogue_of_one(tmp_path):
    (tmp_path / "cat.pes").write_bytes(FILES["PES"])
    (tmp_path / "other.pes").write_bytes(FILES["PES"])
    report = import_catalogue(tmp_path / "cat.pes", tmp_path / "home")
    assert (report.catalogue, report.ready, report.refused) == ("cat", 1, 0)
    assert catalogue.load(tmp_path / "home", "cat").item("cat")["stitches"] == str(CAT.stitches)


def test_a_table_may_name_designs_as_pictures_and_keeps_its_own_columns(tmp_path):
    (tmp_path / "cat.pes").write_bytes(FILES["PES"])
    (tmp_path / "t.csv").write_text("id,title,image,stitches\n1,Кот,cat.pes,about 3000\n2,Дом,none.pes,5\n", "utf-8")
    report = import_catalogue(tmp_path / "t.csv", tmp_path / "home")
    item = catalogue.load(tmp_path / "home", "t").item("1")
    assert (item["stitches"], item["stitches (design)"]) == ("about 3000", str(CAT.stitches))
    assert refused(report) == {"none.pes": "missing_file"}


def test_importing_the_same_designs_again_changes_nothing(tmp_path):
    (tmp_path / "a.pes").write_bytes(FILES["PES"])
    assert not import_catalogue(tmp_path / "a.pes", tmp_path / "home").unchanged
    assert import_catalogue(tmp_path / "a.pes", tmp_path / "home").unchanged


def test_a_catalogue_of_pictures_gets_no_columns_of_designs(tmp_path):
    (tmp_path / "p").mkdir()
    noise().save(tmp_path / "p" / "a.png")
    import_catalogue(tmp_path / "p", tmp_path / "home")
    assert not set(ATTRIBUTES) & set(catalogue.load(tmp_path / "home", "p").table.columns)


# a ZIP


def test_a_zip_of_designs_and_pictures_is_imported_like_a_folder_and_leaves_nothing_behind(tmp_path):
    path = zipped(tmp_path / "shop.zip", {
        "cats/cat.pes": FILES["PES"], "cats/cat.dst": FILES["DST"], "b.png": b"", "__MACOSX/cats/._cat.pes": b"x",
        "licence.pdf": b"%PDF", "wilcom.emb": b"\0",
    })  # fmt: skip
    report = import_catalogue(path, tmp_path / "home")
    assert catalogue.load(tmp_path / "home", "shop").ids == ("cats/cat",)
    assert refused(report) == {"b.png": "empty", "wilcom.emb": "unknown_design"}
    assert Note("other_files", 1, "licence.pdf") in report.notes
    assert list((tmp_path / "home" / "staging").iterdir()) == []


@pytest.mark.parametrize("step", ["unpack", "pictures", "write"])
def test_an_import_of_a_zip_cancelled_at_any_step_leaves_nothing(tmp_path, step):
    path = zipped(tmp_path / "shop.zip", {"cat.pes": FILES["PES"], "boat.dst": FILES["DST"]})

    def stop(done: int, total: int, at: str) -> None:
        if at == step:
            raise Cancelled

    with pytest.raises(Cancelled):
        import_catalogue(path, tmp_path / "home", progress=stop)
    assert not catalogue.names(tmp_path / "home")
    assert list((tmp_path / "home" / "staging").iterdir()) == []


def test_a_zip_with_one_table_is_read_by_it(tmp_path):
    picture_ = io.BytesIO()
    noise().save(picture_, "PNG")
    members = {"shop/products.csv": "id;название;картинка\n7;Кот;img/a.png\n".encode("cp1251")}
    path = zipped(tmp_path / "x.zip", members | {"shop/img/a.png": picture_.getvalue()})
    import_catalogue(path, tmp_path / "home")
    assert catalogue.load(tmp_path / "home", "x").item("7")["title"] == "Кот"


def hostile(path: Path) -> Path:
    """A ZIP with one good member and one of each that must not be unpacked."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.pes", FILES["PES"])
        for name in ("../up.pes", "/abs.pes", "C:\\drive.pes", "a/../../b.pes", "con.pes", "x" * 210 + ".pes"):
            archive.writestr(name, FILES["PES"])
        link = zipfile.ZipInfo("link.pes")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.png", b"\0" * 30_000_000)
        archive.writestr("GOOD.PES", FILES["PES"])
        old = zipfile.ZipInfo("locked.pes")
        archive.writestr(old, FILES["PES"])
    data = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):  # say of the last member that it is encrypted
        data[data.rindex(signature) + at] |= 1
    path.write_bytes(data)
    return path


def test_hostile_members_are_refused_by_name_and_the_rest_is_imported(tmp_path):
    report = import_catalogue(hostile(tmp_path / "h.zip"), tmp_path / "home")
    assert report.ready == 1 and catalogue.load(tmp_path / "home", "h").ids == ("good",)
    found = refused(report)
    assert found == {
        "../up.pes": "unsafe_path", "/abs.pes": "unsafe_path", "C:\\drive.pes": "unsafe_path",
        "a/../../b.pes": "unsafe_path", "con.pes": "unsafe_path", ("x" * 210 + ".pes")[:200]: "unsafe_path",
        "link.pes": "symlink", "bomb.png": "too_big", "GOOD.PES": "duplicate_member", "locked.pes": "encrypted",
    }  # fmt: skip
    assert not list(tmp_path.glob("*.pes")) and sorted(p.name for p in tmp_path.iterdir()) == ["h.zip", "home"]


def test_a_member_that_lies_about_its_size_or_sum_is_refused_and_the_others_stay(tmp_path):
    path = zipped(tmp_path / "a.zip", {"bad.pes": FILES["PES"], "good.pes": FILES["PES"]})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 16 : at + 20] = b"\0\1\2\3"  # the checksum in the directory
    path.write_bytes(data)
    refusals, _ = archives.unpack(path, tmp_path / "out")
    assert [(refusal.file, refusal.code) for refusal in refusals] == [("bad.pes", "damaged")]
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["good.pes"]


def test_names_written_by_a_russian_windows_are_read_as_meant(tmp_path):
    path = zipped(tmp_path / "a.zip", {"xxxxxxx.pes": FILES["PES"]})
    path.write_bytes(path.read_bytes().replace(b"xxxxxxx", "вышивка".encode("cp866")))
    archives.unpack(path, tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["вышивка.pes"]


def test_overlapping_members_and_too_many_are_refused_as_a_whole(tmp_path):
    path = zipped(tmp_path / "a.zip", {f"{n}.pes": os.urandom(3000) for n in range(30)})
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    one = data[start : data.index(b"PK\x01\x02", start + 4)]
    entries = b"".join(one.replace(b"0.pes", b"%d.pes" % (n % 10)) for n in range(60))
    end = bytearray(data[data.index(b"PK\x05\x06") :])
    end[8:12] = struct.pack("<HH", 60, 60)
    end[12:16] = struct.pack("<I", len(entries))
    path.write_bytes(data[:start] + entries + end)
    with pytest.raises(Refused) as caught:
        archives.unpack(path, tmp_path / "out")
    assert caught.value.code == "damaged" and "overlap" in caught.value.found
    many = zipped(tmp_path / "m.zip", {f"{n}.pes": b"" for n in range(11)})
    with pytest.raises(Refused, match="too many files"):
        archives.unpack(many, tmp_path / "out", archives.ArchiveLimits(members=10))
    with pytest.raises(Refused, match="too big"):
        archives.unpack(
            zipped(tmp_path / "b.zip", {"a.pes": b"12345"}), tmp_path / "out", archives.ArchiveLimits(bytes=4)
        )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive", FILES["PES"]])
def test_what_only_calls_itself_a_zip_is_refused(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(Refused) as caught:
        import_catalogue(tmp_path / "a.zip", tmp_path / "home")
    assert caught.value.code == ("damaged" if content else "empty") and caught.value.file == "a.zip"


def test_a_zip_cut_anywhere_is_refused_or_read_as_far_as_it_is_whole(tmp_path):
    whole = zipped(tmp_path / "w.zip", {"a.pes": FILES["PES"]}).read_bytes()
    for size in range(1, len(whole), len(whole) // 25):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        with pytest.raises(Refused):
            archives.unpack(tmp_path / "cut.zip", tmp_path / f"out{size}")


def test_only_tables_ask_for_encoding_and_columns(tmp_path):
    for name in ("a.csv", "a.pes", "a.zip", "a.png"):
        (tmp_path / name).write_bytes(b"x")
    assert [sources.is_table(tmp_path / name) for name in ("a.csv", "a.pes", "a.zip", "a.png", ".")] == [
        True, False, False, False, False,
    ]  # fmt: skip


def test_every_word_on_designs_is_there_in_both_languages():
    from data import design_words

    assert set(design_words.DESIGNS) <= set(REFUSALS) and set(design_words.NOTES) <= set(NOTES)
    for (en, do), (ru, делай) in design_words.DESIGNS.values():
        assert en and do and ru != en and делай != do


def test_a_stored_design_has_the_hash_it_is_known_by(tmp_path):
    (tmp_path / "a.pes").write_bytes(FILES["PES"])
    import_catalogue(tmp_path / "a.pes", tmp_path / "home")
    loaded = catalogue.load(tmp_path / "home", "a")
    stored = loaded.picture_path("a")
    assert stored.suffix == ".webp" and hashlib.sha256(stored.read_bytes()).hexdigest() == stored.stem
