"""Rules about the text of the project itself: what no file may name, how long things get, what nobody uses."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

from courseware.bootstrap import environment

# Hosts of package registries and paths that exist on one machine only; written so that they do not match themselves.
STRANGERS = re.compile(
    r"py(?:pi|thonhosted)\.(?:org|io)|npm(?:js)?\.(?:org|com)|deb\.debian|(?<!emit-)index-url|--find-links"
    r"|(?<![\w.])/(?:work|root|home|Users)/[\w.]"
)
# Third parties find these by name; our own text never mentions them.
FOUND_BY_CONVENTION = re.compile(r"^(?:account|allauth|mfa|courseware|django|markdownx|registration)/|^[45]\d\d\.html$")
FILE_AIM, FILE_MOST = 300, 500
FUNCTION_AIM, FUNCTION_MOST = 40, 60
TEMPLATE_AIM, SCRIPT_AIM = 120, 100


def committed() -> list[Path]:
    """Every file that git knows, and that is still there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=environment.ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [path for name in listed.split("\0") if name and (path := environment.ROOT / name).is_file()]


def _text(path: Path) -> str:
    """The file's text; empty for a picture and the like."""
    data = path.read_bytes()
    return "" if b"\0" in data[:4096] else data.decode(errors="replace")


def _name(path: Path) -> str:
    return path.relative_to(environment.ROOT).as_posix()


def strangers() -> tuple[bool, str]:
    """No file names a package registry or a path of somebody's machine."""
    found = []
    for path in committed():
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(_text(path).splitlines(), 1):
            if match := STRANGERS.search(line):
                found.append(f"{_name(path)}:{number}: {match.group()}")
    return not found, "\n".join(found)


def lengths() -> tuple[bool, str]:
    """Nothing is longer than the most; what is longer than the aim is remarked."""
    too_long, remarks = [], []
    for name, what, length, aim, most in _measured():
        if length > most:
            too_long.append(f"{name}: {what}{length} lines, at most {most}")
        elif length > aim:
            remarks.append(f"{name}: {what}{length} lines, aim {aim}")
    said = "\n".join(too_long + remarks[:40])
    more = f"\n... and {len(remarks) - 40} more remarks" if len(remarks) > 40 else ""
    return not too_long, said + more


def _is_test(name: str) -> bool:
    return name.startswith("tests/") or bool(re.search(r"(?:^|/)(?:test_\w+|conftest)\.py$", name))


def _measured() -> list[tuple[str, str, int, int, int]]:
    """(file, what in it, lines, aim, most) for every file and every function."""
    never = 10**9
    found = []
    for path in committed():
        name = _name(path)
        if "/migrations/" in name:
            continue
        size = len(_text(path).splitlines())
        if path.suffix == ".py":
            # A test file is a list; its length is how much it tests.
            found.append((name, "", size, FILE_AIM, never if _is_test(name) else FILE_MOST))
            found += _functions(name, path)
        elif name.startswith("templates/"):
            found.append((name, "", size, TEMPLATE_AIM, never))
        elif path.suffix == ".js":
            found.append((name, "", size, SCRIPT_AIM, never))
    return found


def _functions(name: str, path: Path) -> list[tuple[str, str, int, int, int]]:
    most = 10**9 if _is_test(name) else FUNCTION_MOST
    return [
        (name, f"{node.name}: ", (node.end_lineno or node.lineno) - node.lineno + 1, FUNCTION_AIM, most)
        for node in ast.walk(ast.parse(_text(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def unused_templates() -> tuple[bool, str]:
    """Every template of ours is named by a view, a tag or another template."""
    texts = [
        (path, _text(path))
        for path in committed()
        if path.suffix in (".py", ".html", ".txt") and not _name(path).startswith("docs/")
    ]
    unused = []
    for path, _ in texts:
        name = _name(path).removeprefix("templates/")
        if not _name(path).startswith("templates/") or FOUND_BY_CONVENTION.match(name):
            continue
        if not any(name in text for other, text in texts if other != path):
            unused.append(name)
    return not unused, "\n".join(unused)
