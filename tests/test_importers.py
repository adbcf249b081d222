"""Import: tables in any encoding and shape, every row either ready or refused with its number and reason."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from test_untrusted import JPEG, encoded, noise, png_header

from data import catalogue, storage
from data.encodings import russian
from data.errors import Cancelled, Unavailable
from data.gathering import Refusals, gather
from data.importers import Limits, import_catalogue, sniff
from data.refusals import Note, Refusal, Refused, counted
from data.reports import ImportReport
from data.tables import Row, TableLimits, read_rows
from data.untrusted import PictureLimits

EMOJI = Path(__file__).parent.parent.parent / "shared" / "catalogues" / "emoji"
needs_emoji = pytest.mark.skipif(not EMOJI.is_dir(), reason="the emoji catalogue (../shared) is not on this machine")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(6):
        noise((24, 20), seed=number).save(folder / f"{number}.png")
    return folder


def table(folder: Path, text: str | bytes, encoding: str = "utf-8", name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def snapshot(home: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(home).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def codes(report: ImportReport) -> list[tuple[int, str]]:
    return [(refusal.row, refusal.code) for refusal in report.refusals]


# every fault of a picture in one import


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A catalogue with one good row of each kind and one row of each fault; imported once."""
    folder, home = tmp_path_factory.mktemp("faulty"), tmp_path_factory.mktemp("home")
    (folder.parent / "elsewhere.png").write_bytes(encoded(noise()))
    good = {
        "plain.png": encoded(noise()),
        "really-png.jpg": encoded(noise(seed=1)),
        "cmyk.jpg": encoded(Image.new("CMYK", (20, 20), (9, 99, 0, 0)), "JPEG"),
        "deep.png": encoded(Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30) * 70)),
        "black-on-nothing.png": encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0))),
        "one-colour.png": encoded(Image.new("RGB", (20, 20), "red")),
        "script.jpg": JPEG + b"<script>alert(1)</script>",
        "flipped.jpg": JPEG[:5000] + bytes([JPEG[5000] ^ 1]) + JPEG[5001:],
        "same.png": encoded(noise()),
        "same-pixels.bmp": encoded(noise(), "BMP"),
    }
    bad = {
        "cut.jpg": (JPEG[: len(JPEG) // 2], "damaged"),
        "short.jpg": (JPEG[:-20], "damaged"),
        "empty.png": (b"", "empty"),
        "page.jpg": (b"<html>404</html>", "not_an_image"),
        "drawing.png": (b"<svg></svg>", "not_an_image"),
        "printed.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not_an_image"),
        "bomb.png": (png_header(50_000, 50_000), "too_many_pixels"),
        "thread.png": (png_header(65_535, 1), "aspect"),
        "dot.png": (encoded(Image.new("RGB", (1, 1))), "too_small"),
    }
    for name, content in {**good, **{name: content for name, (content, _) in bad.items()}}.items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "out.png").symlink_to(folder.parent / "elsewhere.png")
    expected = {name: code for name, (_, code) in bad.items()} | {
        "pipe.jpg": "not_a_file", "folder.jpg": "not_a_file", "out.png": "unsafe_path", "/etc/passwd": "unsafe_path",
        "../elsewhere.png": "unsafe_path", "..\\elsewhere.png": "unsafe_path", "C:\\x.png": "unsafe_path",
        "nowhere.png": "missing_file", "https://example.org/a.png": "remote_picture",
    }  # fmt: skip
    rows = [f"{number},{image},{image}" for number, image in enumerate([*good, *expected])]
    report = import_catalogue(table(folder, "id,title,image\n" + "\n".join(rows)), home, "faulty")
    return report, catalogue.load(home, "faulty"), list(good), expected


def test_every_faulty_picture_is_refused_with_its_row_and_code_and_the_rest_imported(faulty):
    report, loaded, good, expected = faulty
    wanted = [(number, code) for number, code in enumerate(expected.values(), start=2 + len(good))]
    assert codes(report) == wanted
    assert [refusal.file for refusal in report.refusals] == list(expected)
    assert (report.ready, report.refused, report.rows) == (len(good), len(expected), len(good) + len(expected))
    assert list(loaded.table["title"]) == good


def test_reasons_are_counted_by_code(faulty):
    report, _, _, expected = faulty
    assert report.reasons == {code: list(expected.values()).count(code) for code in set(expected.values())}
    assert report.reasons == counted(report.refusals)


