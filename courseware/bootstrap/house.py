"""`manage.py checks`: every rule of the house that a machine can keep, cheapest first, all of them in one run."""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from courseware.bootstrap import environment, text_rules
from courseware.bootstrap.locks import stale_locks

Check = Callable[[], tuple[bool, str]]  # whether it holds, and what to print when it does not (or as a remark)


MOST_LINES = 120
# Their tags open and close inside conditions, which the formatter cannot follow.
NOT_FORMATTED = ("templates/allauth/elements/button.html", "templates/courseware/whole_uni_form.html")


@dataclass(frozen=True)
class Named:
    """A check and what it is called."""

    name: str
    run: Check


def run(words: list[str]) -> int:
    """Run the checks; 1 when one of them fails. A failing one does not stop the others."""
    parser = argparse.ArgumentParser("manage.py checks", description="Check what the house rules ask.")
    parser.add_argument("--coverage", action="store_true", help="also the floors, on what the last test run measured")
    parser.add_argument("--only", metavar="WORD", help="only checks whose name has WORD in it")
    options = parser.parse_args(words)
    python = environment.ensure("dev")
    failed = []
    with tempfile.TemporaryDirectory(prefix="courseware-checks-") as folder:
        for check in _all(python.parent, Path(folder), coverage=options.coverage):
            if options.only and options.only not in check.name:
                continue
            begun = time.monotonic()
            holds, said = check.run()
            print(f"  {'ok' if holds else 'FAILED':<7} {check.name} ({time.monotonic() - begun:.1f} s)", flush=True)
            if said:
                print("\n".join(f"          {line}" for line in said.strip().splitlines()), flush=True)
            if not holds:
                failed.append(check.name)
    print(f"checks: {'failed: ' + ', '.join(failed) if failed else 'all hold'}")
    return 1 if failed else 0


def _all(tools: Path, folder: Path, *, coverage: bool) -> list[Named]:
    """Every check, cheapest first. `tools` holds the environment's programs, `folder` is for passing files."""
    usual = _variables(folder, http="1")
    # As on a server with TLS in front.
    production = _variables(folder, http="", hosts="courseware.example.org")
    manage = [str(tools / "python"), "manage.py"]
    checks = [
        Named("no registry, no path of a machine", text_rules.strangers),
        Named("lengths of files and functions", text_rules.lengths),
        Named("every template is used", text_rules.unused_templates),
        Named("format", _tool(tools / "ruff", "format", "--check", "--quiet", "--output-format", "concise", ".")),
        Named("lint", _tool(tools / "ruff", "check", "--quiet", "--output-format", "concise", ".")),
        Named("format of templates", _tool(tools / "djangofmt", "--check", *_templates())),
        Named("imports point down", _tool(tools / "lint-imports", variables=usual)),
        Named("lint of templates", _tool(tools / "djlint", "templates", "--lint", "--quiet")),
        Named("system check", _tool(*manage, "check", variables=usual)),
        Named("system check, in production", _tool(*manage, "check", "--deploy", variables=production)),
        Named("no migration is missing", _tool(*manage, "makemigrations", "--check", "--dry-run", variables=usual)),
        Named("types", _tool(tools / "mypy", variables=usual)),
        Named("locks are what their sources give", lambda: stale_locks(tools / "uv")),
    ]
    return checks + (_floors(tools) if coverage else [])


def _variables(folder: Path, http: str, hosts: str = "") -> dict[str, str]:
    own = {
        "COURSEWARE_DATA": str(folder / "data"),
        "COURSEWARE_SECRET_KEY": "for-the-checks-only-and-longer-than-fifty-characters-0123456789",
        "COURSEWARE_HTTP": http,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COURSEWARE", "DATABASE_URL"))}
    return kept | own | ({"COURSEWARE_HOSTS": hosts} if hosts else {})


def _tool(*command: str | Path, variables: dict[str, str] | None = None) -> Check:
    """A check that holds when `command` succeeds; what the command prints is its reason, cut where it gets endless."""

    def check() -> tuple[bool, str]:
        done = subprocess.run(command, cwd=environment.ROOT, env=variables, capture_output=True, text=True, check=False)
        lines = [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()
        return done.returncode == 0, "\n".join(lines[:MOST_LINES] + ["..."] * (len(lines) > MOST_LINES))

    return check


def _templates() -> list[str]:
    """Names of the templates that the formatter can read."""
    found = (environment.ROOT / "templates").rglob("*.html")
    return sorted({path.relative_to(environment.ROOT).as_posix() for path in found} - set(NOT_FORMATTED))


def _floors(tools: Path) -> list[Named]:
    """Branch coverage: every branch where the record is decided, nearly every one elsewhere."""
    report = [str(tools / "coverage"), "report", "--format=text"]
    return [
        Named(f"coverage of {name}", _tool(*report, f"--include={pattern}", f"--fail-under={floor}"))
        for name, pattern, floor in (
            ("kit", "courseware/kit/*", 100),
            ("permissions", "assessment/permissions/*", 100),
            ("workflow", "assessment/workflow/*", 100),
            ("readings", "assessment/readings/*", 100),
            ("everything", "*", 95),
        )
    ]
