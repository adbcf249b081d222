"""The words of refusals and notes about embroidery files and archives; part of `data.wording`."""

from __future__ import annotations

DESIGNS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "unknown_design": (
        ("This embroidery format cannot be read", "Save the design as PES, DST, JEF, EXP or VP3."),
        ("Этот формат вышивки не читается", "Сохраните дизайн как PES, DST, JEF, EXP или VP3."),
    ),
    "not_a_design": (
        ("This is not an embroidery file of the format its name says", "Bring the file that the machine sews."),
        ("Это не файл вышивки того формата, который назван", "Возьмите файл, который шьёт машина."),
    ),
    "no_stitches": (
        ("The embroidery file holds no stitch", "Save the design again."),
        ("В файле вышивки нет ни одного стежка", "Сохраните дизайн ещё раз."),
    ),
    "too_many_stitches": (
        ("The design has too many stitches", "Split it into parts."),
        ("В дизайне слишком много стежков", "Разделите его на части."),
    ),
    "too_many_colours": (
        ("The design has too many colours", "Check that the file is the one you meant."),
        ("В дизайне слишком много цветов", "Проверьте, тот ли это файл."),
    ),
    "design_size": (
        ("The design has a size that no hoop has", "Check that the file is the one you meant."),
        ("Дизайн такого размера не поместится ни в одни пяльцы", "Проверьте, тот ли это файл."),
    ),
    "too_many_members": (
        ("The archive holds too many files", "Split it into several archives."),
        ("В архиве слишком много файлов", "Разделите его на несколько архивов."),
    ),
    "symlink": (
        ("The archive's member is a link and was not followed", "Put the file itself into the archive."),
        ("В архиве вместо файла ссылка; по ней не переходили", "Положите в архив сам файл."),
    ),
    "encrypted": (
        ("The archive's member is locked with a password", "Pack the files without a password."),
        ("Файл в архиве закрыт паролем", "Упакуйте файлы без пароля."),
    ),
    "duplicate_member": (
        ("The archive holds this name twice; the first was taken", "Give every file its own name."),
        ("Такое имя в архиве уже есть; взят первый файл", "Дайте каждому файлу своё имя."),
    ),
}  # fmt: skip

NOTES: dict[str, tuple[str, str]] = {
    "other_files": (
        "Files that are neither pictures nor embroidery were left out",
        "Файлы, которые не картинки и не вышивки, пропущены",
    ),
    "colours_unknown": (
        "The file does not say what colours its threads have; the picture's are Uzor's own",
        "Файл не говорит, какого цвета нитки; на картинке цвета выбраны Uzor",
    ),
    "other_format": (
        "A file of the design cannot be read; another format of it was taken",
        "Один из файлов дизайна не читается; взят другой его формат",
    ),
}