def test_notes_say_what_was_done_to_which_rows(faulty):
    notes = {note.code: note for note in faulty[0].notes}
    assert notes["extension"].rows == (3,) and notes["cmyk"].rows == (4,) and notes["deep"].rows == (5,)
    assert notes["transparent"].rows == (6,) and 7 in notes["one_colour"].rows


def test_equal_pixels_are_stored_once_and_their_items_listed_together(faulty):
    report, loaded, good, _ = faulty
    group = tuple(str(good.index(name)) for name in ("plain.png", "same.png", "same-pixels.bmp"))
    assert group in report.duplicates
    assert len({loaded.picture_path(item) for item in group}) == 1
    stored = [path for path in storage.files_below(loaded.root / "pictures")]
    assert len(stored) == report.pictures == len(set(loaded.table["sha256"]))
    assert len(storage.files_below(loaded.root / "thumbs")) == len(stored)


def test_the_whole_catalogue_equals_its_manifest(faulty):
    assert storage.verify(faulty[1].root) == []


def test_thumbnails_hold_nothing_of_the_original_file(faulty):
    _, loaded, good, _ = faulty
    item = str(good.index("script.jpg"))
    assert b"script" in loaded.picture_path(item).read_bytes()
    assert b"script" not in loaded.thumbnail(item).read_bytes()


def test_refusals_come_as_csv_that_no_spreadsheet_executes(tmp_path):
    refusal = Refusal("missing_file", file="=HYPERLINK(1)", row=2)
    report = ImportReport("c", "", 0, 1, {}, (refusal,), (), {}, "", "", False, 0.0)
    rows = list(csv.DictReader(io.StringIO(report.to_csv("ru"))))
    assert rows[0]["file"] == "'=HYPERLINK(1)" and rows[0]["row"] == "2" and "Картинки нет" in rows[0]["message"]


def test_a_report_survives_being_written_down(faulty):
    report = faulty[0]
    assert ImportReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_a_decoder_that_crashes_or_hangs_costs_only_its_own_picture(tmp_path):
    """The decoding module is replaced by one that dies on «crash» and sleeps on «hang»."""
    from data.decoding import Taken, Task
    from data.workers import Decoders

    module = tmp_path / "hostile.py"
    module.write_text(
        "import json, os, sys, time\nsys.stdin.readline()\nprint(json.dumps({'ready': 1}), flush=True)\n"
        "for line in sys.stdin:\n"
        "    name = json.loads(line)['relative']\n"
        "    if name == 'crash': os.kill(os.getpid(), 11)\n"
        "    if name == 'hang': time.sleep(60)\n"
        "    print(json.dumps({'taken': dict(sha256=name, picture='', thumb='', thumb_sha256='', pixels='', bytes=0,"
        " width=1, height=1, format='', notes=[])}), flush=True)\n"
    )
    names = [f"p{number}" for number in range(40)]
    names[7], names[8], names[21], names[33] = "crash", "crash", "hang", "crash"
    os.environ["PYTHONPATH"] = str(tmp_path)
    try:
        with Decoders(Task("", "#ffffff", PictureLimits()), 2, patience=1.0, module="hostile") as decoders:
            answers = dict(decoders.take((number, "", name) for number, name in enumerate(names)))
    finally:
        del os.environ["PYTHONPATH"]
    assert sorted(answers) == list(range(40))
    lost = {number: answer for number, answer in answers.items() if isinstance(answer, Refusal)}
    assert {number: (refusal.code, refusal.file) for number, refusal in lost.items()} == {
        7: ("damaged", "crash"), 8: ("damaged", "crash"), 21: ("damaged", "hang"), 33: ("damaged", "crash"),
    }  # fmt: skip
    assert all(isinstance(answers[number], Taken) and answers[number].sha256 == names[number]
               for number in answers if number not in lost)  # fmt: skip


def test_a_decoding_process_that_does_not_start_is_said_to_be_so(tmp_path):
    from data.decoding import Task
    from data.workers import Decoders

    with Decoders(Task("", "#ffffff", PictureLimits()), 1, module="there_is_no_such_module") as decoders:
        with pytest.raises(Unavailable, match="does not start"):
            list(decoders.take([(0, "", "a")]))


