"""`python -m tests.bench --learners 5000 --runs 30`: the table of `docs/benchmarks.md`, on a database of its own.

SQLite in a passing folder, or the empty database that `DATABASE_URL` names. Each round asks every page, the view that
does nothing and the plain view of that page's size, so that whatever else the machine does falls on all of them. What
is compared is the processor time of this process (user and system), the least of all rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from io import BytesIO
from typing import Any
from urllib.parse import urlencode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.bench", description="Measure what a page costs.")
    parser.add_argument("--learners", type=int, default=200, help="in the centre, a multiple of 8 (default: 200)")
    parser.add_argument("--waiting", type=int, metavar="N", help="instead: a desk with 10 and with N to mark")
    parser.add_argument("--runs", type=int, default=30, help="rounds (default: 30)")
    parser.add_argument("--profile", metavar="NAME", help="instead of the table: where the time of this page goes")
    return parser


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Server:
    """Requests through every middleware, as the web server hands them over."""

    def __init__(self) -> None:
        from django.core.handlers.wsgi import WSGIHandler

        self.handler = WSGIHandler()
        self.cookies: dict[int, str] = {}

    def _cookie(self, user: Any) -> str:
        if user.pk not in self.cookies:
            from django.test import Client

            client = Client()
            client.force_login(user)
            self.cookies[user.pk] = f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}"
        return self.cookies[user.pk]

    def ask(self, user: Any, path: str, form: dict[str, Any] | None = None) -> tuple[int, int, float]:
        """Status, bytes and seconds of processor time of one request."""
        path, _, query = path.partition("?")
        body = urlencode(form | {"csrfmiddlewaretoken": "a" * 32}).encode() if form else b""
        environ = {
            "REQUEST_METHOD": "POST" if form else "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_COOKIE": self._cookie(user),
            "HTTP_HOST": "testserver",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.version": (1, 0),
        }
        said: list[str] = []
        begun = time.process_time()
        response = self.handler(environ, lambda status, headers: said.append(status))
        size = sum(len(piece) for piece in response)
        response.close()
        return int(said[0][:3]), size, time.process_time() - begun


def statements(server: Server, user: Any, path: str, form: dict[str, Any] | None) -> tuple[int, int]:
    """How many statements one request sends, and its bytes."""
    from django.db import connection

    count = 0

    def counting(execute: Any, *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    with connection.execute_wrapper(counting):
        status, size, _ = server.ask(user, path, form)
    if status >= 400:
        raise SystemExit(f"{path} answers {status}")
    return count, size


def plain_of(server: Server, asked: Any, size: int) -> tuple[str, dict[str, Any] | None]:
    """The plain view of the same bytes: path and form."""
    if asked.form:
        kept = ("outcome", "feedback", "learner_unit", "submission", "criterion")
        return "/bench/save/", {name: value for name, value in asked.form().items() if name in kept}
    bare = server.ask(asked.user, f"/bench/plain/?rows=0&text={asked.text}")[1]
    ten = server.ask(asked.user, f"/bench/plain/?rows=10&text={asked.text}")[1]
    rows = max(0, round((size - bare) / ((ten - bare) / 10)))
    return f"/bench/plain/?rows={rows}&text={asked.text}", None


def measure(pages: list[Any], runs: int) -> None:
    """Print the table."""
    from django.db import connection

    server = Server()
    counts, plains = {}, {}
    for asked in pages:
        server.ask(asked.user, asked.path, asked.form and asked.form())  # what a process asks once is not counted
        counts[asked.name] = statements(server, asked.user, asked.path, asked.form and asked.form())
        plains[asked.name] = plain_of(server, asked, counts[asked.name][1])
    spent: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(runs):
        for asked in pages:
            path, form = plains[asked.name]
            ours = asked.form and asked.form()
            spent[asked.name, "ours"].append(server.ask(asked.user, asked.path, ours)[2])
            spent[asked.name, "plain"].append(server.ask(asked.user, path, form)[2])
            spent[asked.name, "nothing"].append(server.ask(asked.user, "/bench/nothing/")[2])
    least = {key: min(times) * 1000 for key, times in spent.items()}
    nothing = min(value for (_, kind), value in least.items() if kind == "nothing")
    say(f"{connection.vendor}, {runs} rounds; doing nothing, signed in: {nothing:.2f} ms\n")
    say("| page | statements | KB | ms least (median) | plain ms | times nothing | times plain |")
    say("|---|---|---|---|---|---|---|")
    for asked in pages:
        (count, size), ours, plain = counts[asked.name], least[asked.name, "ours"], least[asked.name, "plain"]
        median = statistics.median(spent[asked.name, "ours"]) * 1000
        say(
            f"| {asked.name} | {count} | {size / 1024:.0f} | {ours:.1f} ({median:.1f}) | {plain:.1f} "
            f"| {ours / nothing:.1f} | {ours / plain:.2f} |"
        )


def compare(few: list[Any], many: list[Any], runs: int) -> None:
    """Print what the same pages cost with little and with much waiting: by the clock, the database's time with it."""
    server = Server()
    spent: dict[tuple[str, int], list[float]] = defaultdict(list)
    counts: dict[tuple[str, int], int] = {}
    for side, pages in enumerate((few, many)):
        for asked in pages:
            server.ask(asked.user, asked.path, asked.form and asked.form())
            counts[asked.name, side] = statements(server, asked.user, asked.path, asked.form and asked.form())[0]
    for _ in range(runs):
        for pair in zip(few, many, strict=True):
            for side, asked in enumerate(pair):
                form = asked.form and asked.form()
                begun = time.perf_counter()
                server.ask(asked.user, asked.path, form)
                spent[asked.name, side].append((time.perf_counter() - begun) * 1000)
    say("\n| page | statements | ms, 10 waiting | ms, all waiting | times |")
    say("|---|---|---|---|---|")
    for asked in few:
        one, other = (min(spent[asked.name, side]) for side in (0, 1))
        both = f"{counts[asked.name, 0]} and {counts[asked.name, 1]}"
        say(f"| {asked.name} | {both} | {one:.1f} | {other:.1f} | {other / one:.1f} |")


