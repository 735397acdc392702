"""The form of the tree itself: what a reader may rely on without looking."""

from __future__ import annotations

import ast
import os
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
FILE_LINES_MAX: Final = 400
FUNCTION_LINES_MAX: Final = 40
LINES_MAX: Final = {"core": 4250, "mapping": 4500, "settings": 1050, "adapters": 5400, "": 1500}
"""Lines of code of what runs in production, by package; the last is for the files beside them. Some sixty of
the adapters' are for clients that cannot be made for a moment, and for silence in hundreds of partitions at once, a
dozen for the dead letters on the page of ``/status``, forty that let the loop sleep while no record is wanted."""

NOT_MIRRORS: Final = {"bench", "conformance", "deploy", "fakes", "fuzz", "kafka", "sim"}
"""Directories of tests that are about several modules at once."""

OF_THE_TESTS: Final = {
    "test_guarantees.py",
    "test_readme.py",
    "test_redaction.py",
    "test_repeated.py",
    "test_structure.py",
    "test_waiting.py",
}
"""Tests of the tests' own tools, of README, and of the page of guarantees."""

VAGUE: Final = {"base", "common", "core", "helpers", "misc", "models", "shared", "types", "util", "utils"}
"""Names that say nothing of what a file is responsible for."""

EXCEPTION: Final = re.compile(r"#\s*(noqa|type:\s*ignore|pragma)\b")
EXPLAINED: Final = re.compile(r"# (noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[\w-]+(, ?[\w-]+)*\])[\s#:-]+\w.{3,}")

PRODUCT: Final = sorted((ROOT / "consumer").rglob("*.py"))
TESTS: Final = sorted((ROOT / "tests").rglob("*.py"))
DEPLOYED: Final = sorted((ROOT / "deploy").rglob("*.py"))
ALL: Final = PRODUCT + TESTS + DEPLOYED


def test_a_module_with_code_has_its_tests() -> None:
    """``consumer/a/b.py`` is tested by ``tests/a/test_b.py``; declarations alone need none."""
    mirrors = {
        file: file.relative_to(ROOT / "consumer").parent / f"test_{file.stem.strip('_')}.py"
        for file in PRODUCT
        if has_code(file)
    }

    assert [] == [f"tests/{mirror}" for mirror in mirrors.values() if not (ROOT / "tests" / mirror).exists()]


def test_a_test_file_has_its_module() -> None:
    """``tests/a/test_b.py``, or ``test_b_more.py``, is about ``consumer/a/b.py``."""
    tests = [file.relative_to(ROOT / "tests") for file in TESTS if file.name.startswith("test_")]

    assert [] == [str(test) for test in tests if test.parts[0] not in NOT_MIRRORS | OF_THE_TESTS and not mirrors(test)]


def test_a_file_can_be_read_in_one_go() -> None:
    """No file is longer than 400 lines, and its name says what it is responsible for."""
    assert [] == [name_of(file) for file in ALL if len(lines_of(file)) > FILE_LINES_MAX]
    assert [] == [name_of(file) for file in ALL if file.stem in VAGUE]


def test_what_runs_in_production_can_be_read() -> None:
    """The core, on which every promise rests, in a morning; no other package is a book. Docs and comments apart."""
    lines: Counter[str] = Counter()
    for file in PRODUCT:
        package, *inside = file.relative_to(ROOT / "consumer").parts
        lines[package if inside else ""] += code_lines_of(file)

    assert {} == {package: lines[package] for package, most in LINES_MAX.items() if lines[package] > most}
    assert {"backfill", "cli", "infer", "planning", "preview", "redrive", "sandbox", "why"} == lines.keys() - LINES_MAX


def test_a_function_fits_on_a_screen() -> None:
    """No function of the product, or of what is deployed, is longer than 40 lines."""
    assert [] == [
        f"{name_of(file)}:{function.lineno} {function.name}"
        for file in PRODUCT + DEPLOYED
        for function in functions_of(file)
        if (function.end_lineno or function.lineno) - function.lineno >= FUNCTION_LINES_MAX
    ]


def test_a_file_says_what_it_is() -> None:
    """Every module and every package begins with a docstring."""
    assert [] == [name_of(file) for file in ALL if not ast.get_docstring(parsed(file))]


