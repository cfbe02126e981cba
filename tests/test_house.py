"""The house is as its plan says: which way imports point, what is loaded when, how long, who prints."""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import BAD, ROOT, dli_hosts, run_process

import importer
from importer.cli.parser import VERBS

HOUSE = ROOT / "importer"
MODULES = sorted(path.relative_to(HOUSE).as_posix() for path in HOUSE.rglob("*.py"))
ROOMS: tuple[tuple[str, ...], ...] = (
    ("columns",),
    ("reading",),
    ("checking",),
    ("library", "calling", "planning", "repairing"),
    ("sending", "rendering", "distributed", "sandbox"),
    ("cli",),
)
"""The floors from the ground up. An import may point to the same room or to a lower floor, so rooms of one
floor do not know each other; modules outside all rooms lie at the bottom, but `library.py`."""
FLOORS = {name: floor for floor, names in enumerate(ROOMS, 1) for name in names}
BLIND = {
    "checking": {"reading"},
    "rendering": {"reading"},
    "sandbox": {"planning", "calling", "sending", "checking", "reading"},
}
"""What a room must not know although it lies on a lower floor."""
HEAVY = (
    *("numpy", "pandas", "pydantic", "requests", "tqdm", "fastapi", "uvicorn", "platformdirs"),
    *("pyarrow", "zstandard", "dask", "distributed", "pyspark"),
)
LONGEST = 350


