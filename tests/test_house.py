"""The rules of the house hold, and each of them is shown to notice when it is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import house
import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIG = (
    '[server]\naddress = "127.0.0.1"\nenableXsrfProtection = true\nfileWatcherType = "none"\n'
    '[client]\nshowErrorDetails = "none"\n[browser]\ngatherUsageStats = false\n[runner]\nmagicEnabled = false\n'
)
SOUND = {
    "data/__init__.py": '"""Room."""\n',
    "eval/__init__.py": '"""Room."""\n',
    "app/__init__.py": '"""Room."""\n',
    "pages/__init__.py": '"""Room."""\n',
    "tests/test_x.py": "",
    "data/items.py": '"""Items."""\n\n\ndef one():\n    """One."""\n    return 1\n',
    "eval/vectors.py": (
        '"""Vectors."""\nfrom data import items\n\n\ndef two():\n    import torch\n    return torch, items\n'
    ),
    "app/main.py": '"""Front door."""\nimport streamlit\nfrom eval import vectors\n',
    "pages/search.py": '"""Search."""\nfrom app import main\n',
    ".gitignore": "workspace/\n",
    ".streamlit/config.toml": CONFIG,
    "pyproject.toml": '[tool.setuptools.packages.find]\ninclude = ["app*", "data*", "eval*", "pages*"]\n',
}
BROKEN = [  # (rule, file, its content)
    (house.rooms_import_only_to_the_right, "data/items.py", '"""x"""\nfrom eval import vectors\n'),
    (house.rooms_import_only_to_the_right, "eval/vectors.py", '"""x"""\ndef f():\n    from app.main import x\n'),
    (house.rooms_import_only_to_the_right, "app/bench.py", '"""x"""\nimport pages.search\n'),
    (house.eval_is_never_imported_bare, "app/bench.py", '"""x"""\nimport eval.vectors\n'),
    (house.relative_imports_are_not_used, "app/bench.py", '"""x"""\nfrom . import main\n'),
    (house.streamlit_stays_on_the_screen_side, "eval/vectors.py", '"""x"""\ndef f():\n    import streamlit as st\n'),
    (house.heavy_imports_stand_inside_functions, "eval/vectors.py", '"""x"""\nimport torch.nn as nn\n'),
    (house.heavy_imports_stand_inside_functions, "pages/search.py", '"""x"""\nfrom sklearn.manifold import TSNE\n'),
    (house.dangerous_calls_go_through_their_doors, "data/items.py", '"""x"""\nimport pickle\npickle.loads(b"")\n'),
    (house.dangerous_calls_go_through_their_doors, "eval/vectors.py", '"""x"""\ndef f(torch):\n    torch.load("x")\n'),
    (
        house.dangerous_calls_go_through_their_doors,
        "eval/vectors.py",
        '"""x"""\ndef f(np):\n    np.load("x", allow_pickle=True)\n',
    ),
    (
        house.dangerous_calls_go_through_their_doors,
        "pages/search.py",
        '"""x"""\nst.markdown(t, unsafe_allow_html=True)\n',
    ),
    (
        house.dangerous_calls_go_through_their_doors,
        "data/items.py",
        '"""x"""\nImageFile.LOAD_TRUNCATED_IMAGES = True\n',
    ),
    (house.dangerous_calls_go_through_their_doors, "data/items.py", '"""x"""\nPIL.Image.open("x")\n'),
    (house.packages_hold_a_docstring_and_no_code, "eval/__init__.py", '"""x"""\nVERSION = 1\n'),
    (house.packages_hold_a_docstring_and_no_code, "eval/vectors.py", "x = 1\n"),
    (house.names_say_what_a_module_is_for, "eval/utils.py", '"""x"""\n'),
    (house.names_say_what_a_module_is_for, "app/queue.py", '"""x"""\n'),
    (house.the_front_door_is_app_main, "streamlit_app.py", ""),
    (house.the_front_door_is_app_main, "app/pages/x.py", ""),
    (house.tests_are_flat, "tests/data/__init__.py", ""),
    (house.the_data_room_is_not_ignored, ".gitignore", "workspace/\ndata/\n"),
    (house.packages_are_listed_explicitly, "pyproject.toml", '[tool.setuptools.packages.find]\ninclude = ["app*"]\n'),
    (house.streamlit_is_configured_safely, ".streamlit/config.toml", CONFIG.replace("magicEnabled = false", "")),
    (house.streamlit_is_configured_safely, ".streamlit/config.toml", CONFIG.replace("127.0.0.1", "0.0.0.0")),
    (house.modules_and_functions_are_short, "data/items.py", '"""x"""\n' + "x = 1\n" * 200),
    (house.modules_and_functions_are_short, "data/items.py", '"""x"""\ndef f():\n' + "    x = 1\n" * 60),
]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    for name, text in SOUND.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rule(rule: Callable[[Path], list[str]]) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_a_sound_house_is_not_accused(rule: Callable[[Path], list[str]], sound: Path) -> None:
    assert rule(sound) == []


@pytest.mark.parametrize(
    ("rule", "name", "text"), BROKEN, ids=[f"{r.__name__}-{n}-{i}" for i, (r, n, _) in enumerate(BROKEN)]
)
def test_a_broken_rule_is_noticed(rule: Callable[[Path], list[str]], name: str, text: str, sound: Path) -> None:
    (sound / name).parent.mkdir(parents=True, exist_ok=True)
    (sound / name).write_text(text, encoding="utf-8")
    assert rule(sound) != []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(house.RULES)


def test_data_and_eval_are_the_rooms_of_this_checkout() -> None:
    import data
    from eval import contracts

    assert Path(data.__file__).is_relative_to(ROOT)
    assert Path(contracts.__file__).is_relative_to(ROOT)