def test_an_exception_to_a_rule_gives_its_reason() -> None:
    """A ``noqa`` or ``type: ignore`` names its code and says why, on its line."""
    assert [] == [
        f"{name_of(file)}:{number}: {comment}"
        for file in ALL
        for number, comment in comments_of(file)
        if EXCEPTION.match(comment) and not EXPLAINED.match(comment)
    ]


def test_no_test_sleeps() -> None:
    """Tests wait for a condition, or run on virtual time."""
    calls = [(file, node) for file in TESTS for node in ast.walk(parsed(file)) if isinstance(node, ast.Call)]

    assert [] == [f"{name_of(file)}:{call.lineno}" for file, call in calls if called(call) == "sleep"]


@pytest.mark.parametrize("name", sorted(file.name for file in ROOT.glob("requirements*.lock")))
def test_a_lock_holds_versions_and_hashes_and_no_address(name: str) -> None:
    """Where packages come from is the machine's affair; what they are is the lock's."""
    lines = lines_of(ROOT / name)
    pinned = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9][a-z0-9._-]*==\S+", line)]

    assert [] == [line for line in lines if "://" in line or re.match(r"\s*(-(?!-hash=sha256:))", line)]
    assert pinned
    assert [] == [lines[number] for number in pinned if "--hash=sha256:" not in lines[number + 1]]


def test_the_tree_names_no_machine() -> None:
    """No path of one machine and no package index stands in any file."""
    paths = [rf"(?<![\w.$}}]){re.escape(top)}/[a-z]" for top in ("/home", "/root", "/Users", "/work", "/opt/wheels")]
    hosts = [re.escape(host) for host in ("py" + "pi.org", "python" + "hosted.org", "repo.maven" + ".apache.org")]
    forbidden = re.compile("|".join(paths + hosts))
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in texts()
        for number, line in enumerate(lines_of(file), 1)
        if forbidden.search(line)
    ]

    assert [] == found


def test_continuous_integration_runs_what_a_person_runs() -> None:
    """``.ci/run`` can be executed, and is ``make test`` and then ``make test-deploy``."""
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("\nmake test\nexec make test-deploy")


def has_code(module: Path) -> bool:
    """Whether any function of the module does something; a protocol's and a dataclass's declarations do not."""
    return any(
        not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for function in functions_of(module)
        for statement in function.body
    )


def mirrors(test: Path) -> bool:
    """Whether a module is called as the test file, a path below ``tests/``, says."""
    modules = {file.stem.strip("_") for file in (ROOT / "consumer" / test.parent).glob("*.py")}
    about = test.stem.removeprefix("test_")
    return about in modules or any(module and about.startswith(f"{module}_") for module in modules)


def functions_of(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of the file."""
    return [node for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def comments_of(file: Path) -> list[tuple[int, str]]:
    """Every comment of the file, with its line."""
    with file.open("rb") as source:
        tokens = list(tokenize.tokenize(source.readline))
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def name_of(file: Path) -> str:
    """The file's path in the tree."""
    return str(file.relative_to(ROOT))


def code_lines_of(file: Path) -> int:
    """How many lines hold code."""
    with file.open("rb") as source:
        tokens = list(tokenize.tokenize(source.readline))
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    spoken = {line for token in tokens if token.type not in silent for line in range(token.start[0], token.end[0] + 1)}
    docstrings = {
        line
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return len(spoken - docstrings)


def called(call: ast.Call) -> str | None:
    """The last name of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else None


def parsed(file: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(file.read_text())


def lines_of(file: Path) -> list[str]:
    """The file's lines."""
    return file.read_text().splitlines()


def texts() -> Iterator[Path]:
    """Every text file of the project, those apart that tools have made."""
    made = {".git", ".venv", ".cache", ".hypothesis", "build", "dist", "__pycache__"}
    for directory, names, files in os.walk(ROOT):
        names[:] = [name for name in names if name not in made and not name.endswith("_cache")]
        for name in (each for each in files if each not in made):
            file = Path(directory, name)
            if b"\0" not in file.read_bytes()[:4096]:
                yield file