def profile(asked: Any, runs: int) -> None:
    """Print where the time of `asked` goes."""
    import cProfile
    import pstats

    server = Server()
    server.ask(asked.user, asked.path, asked.form and asked.form())
    watch = cProfile.Profile()
    for _ in range(runs):
        form = asked.form and asked.form()
        watch.enable()
        server.ask(asked.user, asked.path, form)
        watch.disable()
    for order in ("cumulative", "tottime"):
        pstats.Stats(watch).sort_stats(order).print_stats(60)


def main() -> None:
    """Build, then measure."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="courseware-bench-") as folder:
        os.environ |= {
            "COURSEWARE_DATA": folder,
            "COURSEWARE_SECRET_KEY": "of-the-benchmarks-and-of-nothing-else-0123456789abcdef",
            "COURSEWARE_HTTP": "1",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }
        import django

        django.setup()
        from django.db import connections

        from tests.bench import site

        pages = [] if options.waiting else site.build(options.learners)
        desks = site.build_waiting(10, options.waiting) if options.waiting else []
        from courseware.kit.startup import settle

        settle()  # as the web server does when it has loaded all
        say(f"{options.waiting} submissions waiting" if options.waiting else f"{options.learners} learners")
        if desks:
            compare(*desks, runs=options.runs)
        elif options.profile:
            profile(next(asked for asked in pages if asked.name == options.profile), options.runs)
        else:
            measure(pages, options.runs)
        for connection in connections.all():
            connection.close()
            if hasattr(connection, "close_pool"):
                connection.close_pool()


if __name__ == "__main__":
    main()