def tree(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse((HOUSE / module).read_text(encoding="utf-8"), module)


def room(module: str) -> str:
    """The first folder below the package, or `library`; empty for other modules outside all rooms."""
    return module.partition("/")[0] if "/" in module else "library" if module == "library.py" else ""


def imports(module: str) -> Iterator[tuple[str, ast.AST]]:
    """Every absolute import of a module, wherever it stands, with its node."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            yield str(node.module), node
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def at_the_top(module: str) -> Iterator[str]:
    """What is imported as soon as a module is: no import in a function, none for type checkers alone."""
    waiting: list[ast.AST] = [tree(module)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
        lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if not lazy and not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting.extend(ast.iter_child_nodes(node))


# -- the import picture


@pytest.mark.parametrize("module", [m for m in MODULES if m not in ("__init__.py", "__main__.py")])
def test_nothing_imports_upward(module: str) -> None:
    """Imports point to a lower floor or stay in their room."""
    floor = FLOORS[room(module)] if room(module) else 0
    for name, _ in imports(module):
        if not name.startswith("importer."):
            continue
        target = name.split(".")[1]
        if target in FLOORS and target != room(module):
            assert FLOORS[target] < floor, f"{module} imports {name}, which is not on a lower floor"
            assert target not in BLIND.get(room(module), ()), f"{module} must not know {name}"


def test_every_room_is_in_the_plan() -> None:
    """There is no folder of modules that the plan does not know."""
    assert {room(module) for module in MODULES} - {""} == FLOORS.keys()


@pytest.mark.parametrize("module", MODULES)
def test_frames_are_read_lazily(module: str) -> None:
    """`reading.frame` is imported when a DataFrame is checked, and heavy packages when they are needed."""
    top = set(at_the_top(module))
    assert "importer.reading.cells.frame" not in top
    heavy = {name.partition(".")[0] for name in top} & set(HEAVY)
    borders = {
        "planning/request.py": {"pydantic"},
        "planning/jobs_schema.py": {"pydantic"},
        "planning/schema_faults.py": {"pydantic"},
        "calling/reasons.py": {"requests"},
        "calling/transport.py": {"requests"},
        "sandbox/document.py": {"fastapi"},
        "sandbox/service.py": {"fastapi"},
        "sandbox/wire.py": {"uvicorn"},
    }
    allowed = borders.get(module, {"numpy"} if room(module) != "cli" else set())
    assert heavy <= allowed, f"{module} imports {heavy - allowed} at once"


# -- length, print, docstrings


@pytest.mark.parametrize("module", MODULES)
def test_length(module: str) -> None:
    """No module is longer than 350 lines."""
    assert len((HOUSE / module).read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_one_module_prints() -> None:
    """`print` is called in `cli/console.py` and nowhere else; nobody else writes to the streams."""
    printing, writing = set(), set()
    for module in MODULES:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                printing.add(module)
            if isinstance(node, ast.Call) and re.match(
                r"sys\.(__)?std(out|err)(__)?\.", ast.unparse(node.func)
            ):
                writing.add(module)
    assert printing == {"cli/console.py"}
    assert writing <= {"cli/console.py"}


def public(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """The public classes and functions of a body, and what is public in such a class."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("_") and not node.name.startswith("__"):
                continue
            if node.name not in ("__init__", "__len__", "__str__", "__iter__", "__getattr__", "__dir__"):
                yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


@pytest.mark.parametrize("module", MODULES)
def test_docstrings(module: str) -> None:
    """Every public module, class, method and function says what it is."""
    syntax = tree(module)
    if not syntax.body:
        return
    assert ast.get_docstring(syntax), module
    for name, node in public(syntax.body, f"{module}: "):
        assert isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        assert ast.get_docstring(node), name


# -- public names


def test_public_names() -> None:
    """Every name in `__all__` resolves; the list is sorted, without repeats, and what `dir` shows."""
    assert importer.__all__ == sorted(set(importer.__all__))
    for name in importer.__all__:
        assert getattr(importer, name) is not None, name
    assert dir(importer) == importer.__all__


def test_public_names_are_complete() -> None:
    """`__all__`, the names for type checkers and the homes of the lazy names are the same names."""
    syntax = tree("__init__.py")
    (block,) = (n for n in syntax.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    typed = {
        alias.asname or alias.name for n in block.body if isinstance(n, ast.ImportFrom) for alias in n.names
    }
    assert typed | {"__version__"} == set(importer.__all__)
    homes = [name for names in importer._HOMES.values() for name in names]
    assert sorted(homes) == sorted(typed)


def test_unknown_name() -> None:
    """A name that is not there is an AttributeError that names it."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = importer.no_such_name


# -- what is loaded


LOADED = """
import json, sys
arguments = json.loads(sys.argv[1])
import importer
if arguments is not None:
    from importer.cli import main
    try:
        main(arguments)
    except SystemExit:
        pass
heavy = [name for name in {heavy!r} if name in sys.modules]
open("loaded", "w").write(json.dumps(heavy))
"""


def loaded(folder: Path, arguments: list[str] | None) -> list[str]:
    """The heavy packages that a fresh process has loaded after a run of the command."""
    (folder / "bad.hosts").write_bytes(BAD)
    (folder / "bad.csv").write_bytes(b'name,ip\nkafka01,10.20.0.11\n"2kafka",10.20.0.12\n')
    program = [sys.executable, "-c", LOADED.format(heavy=HEAVY), json.dumps(arguments)]
    assert run_process(program, folder).status == 0
    found: list[str] = json.loads((folder / "loaded").read_text())
    return found


def test_import_loads_nothing(tmp_path: Path) -> None:
    """`import importer` loads none of the heavy packages."""
    assert loaded(tmp_path, None) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["check", "--help"],
        ["fix", "--help"],
        ["fix", "bad.hosts", "--select", "X1"],
        ["emit", "--help"],
        ["plan", "--help"],
        ["submit", "--help"],
        ["status", "--help"],
        ["pull", "--help"],
        ["rollback", "--help"],
        ["sandbox", "--help"],
        ["init", "--help"],
        ["schema", "--help"],
        ["explain"],
        ["explain", "--all"],
        ["explain", "N103", "--output-format", "json"],
        ["explain", "N999"],
        ["completion", "bash"],
        [],
        ["chek"],
        ["check"],
        ["check", "bad.hosts", "--strct"],
        ["check", "bad.hosts", "--max-findings", "x"],
        ["emit", "bad.hosts"],
    ],
    ids=" ".join,
)
def test_small_things_load_nothing(arguments: list[str], tmp_path: Path) -> None:
    """Help, explanations and usage errors load none of the heavy packages."""
    assert loaded(tmp_path, arguments) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "bad.hosts"],
        ["check", "bad.csv"],
        ["check", "bad.hosts", "--output-format", "json"],
        ["check", "bad.hosts", "-o", "report", "-v", "--only", "kafka*", "--cidr", "10.0.0.0/8"],
        ["check", "missing.hosts"],
        ["fix", "bad.hosts"],
        ["emit", "bad.hosts", "--as", "hosts", "--skip-refused"],
    ],
    ids=" ".join,
)
def test_check_loads_numpy_only(arguments: list[str], tmp_path: Path) -> None:
    """`check`, and `emit` of plain lists, load numpy and none of the other heavy packages."""
    assert loaded(tmp_path, arguments) == ["numpy"]


# -- promises of the help


@pytest.mark.parametrize("verb", VERBS)
def test_options_are_documented(verb: str, tmp_path: Path) -> None:
    """README names every long option that the help of a verb names."""
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", dli_hosts(verb, "--help", cwd=tmp_path).out))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(o for o in options if not re.search(rf"{o}(?![\w-])", readme)) == []


# -- regular expressions


def patterns(module: str) -> Iterator[str]:
    """The regular expressions of a module: those it holds, and those it spells out in a call."""
    name = "importer." + module.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    for key, value in vars(importlib.import_module(name)).items():
        if isinstance(value, re.Pattern):
            yield value.pattern if isinstance(value.pattern, str) else value.pattern.decode("latin-1")
        elif isinstance(value, str | bytes) and key.endswith("_PATTERN"):
            text = value if isinstance(value, str) else value.decode("latin-1")
            yield text.replace(r"\z", r"\Z")
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                yield first.value if isinstance(first.value, str) else first.value.decode("latin-1")


def unbounded(part: Any) -> bool:
    """Whether a parsed expression repeats something without a bound."""
    repeat = importlib.import_module("re._constants")
    for operator, value in part:
        if (
            str(operator) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
            and value[1] is repeat.MAXREPEAT
        ):
            return True
        if any(unbounded(inner) for inner in inner_parts(value)):
            return True
    return False


def inner_parts(value: Any) -> Iterator[Any]:
    """The parsed expressions inside an item of a parsed expression."""
    parsed = importlib.import_module("re._parser").SubPattern
    if isinstance(value, parsed):
        yield value
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from inner_parts(inner)


def nested(part: Any) -> bool:
    """Whether a repeated part repeats something without a bound itself, which can blow up."""
    for operator, value in part:
        inner = list(inner_parts(value))
        repeats = str(operator) in ("MAX_REPEAT", "MIN_REPEAT") and value[1] > 1
        if (repeats and any(map(unbounded, inner))) or any(map(nested, inner)):
            return True
    return False


@pytest.mark.parametrize(
    ("pattern", "blows_up"),
    [
        (r"(a+)+b", True),
        (r"(?:(?:a|b)*c){3}", True),
        (r"(?:x(a*))*", True),
        (r"a+b*", False),
        (r"(a{3})+", False),
    ],
)
def test_nested_repeats_are_found(pattern: str, blows_up: bool) -> None:
    """The walk below finds what it is there to find."""
    assert nested(importlib.import_module("re._parser").parse(pattern)) is blows_up


def test_no_regular_expression_can_blow_up() -> None:
    """No regular expression of the program repeats a part that repeats without a bound itself."""
    found = {pattern for module in MODULES if module != "__main__.py" for pattern in patterns(module)}
    assert len(found) >= 8
    parse = importlib.import_module("re._parser").parse
    assert [pattern for pattern in sorted(found) if nested(parse(pattern))] == []


def test_globs_of_users_cannot_blow_up() -> None:
    """A glob of `--only` or `--exclude` becomes an expression without nested repeats, too."""
    policy = importlib.import_module("importer.checking.policy")
    options = importer.CheckOptions(only=("a*b*c*d*[x-z]?*", "*" * 40))
    (first, second) = policy.Policy.of(options).only.names
    parse = importlib.import_module("re._parser").parse
    assert not nested(parse(first.pattern))
    assert not nested(parse(second.pattern))
    assert second.match("kafka01")
