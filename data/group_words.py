"""What is wrong with a group of items that somebody names, and what to do about it, in English and Russian."""

from __future__ import annotations

from data.query_wording import Words

GROUPS: dict[str, Words] = {
    "group_name": (
        ("A group's name is empty, too long or has signs that cannot be seen", "Write a short name in plain letters."),
        ("Название группы пустое, слишком длинное или с невидимыми знаками", "Дайте короткое название буквами."),
    ),
    "group_taken": (
        ("There is a group of that name already", "Choose another name, add to that group, or delete it first."),
        ("Группа с таким названием уже есть", "Возьмите другое название, добавьте в ту группу или удалите её."),
    ),
    "group_tags": (
        ("A tag is too long, has a semicolon, or there are too many of them", "Use a few short words."),
        ("Тег слишком длинный, с точкой с запятой, или тегов слишком много", "Возьмите несколько коротких слов."),
    ),
    "group_empty": (
        ("The group would have no items", "Select some on the map, or delete the group."),
        ("В группе не было бы ни одной позиции", "Выделите позиции на карте или удалите группу."),
    ),
    "group_item": (
        ("The item is not in this catalogue", "Use its id as the Catalogue page shows it."),
        ("Такой позиции нет в каталоге", "Возьмите её id, как он показан на странице «Каталог»."),
    ),
    "group_columns": (
        ("A file of groups lacks a column", "It has the columns item and group, and tags if you like."),
        ("В файле групп нет столбца", "Нужны столбцы item и group, по желанию tags."),
    ),
    "group_all": (
        ("The groups hold every item that would be looked at, so nothing is left", "Leave out fewer groups."),
        ("В группах все позиции, среди которых искали бы: ничего не остаётся", "Исключите меньше групп."),
    ),
    "group_answers": (
        ("The groups hold every relevant item, so no query has an answer left", "Leave out fewer groups."),
        ("В группах все подходящие позиции: ни у одного запроса не остаётся ответа", "Исключите меньше групп."),
    ),
    "group_shallow": (
        (
            "The run keeps too few results to tell the metric without the group",
            "Evaluate the model without the group, then look again.",
        ),
        (
            "Прогон хранит слишком мало результатов, чтобы узнать метрику без группы",
            "Оцените модель без этой группы и посмотрите снова.",
        ),
    ),
}