def test_decoding_processes_may_not_take_all_memory():
    import subprocess
    import sys

    code = (
        "from data import decoding; decoding._limit_memory()\n"
        "try:\n    block = bytearray(3 * 2**30)\nexcept MemoryError:\n    print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    assert done.stdout.strip() == "refused"


# encodings and separators

RUSSIAN = "id;название;картинка;описание\n1;Котёнок;0.png;Пушистый\n2;Щенок и мяч;1.png;Весёлый\n"


@pytest.mark.parametrize("encoding, name", [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1251", "cp1251"),
                                            ("koi8-r", "koi8_r"), ("cp866", "cp866"), ("utf-16", "utf-16"),
                                            ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")])  # fmt: skip
def test_the_encoding_is_recognised_and_named(tmp_path, encoding, name):
    sniffed = sniff(table(tmp_path, RUSSIAN, encoding))
    assert (sniffed.encoding, sniffed.delimiter) == (name, ";")
    assert sniffed.mapping == {"id": "id", "title": "название", "image": "картинка", "description": "описание"}
    assert sniffed.preview[1] == ("2", "Щенок и мяч", "1.png", "Весёлый")
    guessed = encoding not in ("utf-8", "utf-8-sig", "utf-16")
    assert (Note("encoding_guessed", found=name) in sniffed.notes) == guessed


@pytest.mark.parametrize("words", ["название;картинка\nкот", "ВЫШИВКА КРЕСТОМ", "Дождь", "щётка", "Ёлка и шар №5"])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8_r", "cp866"])
def test_russian_reads_best_in_its_own_encoding(words, encoding):
    data = words.encode(encoding, "replace")
    scores = {name: russian(data, name) or -99 for name in ("cp1251", "koi8_r", "cp866")}
    assert max(scores, key=scores.get) == encoding


def test_a_western_encoding_is_not_taken_for_russian(tmp_path):
    assert (
        sniff(table(tmp_path, "id,title,image\n1,café crème,a.png\n2,Österreich,b.png\n", "cp1252")).encoding
        == "cp1252"
    )


def test_an_encoding_nobody_can_guess_is_not_guessed_silently(tmp_path):
    for foreign in (
        "日本語のテキスト".encode("shift_jis"),
        "中文目录".encode("gbk"),
        "Pułapka, żółw, gęś".encode("cp1250"),
    ):
        with pytest.raises(Refused) as caught:
            sniff(table(tmp_path, b"id,title,image\n1," + foreign + b",a.png\n"))
        assert caught.value.code == "encoding" and "not UTF-8, starts with 31 2c" in caught.value.found


def test_the_encoding_can_be_named(tmp_path):
    path = table(tmp_path, RUSSIAN, "cp1251")
    assert sniff(path, encoding="koi8-r").header[1] != "название"
    assert sniff(path, encoding="windows-1251").header[1] == "название"
    with pytest.raises(LookupError, match="utf-8, cp1251"):
        sniff(path, encoding="klingon")


def test_one_row_in_another_encoding_is_refused_alone_with_its_bytes(tmp_path, pictures):
    rows = ["id,title,image", "1,кот,0.png", "2,пёс,1.png", "3,мышь,2.png"]
    data = b"\n".join(row.encode("cp1251" if row.startswith("2") else "utf-8") for row in rows)
    report = import_catalogue(table(tmp_path, data), tmp_path / "home", pictures=pictures)
    assert codes(report) == [(3, "encoding")] and report.ready == 2
    assert report.refusals[0].found == "ef b8 f1" and report.encoding == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_recognised_even_with_commas_in_the_text(tmp_path, delimiter):
    rows = [["id", "title", "image"], ["1", "a, b; c", "x.png"], ["2", "d, e, f", "y.png"]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    sniffed = sniff(table(tmp_path, buffer.getvalue()))
    assert (sniffed.delimiter, [list(row) for row in sniffed.preview]) == (delimiter, rows[1:])


def test_the_separator_line_of_excel_is_understood(tmp_path, pictures):
    report = import_catalogue(
        table(tmp_path, "sep=;\nid;title;image\n1;a;0.png\n"), tmp_path / "home", pictures=pictures
    )
    assert (report.ready, report.refused, report.delimiter) == (1, 0, ";")
    assert [note.code for note in report.notes] == ["separator_line"]


def test_the_separator_can_be_named(tmp_path):
    path = table(tmp_path, "id;title,x;image\n1;a,b;c\n")
    assert sniff(path, delimiter=";").header == ("id", "title,x", "image")
    assert sniff(path, delimiter="semicolon").delimiter == ";"
    with pytest.raises(ValueError, match="one character"):
        sniff(path, delimiter=";;")


# whole files that are no catalogue


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"id,title,image\n", "empty"),
        (b"just\nwords\n", "one_column"),
        (b"id,title,image\n1,a,b,c\n2,a,b,c\n", "header_mismatch"),
        (b"id,title,title,image\n1,a,b,c\n", "duplicate_column"),
        (b"id,name\n1,a\n", "missing_column"),
        (b"foo,bar,image\n1,a,b\n", "missing_column"),
        (b"PK\x03\x04 [Content_Types].xml xl/workbook.xml" + bytes(50), "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "spreadsheet"),
        (encoded(noise()), "not_a_table"),
        (b"%PDF-1.7\n", "not_a_table"),
        (bytes(range(256)) * 20, "not_a_table"),
        (b"<html><table>", "not_a_table"),
        (",".join(f"c{n}" for n in range(20_000)).encode() + b"\n1\n", "too_wide"),
        (b"i\0d,title,image\n1,a,b\n2,a,b\n3,dddddddddddddddddddddddddddddddd,b\n", "encoding"),
    ],
)
def test_a_file_that_cannot_be_a_catalogue_says_why_and_touches_nothing(tmp_path, data, code):
    home = tmp_path / "home"
    with pytest.raises(Refused) as caught:
        import_catalogue(table(tmp_path, data), home)
    assert caught.value.code == code
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_the_columns_found_are_named_when_one_lacks(tmp_path):
    with pytest.raises(Refused) as caught:
        import_catalogue(table(tmp_path, "id,foo,bar\n1,a,b\n"), tmp_path / "home")
    assert caught.value.field == "title, image" and caught.value.found == "id, foo, bar"
    with pytest.raises(Refused) as caught:
        import_catalogue(table(tmp_path, "id,foo,bar\n1,a,b\n"), tmp_path / "home", mapping={"title": "baz"})
    assert (caught.value.code, caught.value.field) == ("missing_column", "baz")
    with pytest.raises(LookupError, match="description"):
        sniff(tmp_path / "t.csv", mapping={"titel": "foo"})


def test_a_header_shorter_than_its_rows_says_both_numbers(tmp_path):
    with pytest.raises(Refused, match="3 names, 4 fields"):
        sniff(table(tmp_path, "id,title,image\n1,a,b,c\n2,a,b,c\n"))


# rows


def test_rows_with_too_many_or_too_few_fields_are_refused_alone(tmp_path, pictures):
    text = "id,title,image\n1,a,0.png\n2,a,b,c,1.png\n3,a\n4,b,2.png\n"
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert codes(report) == [(3, "ragged"), (4, "ragged")] and report.ready == 2
    assert report.refusals[0].message("en").startswith("t.csv, row 3:") and "5 fields" in report.refusals[0].found


def test_an_unclosed_quote_refuses_its_row_and_all_after_it(tmp_path, pictures):
    text = 'id,title,image\n1,a,0.png\n2,"b,1.png\n3,c,2.png\n4,d,3.png\n'
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert codes(report) == [(3, "quote"), (4, "quote"), (5, "quote")] and (report.ready, report.rows) == (1, 4)


def test_an_unclosed_quote_that_a_later_one_closes_is_found_where_it_opens(tmp_path, pictures):
    text = 'id,title,image\n1,a,0.png\n2,"b,1.png\n3,"c",2.png\n4,d,3.png\n'
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert codes(report) == [(3, "quote"), (4, "quote"), (5, "quote")] and report.ready == 1


def test_a_wrong_quote_within_one_line_costs_only_that_line(tmp_path, pictures):
    text = 'id,title,image\n1,"a"x,0.png\n2,5" disk,1.png\n3,"say ""hi""",2.png\n'
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert codes(report) == [(2, "quote")]
    assert list(catalogue.load(tmp_path / "home", "t").table["title"]) == ['5" disk', 'say "hi"']


def test_ids_and_titles_stay_the_text_they_are(tmp_path, pictures):
    values = [
        "007",
        "1e5",
        "1E5",
        "100000",
        "NA",
        "1.10",
        "+7",
        "True",
        "null",
        "None",
        "nan",
        "",
        " 7 ",
        "-0",
        "1_000",
    ]
    text = "id,title,image,price\n" + "".join(f'"{value}","{value or "x"}",0.png,"{value}"\n' for value in values)
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert codes(report) == [(13, "missing_field")]
    loaded = catalogue.load(tmp_path / "home", "t")
    kept = [value for value in values if value]
    assert list(loaded.table["title"]) == list(loaded.table["price"]) == kept
    assert list(loaded.ids) == [value.strip() for value in kept]  # blanks around an id are no part of it


def test_a_repeated_id_keeps_its_first_row_and_names_both(tmp_path, pictures):
    report = import_catalogue(
        table(tmp_path, "id,title,image\n1,a,0.png\n2,b,1.png\n1,c,2.png\n"), tmp_path / "home", pictures=pictures
    )
    assert codes(report) == [(4, "duplicate_id")] and "2" in report.refusals[0].hint
    assert catalogue.load(tmp_path / "home", "t").item("1")["title"] == "a"


def test_empty_required_fields_are_named(tmp_path, pictures):
    text = "id,title,image\n,a,0.png\n2, ,1.png\n3,c,\n4,d,3.png\n"
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert [(refusal.row, refusal.field) for refusal in report.refusals] == [(2, "id"), (3, "title"), (4, "image")]


def test_nul_and_overlong_fields_are_refused_alone(tmp_path, pictures):
    text = f"id,title,image\n1,a\0b,0.png\n2,{'x' * 200_000},1.png\n3,{'x' * 60_000},2.png\n"
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert codes(report) == [(2, "control_char"), (3, "too_long")] and report.ready == 1
    assert report.refusals[1].found == "200,000 characters"


def test_line_ends_inside_fields_are_made_uniform_with_a_note(tmp_path, pictures):
    text = 'id,title,image\r\n1,"two\r\nlines",0.png\r\n2,"old\rmac",1.png\r\n3,"unix\nline",2.png\r\n'
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    assert list(catalogue.load(tmp_path / "home", "t").table["title"]) == ["two\nlines", "old\nmac", "unix\nline"]
    assert Note("line_ends", 2, rows=(2, 3)) in report.notes


def test_header_names_are_trimmed_and_the_nameless_index_left_out(tmp_path, pictures):
    text = ",\u200bid, Title ,image,\n0,1,a,0.png,z\n1,2,b,1.png,\n"
    report = import_catalogue(table(tmp_path, text), tmp_path / "home", pictures=pictures)
    loaded = catalogue.load(tmp_path / "home", "t")
    assert loaded.attributes == ("column 5",) and loaded.ids == ("1", "2")
    assert {note.code for note in report.notes} == {"index_column", "header_cleaned", "unnamed_column"}


def test_blank_rows_are_no_rows_but_count_in_the_numbers(tmp_path, pictures):
    report = import_catalogue(
        table(tmp_path, "id,title,image\n\n1,a,0.png\n,,\n2,,1.png\n"), tmp_path / "home", pictures=pictures
    )
    assert (report.rows, codes(report)) == (2, [(5, "missing_field")])


def test_marks_of_direction_and_composition_are_stored_as_they_come(tmp_path, pictures):
    title = "\u202eabc\u200b и\u0306"
    import_catalogue(table(tmp_path, f"id,title,image\n1,{title},0.png\n"), tmp_path / "home", pictures=pictures)
    assert catalogue.load(tmp_path / "home", "t").item("1")["title"] == title


def test_nothing_ready_makes_no_catalogue_but_a_report(tmp_path):
    report = import_catalogue(table(tmp_path, "id,title,image\n1,a,nowhere.png\n2,b,no.png\n"), tmp_path / "home")
    assert (report.ready, report.refused, report.fingerprint) == (0, 2, "")
    assert catalogue.names(tmp_path / "home") == []


# what columns mean


@pytest.mark.parametrize(
    "header, mapping",
    [
        (
            "id,sku,source,name,tags,category,subcategory,name_en,tags_en,image_path",
            {
                "id": "id",
                "title": "name",
                "image": "image_path",
                "category": "category",
                "source": "source",
                "tags": "tags",
            },
        ),
        (
            "id,name,description,price,url,category,«Размер дизайна, мм»,local_image_path_2,local_image_path_1",
            {
                "id": "id",
                "title": "name",
                "image": "local_image_path_1",
                "description": "description",
                "category": "category",
                "price": "price",
                "url": "url",
            },
        ),
        (
            ",id,local_image_path,name,category,text,url",
            {"id": "id", "title": "name", "image": "local_image_path", "category": "category", "url": "url"},
        ),
        (
            "Артикул,Наименование товара,Фото,Описание,Категория,Магазин,Цена (руб.),Ссылка,Ключевые слова",
            {
                "id": "Артикул",
                "title": "Наименование товара",
                "image": "Фото",
                "description": "Описание",
                "category": "Категория",
                "source": "Магазин",
                "price": "Цена (руб.)",
                "url": "Ссылка",
                "tags": "Ключевые слова",
            },
        ),
        ("ID,Title,Picture,Shop,Vendor", {"id": "ID", "title": "Title", "image": "Picture", "source": "Shop"}),
    ],
)
def test_columns_are_recognised_by_their_russian_and_english_names(tmp_path, header, mapping):
    header = header.replace("«Размер дизайна, мм»", '"Размер дизайна, мм"')
    width = len(next(csv.reader([header])))
    sniffed = sniff(table(tmp_path, header + "\n" + ",".join("x" * width) + "\n"), delimiter=",")
    assert sniffed.mapping == mapping


def test_the_meaning_of_columns_can_be_set(tmp_path, pictures):
    text = "id,name,name_en,image,tags,words\n1,кот,cat,0.png,a,b\n"
    path = table(tmp_path, text)
    import_catalogue(path, tmp_path / "home", pictures=pictures, mapping={"title": "name_en", "tags": "words"})
    item = catalogue.load(tmp_path / "home", "t").item("1")
    assert item["title"] == "cat" and item["name"] == "кот" and item["tags"] == "b"


def test_an_attribute_with_a_core_name_is_renamed_with_a_note(tmp_path, pictures):
    text = "id,title,headline,image,sha256\n1,a,b,0.png,mine\n"
    report = import_catalogue(
        table(tmp_path, text), tmp_path / "home", pictures=pictures, mapping={"title": "headline"}
    )
    item = catalogue.load(tmp_path / "home", "t").item("1")
    assert item["title"] == "b" and item["title (column)"] == "a" and item["sha256 (column)"] == "mine"
    assert len(item["sha256"]) == 64
    assert [note.code for note in report.notes].count("renamed_column") == 2


# folders


def test_a_folder_of_pictures_becomes_a_catalogue(tmp_path):
    root = tmp_path / "designs"
    (root / "cats" / "deep").mkdir(parents=True)
    (root / ".hidden").mkdir()
    for number, name in enumerate(["dog_01.png", "cats/red-cat.png", "cats/deep/кот.jpg", "cats/red-cat.jpg"]):
        noise(seed=number).save(root / name)
    noise(seed=9).save(root / ".hidden" / "x.png")
    (root / "notes.txt").write_text("x")
    (root / "bad.png").write_bytes(b"")
    (tmp_path / "outside").mkdir()
    noise(seed=8).save(tmp_path / "outside" / "x.png")
    (root / "out.png").symlink_to(tmp_path / "outside" / "x.png")
    (root / "linked").symlink_to(tmp_path / "outside")
    report = import_catalogue(root, tmp_path / "home")
    loaded = catalogue.load(tmp_path / "home", "designs")
    assert loaded.ids == ("cats/deep/кот", "cats/red-cat", "cats/red-cat.png", "dog_01")
    assert list(loaded.table["title"]) == ["кот", "red cat", "red cat", "dog 01"]
    assert list(loaded.table["category"]) == ["cats", "cats", "cats", ""]
    refused = {refusal.file: refusal.code for refusal in report.refusals}
    assert refused == {"bad.png": "empty", "out.png": "unsafe_path", "linked": "unsafe_path"}
    assert Note("other_files", 1, "notes.txt") in report.notes and report.rows == 7


def test_a_folder_without_pictures_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused) as caught:
        import_catalogue(tmp_path / "empty", tmp_path / "home")
    assert caught.value.code == "no_pictures"


# the same again, cancelling, room


def test_importing_the_same_again_changes_nothing_at_all(tmp_path, pictures):
    path, home = table(tmp_path, "id,title,image\n1,a,0.png\n2,b,1.png\n"), tmp_path / "home"
    first = import_catalogue(path, home, pictures=pictures)
    before = snapshot(home)
    again = import_catalogue(path, home, pictures=pictures)
    assert (first.unchanged, again.unchanged) == (False, True) and first.fingerprint == again.fingerprint
    assert snapshot(home) == before


@pytest.mark.parametrize("change", ["title", "picture", "order", "background"])
def test_any_change_of_content_changes_the_fingerprint_and_keeps_the_version_before(tmp_path, change):
    for number in range(2):
        noise(seed=number).save(tmp_path / f"{number}.png")
    path, home = table(tmp_path, "id,title,image\n1,a,0.png\n2,b,1.png\n"), tmp_path / "home"
    first = import_catalogue(path, home)
    before = catalogue.load(home, "t")
    text = {"title": "id,title,image\n1,a,0.png\n2,c,1.png\n", "order": "id,title,image\n2,b,1.png\n1,a,0.png\n"}
    table(tmp_path, text.get(change, path.read_text()))
    if change == "picture":
        noise(seed=5).save(tmp_path / "1.png")
    second = import_catalogue(path, home, background="#eeeeee" if change == "background" else "#ffffff")
    after = catalogue.load(home, "t")
    assert second.fingerprint != first.fingerprint and not second.unchanged
    assert (after.pictures_fingerprint == before.pictures_fingerprint) == (change == "title")
    assert before.picture("1").size == (40, 30)
    assert storage.verify(before.root) == storage.verify(after.root) == []


def test_versions_older_than_the_one_before_are_cleared(tmp_path, pictures):
    home, roots = tmp_path / "home", []
    for title in "abc":
        import_catalogue(table(tmp_path, f"id,title,image\n1,{title},0.png\n"), home, pictures=pictures)
        roots.append(catalogue.version(home, "t"))
    assert [root.exists() for root in roots] == [False, True, True]
    import_catalogue(table(tmp_path, "id,title,image\n1,b,0.png\n"), home, pictures=pictures)
    assert catalogue.load(home, "t").item("1")["title"] == "b" and roots[2].exists()


def test_an_import_over_a_damaged_copy_mends_it_and_sets_the_damage_aside(tmp_path, pictures):
    path, home = table(tmp_path, "id,title,image\n1,a,0.png\n"), tmp_path / "home"
    import_catalogue(path, home, pictures=pictures)
    stored = catalogue.load(home, "t").picture_path("1")
    stored.write_bytes(b"damage")
    again = import_catalogue(path, home, pictures=pictures)
    assert not again.unchanged and catalogue.load(home, "t").picture("1").size == (24, 20)
    assert [found.read_bytes() for found in (home / "damaged").rglob(stored.name)] == [b"damage"]


@pytest.mark.parametrize("at", ["read", "pictures", "write"])
def test_a_cancelled_import_leaves_no_trace(tmp_path, pictures, at):
    path, home = table(tmp_path, "id,title,image\n1,a,0.png\n2,b,1.png\n"), tmp_path / "home"
    import_catalogue(path, home, "before", pictures=pictures)
    before = snapshot(home)

    def stop(done: int, total: int, what: str) -> None:
        if what == at and done == total:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        import_catalogue(path, home, "t", pictures=pictures, progress=stop)
    assert snapshot(home) == before and catalogue.names(home) == ["before"]
    assert list((home / "staging").iterdir()) == []


def test_progress_goes_up_to_its_total_for_every_step(tmp_path, pictures):
    heard: dict[str, list[tuple[int, int]]] = {}
    import_catalogue(
        table(tmp_path, "id,title,image\n1,a,0.png\n2,b,1.png\n"), tmp_path / "home", pictures=pictures,
        progress=lambda done, total, what: heard.setdefault(what, []).append((done, total)),
    )  # fmt: skip
    assert list(heard) == ["read", "pictures", "write"]
    for steps in heard.values():
        assert steps == sorted(steps) and steps[-1][0] == steps[-1][1] > 0


def test_a_full_disk_is_said_before_anything_is_written(tmp_path, pictures, monkeypatch):
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    with pytest.raises(Unavailable, match=r"\[disk_full\].*Free at least"):
        import_catalogue(table(tmp_path, "id,title,image\n1,a,0.png\n"), tmp_path / "home", pictures=pictures)
    assert not [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


def test_names_that_are_no_safe_file_names_are_refused(tmp_path):
    path = table(tmp_path, "id,title,image\n1,a,0.png\n")
    for name in ("../x", "a/b", ".hidden", "a\0b", "x.json", "-rf", " "):
        with pytest.raises(Refused) as caught:
            import_catalogue(path, tmp_path / "home", name)
        assert caught.value.code == "bad_name"


def test_limits_of_table_and_picture_can_be_set(tmp_path, pictures):
    path = table(tmp_path, "id,title,image\n1,abcdefgh,0.png\n2,abc,1.png\n")
    limits = Limits(TableLimits(field=5), PictureLimits(pixels=100))
    report = import_catalogue(path, tmp_path / "home", pictures=pictures, limits=limits)
    assert codes(report) == [(2, "too_long"), (3, "too_many_pixels")]


# properties


TEXT = st.text(st.characters(exclude_characters="\r\0", exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8))
@example([("0", "1"), ("007", "NA"), ("=1", "a\nb"), ('"', ";")])
def test_a_table_written_by_uzor_is_read_back_as_it_was(tmp_path, rows):
    from data.cleaning import write_csv

    written = [("id", "title"), *rows]
    write_csv(tmp_path / "t.csv", ("id", "title"), rows, raw=True)
    read = [row.fields for row in read_rows(tmp_path / "t.csv", "utf-8", ",") if isinstance(row, Row)]
    assert [tuple(fields) for fields in read] == [row for row in written if any(row)]


LINE = st.sampled_from(['1,a,x', '2,b,y', '1,c,z', '"q,', 'x"y",z,w', ",,", "", "a,b", "a,b,c,d", ",t,i", "9,\udcff,i",
                        '"m\nn",t,i', "\0,t,i", '5,"a""b",c'])  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINE, max_size=12))
