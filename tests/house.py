"""The rules of the house as functions: a folder in, sentences about what breaks the rule out."""

from __future__ import annotations

import ast
import statistics
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

ROOMS = ("data", "eval", "app", "pages")  # each may import from itself and from those before it
HEAVY = {
    "torch",
    "torchvision",
    "open_clip",
    "timm",
    "faiss",
    "umap",
    "sklearn",
    "scipy",
    "bm25s",
    "pymorphy3",
    "plotly",
    "playwright",
}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
DOORS = {  # dangerous call → the only files that may make it
    "pickle.load": set(),
    "pickle.loads": set(),
    "torch.jit.load": set(),
    "pandas.read_pickle": set(),
    "pd.read_pickle": set(),
    "joblib.load": set(),
    "yaml.load": set(),
    "eval": set(),
    "exec": set(),
    "os.system": set(),
    "torch.load": {"eval/checkpoints.py", "eval/pickled.py"},
    "Image.open": {"data/untrusted.py"},
    "faiss.read_index": set(),
    "faiss.write_index": set(),
}
BANNED_ARGUMENTS = {
    "allow_pickle": True,
    "weights_only": False,
    "shell": True,
    "strict_state": False,
    "unsafe_allow_html": True,
    "unsafe_allow_javascript": True,
}
BANNED_ATTRIBUTES = {"LOAD_TRUNCATED_IMAGES", "extractall"}
STREAMLIT_ROOMS = ("app", "pages")


def sources(root: Path, rooms: tuple[str, ...] = ROOMS) -> Iterator[tuple[str, ast.Module]]:
    """Every module of the rooms as (path below root, syntax tree)."""
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """(dotted module, statement) of every import below `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", node


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a call's function, empty when it is something else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def rooms_import_only_to_the_right(root: Path) -> list[str]:
    """pages → app → eval → data."""
    wrong = []
    for path, tree in sources(root):
        allowed = ROOMS[: ROOMS.index(path.split("/")[0]) + 1]
        wrong += [
            f"{path} imports {name}"
            for name, _ in imports(tree)
            if name.split(".")[0] in (*ROOMS, "tests", "bench") and name.split(".")[0] not in allowed
        ]
    return wrong


def eval_is_never_imported_bare(root: Path) -> list[str]:
    """`import eval` would hide the builtin; `from eval import …` is the way."""
    return [
        f"{path} has a bare `import {alias.name}`"
        for path, tree in sources(root, (*ROOMS, "tests", "bench"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] == "eval"
    ]


def relative_imports_are_not_used(root: Path) -> list[str]:
    """A page or test that is executed rather than imported has no package to be relative to."""
    return [
        f"{path}:{node.lineno}"
        for path, tree in sources(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]


def streamlit_stays_on_the_screen_side(root: Path) -> list[str]:
    """streamlit only in app/ and pages/."""
    return [
        f"{path} imports streamlit"
        for path, tree in sources(root, ("data", "eval"))
        for name, _ in imports(tree)
        if name.split(".")[0] == "streamlit"
    ]


def heavy_imports_stand_inside_functions(root: Path) -> list[str]:
    """A page that shows a table imports no torch."""
    wrong = []
    for path, tree in sources(root):
        for name, node in imports(ast.Module([n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)], [])):
            if name.split(".")[0] in HEAVY:
                wrong.append(f"{path}:{node.lineno} imports {name} at module level")
    return wrong


def dangerous_calls_go_through_their_doors(root: Path) -> list[str]:
    """Foreign files are opened in one place each; nothing runs code found in data."""
    wrong = []
    for path, tree in sources(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
                wrong.append(f"{path}:{node.lineno} touches {node.attr}")
            if not isinstance(node, ast.Call):
                continue
            name = dotted(node.func)
            tail = ".".join(name.split(".")[-2:])
            for call, doors in DOORS.items():
                if call in (name, tail) and path not in doors:
                    wrong.append(f"{path}:{node.lineno} calls {call}")
            for keyword in node.keywords:
                if (
                    keyword.arg in BANNED_ARGUMENTS
                    and isinstance(keyword.value, ast.Constant)
                    and keyword.value.value is BANNED_ARGUMENTS[keyword.arg]
                ):
                    wrong.append(f"{path}:{node.lineno} passes {keyword.arg}={keyword.value.value}")
    return wrong


def packages_hold_a_docstring_and_no_code(root: Path) -> list[str]:
    """`__init__.py` files hold one docstring."""
    wrong = []
    for path, tree in sources(root):
        if path.endswith("__init__.py"):
            only = len(tree.body) == 1 and ast.get_docstring(tree)
            wrong += [] if only else [f"{path} holds more or less than one docstring"]
        elif not ast.get_docstring(tree):
            wrong.append(f"{path} does not open with a sentence saying what it is for")
    return wrong


def names_say_what_a_module_is_for(root: Path) -> list[str]:
    """No utils, helpers, manager, base; no module of app/ named like one of the standard library."""
    wrong = [f"{path} is called {Path(path).stem}" for path, _ in sources(root) if Path(path).stem in BANNED_NAMES]
    own = {p.stem for p in (root / "app").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    shadows = {name for name in own if not name.startswith("__")} & set(sys.stdlib_module_names)
    return wrong + [f"app/{name} shadows the standard library" for name in sorted(shadows)]


def the_front_door_is_app_main(root: Path) -> list[str]:
    """A root streamlit_app.py, or pages/ inside app/, wakes Streamlit's old page discovery past any gate."""
    wrong = [name for name in ("streamlit_app.py", "main.py", "app/pages") if (root / name).exists()]
    return wrong + ([] if (root / "app/main.py").exists() else ["app/main.py is missing"])


