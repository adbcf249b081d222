"""The words of refusals and notes in English and Russian: code → (what happened, what to do) in each language."""

from __future__ import annotations

from data import design_words
from data.group_words import GROUPS
from data.query_wording import QUERIES, Words

PICTURES: dict[str, Words] = {
    "damaged": (
        ("The file is damaged and cannot be read to its end", "Bring the original again."),
        ("Файл повреждён и не читается до конца", "Возьмите исходный файл ещё раз."),
    ),
    "empty": (
        ("There is nothing in the file", "Bring the original again."),
        ("В файле ничего нет", "Возьмите исходный файл ещё раз."),
    ),
    "not_an_image": (
        ("This is not a picture in a format Uzor reads", "Save it as PNG, JPEG or WebP."),
        ("Это не картинка в известном Uzor формате", "Сохраните её как PNG, JPEG или WebP."),
    ),
    "too_many_pixels": (
        ("The picture has too many pixels", "Make it smaller."),
        ("В картинке слишком много пикселей", "Уменьшите её."),
    ),
    "aspect": (
        ("The picture is too long for its width", "Crop it."),
        ("Картинка слишком вытянута", "Обрежьте её."),
    ),
    "too_small": (
        ("The picture is too small to show anything", "Bring a bigger one."),
        ("Картинка слишком мала, на ней ничего не видно", "Возьмите картинку побольше."),
    ),
    "too_big": (
        ("The file is too big", "Save the picture smaller."),
        ("Файл слишком велик", "Сохраните картинку поменьше."),
    ),
    "not_a_file": (
        ("This is not an ordinary file", "Point to the picture itself, not to a folder, pipe or device."),
        ("Это не обычный файл", "Укажите саму картинку, а не папку, канал или устройство."),
    ),
    "missing_file": (
        ("The picture is not there", "Check the path; it counts from the folder of pictures."),
        ("Картинки нет на месте", "Проверьте путь: он считается от папки с картинками."),
    ),
    "missing_table": (
        ("There is no such file", "Check the path; it counts from the folder you work in."),
        ("Такого файла нет", "Проверьте путь: он считается от текущей папки."),
    ),
    "unsafe_path": (
        ("The path leads out of the folder of pictures and was not opened", "Keep the pictures inside that folder."),
        ("Путь ведёт за пределы папки с картинками и не открывался", "Держите картинки внутри этой папки."),
    ),
    "remote_picture": (
        ("The picture is an internet address; addresses are not fetched", "Download it and name the file."),
        ("Вместо картинки адрес в интернете; адреса не загружаются", "Скачайте картинку и укажите файл."),
    ),
    "checksum": (
        ("The stored file is not the one that was imported", "Run `uzor doctor`, then import again."),
        ("Сохранённый файл не тот, что был импортирован", "Запустите `uzor doctor` и импортируйте снова."),
    ),
    "unreadable": (
        ("The system does not let Uzor read the file", "Check the permissions and the disk."),
        ("Система не даёт прочитать файл", "Проверьте права доступа и диск."),
    ),
}  # fmt: skip