def test_every_row_is_either_ready_or_refused(tmp_path, lines):
    data = ("id,title,image\n" + "\n".join(lines)).encode("utf-8", "surrogateescape")
    path = table(tmp_path, data)
    rows = list(read_rows(path, "utf-8", ","))
    refusals = Refusals()
    sniffed = sniff(table(tmp_path, "id,title,image\n1,a,b\n", name="s.csv"))
    gathered = gather(sniffed, rows, refusals, "t.csv")
    assert len(gathered.numbers) + refusals.total == len(rows) - 1
    numbers = sorted([*gathered.numbers, *(refusal.row for refusal in refusals.listed)])
    assert len(set(numbers)) == len(numbers)


# size


def test_thirty_thousand_rows_are_read_within_seconds_and_little_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "big.csv"
    with open(path, "w", encoding="utf-8") as file:
        file.write("id,title,image,description\n")
        file.writelines(f"{n},название {n},картинки/{n}.jpg,{'слово ' * 10}\n" for n in range(30_000))
    sniffed = sniff(path)
    started = time.perf_counter()
    tracemalloc.start()
    gathered = gather(sniffed, read_rows(path, "utf-8", ","), Refusals(), path.name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(gathered.numbers) == 30_000 and peak < 25 * 2**20
    assert time.perf_counter() - started < 30


@needs_emoji
def test_the_emoji_catalogue_is_imported_whole(tmp_path):
    started = time.perf_counter()
    report = import_catalogue(EMOJI / "products.csv", tmp_path, "emoji")
    print(f"{report.ready / (time.perf_counter() - started):.0f} rows/s")
    loaded = catalogue.load(tmp_path, "emoji")
    assert (report.ready, report.refused, report.pictures) == (3098, 0, 3057)
    assert loaded.attributes == ("sku", "tags", "subcategory", "name_en", "tags_en")
    assert len(loaded.rows({"source": "noto"})) == 1644
    assert storage.verify(loaded.root) == []


def test_a_comma_followed_by_a_blank_refuses_nothing(tmp_path, pictures):
    report = import_catalogue(
        table(tmp_path, "id, title, image\n1, Cat, 0.png\n 1, Dog, 0.png\n"), tmp_path / "home", pictures=pictures
    )
    assert (report.ready, codes(report)) == (1, [(3, "duplicate_id")])
    assert catalogue.load(tmp_path / "home", "t").ids == ("1",)


def test_a_table_of_blank_lines_is_called_empty_whatever_the_delimiter(tmp_path, pictures):
    with pytest.raises(Refused, match="There is nothing in the file"):
        import_catalogue(table(tmp_path, "\n\n\n"), tmp_path / "home", pictures=pictures, delimiter=",")
