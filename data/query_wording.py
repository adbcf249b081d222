"""What a problem in a query set is called on the screen and what to do about it, in English and Russian."""

from __future__ import annotations

Words = tuple[tuple[str, str], tuple[str, str]]

QUERIES: dict[str, Words] = {
    "bad_line": (
        ("The line cannot be read", "Write it as the format asks."),
        ("Строка не читается", "Запишите её так, как требует формат."),
    ),
    "bad_grade": (
        ("The grade is not a whole number", "Write 0 for not relevant, 1 or more for relevant."),
        ("Оценка не целое число", "Пишите 0 для неподходящего, 1 и больше для подходящего."),
    ),
    "duplicate_query": (
        ("This query has already been given", "Give every query its own id and text."),
        ("Такой запрос уже есть", "Дайте каждому запросу свой id и текст."),
    ),
    "contradiction": (
        ("The same item is judged twice for one query with different grades", "Keep one of the two."),
        ("Один товар оценён для одного запроса дважды и по-разному", "Оставьте одну оценку."),
    ),
    "unknown_query": (
        ("The judgment is for a query that is not in the list of queries", "Add the query or remove the line."),
        ("Оценка для запроса, которого нет в списке запросов", "Добавьте запрос или уберите строку."),
    ),
    "empty_text": (
        ("The query has no text", "Write what is searched for."),
        ("У запроса нет текста", "Напишите, что ищут."),
    ),
    "no_queries": (
        ("There is no query in the file", "Bring a file with queries and judgments."),
        ("В файле нет ни одного запроса", "Возьмите файл с запросами и оценками."),
    ),
    "bad_json": (
        ("This is not the JSON that was expected", "Expected: query → list of {id, local_image_path, text}."),
        ("Это не тот JSON, который ожидался", "Ожидается: запрос → список {id, local_image_path, text}."),
    ),
}  # fmt: skip