TABLES: dict[str, Words] = {
    "encoding": (
        ("The text is not in the encoding of the file", "Save the file as UTF-8 or name its encoding."),
        ("Текст не в той кодировке, что весь файл", "Сохраните файл в UTF-8 или укажите кодировку."),
    ),
    "ragged": (
        ("The row has another number of fields than the header", "Put text with separators between quotes."),
        ("В строке не столько полей, сколько в заголовке", "Текст с разделителями заключите в кавычки."),
    ),
    "header_mismatch": (
        ("The header has another number of names than all the rows have fields", "Name every column in the header."),
        ("В заголовке не столько имён, сколько полей во всех строках", "Назовите в заголовке каждый столбец."),
    ),
    "quote": (
        ("A quotation mark is opened and not closed properly", "Close it, or double it inside text."),
        ("Кавычка открыта и не закрыта как следует", "Закройте её, а внутри текста удвойте."),
    ),
    "duplicate_id": (
        ("This id has already been taken; the first row keeps it", "Give every row its own id."),
        ("Такой id уже есть; он остаётся за первой строкой", "Дайте каждой строке свой id."),
    ),
    "missing_field": (
        ("A required field is empty", "Fill in id, title and picture."),
        ("Обязательное поле пусто", "Заполните id, название и картинку."),
    ),
    "missing_column": (
        ("A required column was not found", "Say which column it is, e.g. --map title=name."),
        ("Не найден обязательный столбец", "Укажите, какой это столбец, например --map title=name."),
    ),
    "published_column": (
        ("The table of published values lacks a column", "Take the empty table: uzor ledger --template."),
        ("В таблице опубликованных чисел нет столбца", "Возьмите пустую таблицу: uzor ledger --template."),
    ),
    "published_twice": (
        ("The table has this row twice", "Keep one of them."),
        ("В таблице эта строка стоит дважды", "Оставьте одну из них."),
    ),
    "published_long": (
        ("The table has too many rows", "A published table is shorter: bring the table itself."),
        ("В таблице слишком много строк", "Опубликованная таблица короче: принесите её саму."),
    ),
    "bad_number": (
        ("This is not a number that can stand here", "Correct it, or leave the cell empty."),
        ("Такого числа здесь быть не может", "Исправьте его или оставьте ячейку пустой."),
    ),
    "duplicate_column": (
        ("Two columns have the same name", "Give every column its own name."),
        ("Два столбца названы одинаково", "Дайте каждому столбцу своё имя."),
    ),
    "one_column": (
        ("Only one column was found", "Name the separator, or check that this is a table."),
        ("Найден только один столбец", "Укажите разделитель или проверьте, что это таблица."),
    ),
    "control_char": (
        ("The text has a NUL character", "Export the table again as text."),
        ("В тексте есть символ NUL", "Выгрузите таблицу заново в виде текста."),
    ),
    "too_long": (
        ("A field is too long", "Shorten it."),
        ("Поле слишком длинное", "Сократите его."),
    ),
    "too_wide": (
        ("The table has too many columns", "Keep the columns that matter."),
        ("В таблице слишком много столбцов", "Оставьте нужные столбцы."),
    ),
    "spreadsheet": (
        ("This is a spreadsheet workbook, not a text table", "Save it as “CSV UTF-8”."),
        ("Это книга электронных таблиц, а не текстовая таблица", "Сохраните её как «CSV UTF-8»."),
    ),
    "not_a_table": (
        ("This is not a text table", "Bring a CSV or TSV file, or a folder of pictures."),
        ("Это не текстовая таблица", "Возьмите файл CSV или TSV либо папку с картинками."),
    ),
    "no_pictures": (
        ("The folder holds no picture and no embroidery", "Choose the folder that holds PNG, JPEG, PES or DST files."),
        ("В папке нет ни картинок, ни вышивок", "Выберите папку с файлами PNG, JPEG, PES или DST."),
    ),
    "bad_name": (
        ("This cannot be a name", "Use letters, digits, spaces, dots, hyphens and underscores."),
        ("Такое имя не годится", "Используйте буквы, цифры, пробелы, точки, дефисы и подчёркивания."),
    ),
}  # fmt: skip

REFUSALS: dict[str, Words] = PICTURES | TABLES | QUERIES | GROUPS | design_words.DESIGNS

NOTES: dict[str, tuple[str, str]] = design_words.NOTES | {
    "animated": ("Only the first frame was taken; frames", "Взят только первый кадр; кадров"),
    "cmyk": ("Colours were converted from CMYK", "Цвета переведены из CMYK"),
    "deep": ("More than 8 bits a channel were scaled to 8", "Больше 8 бит на канал приведено к 8"),
    "extension": ("The extension differs from the real format", "Расширение не соответствует формату"),
    "one_colour": ("The whole picture is one colour", "Вся картинка одного цвета"),
    "rotated": ("Turned as the camera says (EXIF)", "Повёрнуто по указанию камеры (EXIF)"),
    "transparent": ("Transparency was laid on the background", "Прозрачность положена на фон"),
    "duplicate_picture": ("The same picture stands in several rows", "Одна и та же картинка в нескольких строках"),
    "stand_in": (
        "The picture is not there; an empty tile stands in its place, and no model should be asked to see it",
        "Картинки нет; на её месте пустая плитка, и показывать её моделям бессмысленно",
    ),
    "line_ends": ("Line ends inside fields were made uniform", "Переводы строк внутри полей приведены к одному виду"),
    "header_cleaned": (
        "Spaces or invisible characters were removed from the header",
        "Из заголовка убраны пробелы или невидимые символы",
    ),
    "index_column": ("A column without a name at the beginning was left out", "Столбец без имени в начале пропущен"),
    "unnamed_column": ("A column without a name was given one", "Столбцу без имени дано имя"),
    "renamed_column": ("A column was renamed because its name is taken", "Столбец переименован: его имя занято"),
    "encoding_guessed": ("The encoding was guessed; check the preview", "Кодировка угадана: проверьте образец"),
    "backslashes": ("Backslashes in paths were read as slashes", "Обратные косые черты в путях прочитаны как прямые"),
    "blank_rows": ("Blank rows were left out", "Пустые строки пропущены"),
    "separator_line": ("The first line names the separator", "Первая строка называет разделитель"),
    "id_with_extension": (
        "The id keeps the extension because another file has the same name",
        "В id оставлено расширение: имя совпало с другим файлом",
    ),
    "rekeyed": (
        "Judgments were tied to items by the path of their picture, because the ids differ",
        "Оценки привязаны к позициям по пути картинки: идентификаторы другие",
    ),
    "more_refusals": ("More refusals than are listed", "Отказов больше, чем перечислено"),
    "duplicate_judgment": ("The same judgment is given twice", "Одна и та же оценка дана дважды"),
    "text_changed": ("The text of a query was normalised", "Текст запроса приведён к единому виду"),
    "ids_made": ("Queries without ids were numbered", "Запросы без id пронумерованы"),
}  # fmt: skip