def tests_are_flat(root: Path) -> list[str]:
    """tests/data/__init__.py would shadow the room."""
    return [p.relative_to(root).as_posix() for p in (root / "tests").rglob("__init__.py")]


def the_data_room_is_not_ignored(root: Path) -> list[str]:
    """`data` is a room: a bare data/ in .gitignore would lose it."""
    lines = {line.strip() for line in (root / ".gitignore").read_text(encoding="utf-8").splitlines()}
    return sorted(lines & {"data", "data/", "data/*", "/data", "/data/", "/data/*"})


def packages_are_listed_explicitly(root: Path) -> list[str]:
    """`pip install -e .` refuses to guess among several top-level packages."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found = project.get("tool", {}).get("setuptools", {}).get("packages", {}).get("find", {}).get("include", [])
    return [room for room in ROOMS if f"{room}*" not in found]


def streamlit_is_configured_safely(root: Path) -> list[str]:
    """Magic off, this machine only, no statistics sent, no traceback on screen, XSRF on, no file watcher."""
    config = tomllib.loads((root / ".streamlit/config.toml").read_text(encoding="utf-8"))
    wanted = {
        ("runner", "magicEnabled"): False,
        ("server", "address"): "127.0.0.1",
        ("browser", "gatherUsageStats"): False,
        ("server", "enableXsrfProtection"): True,
        ("client", "showErrorDetails"): "none",
        ("server", "fileWatcherType"): "none",
    }
    return [
        f"{a}.{b} is {config.get(a, {}).get(b)!r}, should be {v!r}"
        for (a, b), v in wanted.items()
        if config.get(a, {}).get(b) != v
    ]


def modules_and_functions_are_short(root: Path) -> list[str]:
    """Modules up to 200 lines; functions: median under 12 lines, nine of ten under 30, none over 60."""
    wrong, lengths = [], []
    for path, tree in sources(root):
        lines = len((root / path).read_text(encoding="utf-8").splitlines())
        wrong += [f"{path} has {lines} lines"] if lines > 200 else []
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append(length)
                wrong += [f"{path}:{node.lineno} {node.name} has {length} lines"] if length > 60 else []
    if lengths and statistics.median(lengths) >= 12:
        wrong.append(f"the median function has {statistics.median(lengths)} lines")
    if lengths and sorted(lengths)[int(0.9 * (len(lengths) - 1))] >= 30:
        wrong.append(f"one function in ten has {sorted(lengths)[int(0.9 * (len(lengths) - 1))]} lines or more")
    return wrong


RULES: tuple[Callable[[Path], list[str]], ...] = (
    rooms_import_only_to_the_right,
    eval_is_never_imported_bare,
    relative_imports_are_not_used,
    streamlit_stays_on_the_screen_side,
    heavy_imports_stand_inside_functions,
    dangerous_calls_go_through_their_doors,
    packages_hold_a_docstring_and_no_code,
    names_say_what_a_module_is_for,
    the_front_door_is_app_main,
    tests_are_flat,
    the_data_room_is_not_ignored,
    packages_are_listed_explicitly,
    streamlit_is_configured_safely,
    modules_and_functions_are_short,
)
