"""What was found and what is allowed, in Russian: the few English phrases that refusals are made with."""

from __future__ import annotations

import re

_PHRASES = tuple(
    (re.compile(pattern), russian)
    for pattern, russian in (
        (r"([\d,]+) fields", r"полей: \1"),
        (r"(\d+) names, (\d+) fields", r"имён: \1, полей: \2"),
        (r"([\d,]+) bytes", r"байт: \1"),
        (r"([\d,]+) characters", r"символов: \1"),
        (r"([\d,]+) columns", r"столбцов: \1"),
        (r"(\d+) pixels a side", r"от \1 пикселей по стороне"),
        (r"([\d,]+) pixels", r"пикселей: \1"),
        (r"([\d,]+) stitches", r"стежков: \1"),
        (r"(\d+) colours", r"цветов: \1"),
        (r"([\d,]+) files", r"файлов: \1"),
        (r"(\d+) levels", r"уровней: \1"),
        (r"([\d,]+) bytes, (\d+):1", r"байт: \1, сжатие \2:1"),
        (r"(\S+ × \S+) mm, (\S+) m of thread", r"\1 мм, \2 м нити"),
        (r"1 … (\S+) mm", r"1 … \1 мм"),
        ("it ends too early", "обрывается раньше времени"),
        ("its members overlap", "части архива перекрываются"),
        ("longer than it says", "длиннее, чем указано"),
        ("embroidery (PES|VP3|DST|HUS)", r"вышивка \1"),
        (r"(\d+) other files", r"других файлов: \1"),
        (r"took longer than (\S+) s", r"заняло больше \1 с"),
        (r"looked in (.*)", r"искали в \1"),
        (
            r"(\d+) results a query are kept, queries that need more: (\d+)",
            r"на запрос хранится результатов: \1, нужно больше у запросов: \2",
        ),
        (r"first in row (\d+)", r"Впервые в строке \1."),
        (r"opened in row (\d+)", r"Открыта в строке \1."),
        (r"binary data, starts with (.*)", r"двоичные данные, начало: \1"),
        (r"not UTF-8, starts with (.*)", r"не UTF-8, начало: \1"),
        (r"starts with (.*)", r"начало: \1"),
        (r"Known: (.*)", r"Известны: \1"),
        ("a number from 0 to 1, or with %", "число от 0 до 1 или с %"),
        ("a number from 0", "число от 0"),
        ("a whole number without a point or comma", "целое число без точки и запятой"),
        (r"(\d+) rows", r"строк: \1"),
        ("a name", "название"),
        ("a header and no rows", "есть заголовок, нет строк"),
        ("the decoder crashed", "чтение картинки упало"),
        ("HTML page, saved by a crawler\\?", "страница HTML, сохранена сборщиком?"),
        ("HEIC picture of a phone", "фото HEIC с телефона"),
        ("PDF document", "документ PDF"),
        ("ZIP archive", "архив ZIP"),
        ("SVG drawing", "рисунок SVG"),
        ("text", "текст"),
        ("folder", "папка"),
        ("linked folder", "папка по ссылке"),
        ("pipe", "канал"),
        ("socket", "сокет"),
        ("device", "устройство"),
        ("link", "ссылка"),
        ("file name", "имя файла"),
        ("no file", "файла нет"),
        ("NUL character", "символ NUL"),
        ("absolute path", "путь от корня"),
        ("drive letter", "буква диска"),
        ("leads upwards", "ведёт вверх"),
    )
)
# Where `found` is what the user wrote, it stays as it is.
_QUOTING = frozenset(
    ("duplicate_id", "duplicate_column", "missing_column", "one_column", "bad_name", "bad_line", "bad_grade",
     "duplicate_query", "contradiction", "unknown_query", "empty_text", "bad_json",
     "bad_number", "published_column", "published_twice")
)  # fmt: skip


def in_russian(code: str, text: str) -> str:
    """A phrase of a refusal in Russian; anything else, and what a user wrote, unchanged."""
    if code in _QUOTING:
        return text
    for pattern, russian in _PHRASES:
        if match := pattern.fullmatch(text):
            return match.expand(russian)
    return text
