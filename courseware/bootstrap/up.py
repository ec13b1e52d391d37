"""`manage.py up`: everything to run, from an empty machine to an address that answers."""

from __future__ import annotations

import argparse
import errno
import fcntl
import http.client
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import IO, Any

from courseware.bootstrap import children, environment
from courseware.bootstrap.speech import Stop, step

HOST = "127.0.0.1"
PORT = 8000
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
PATIENCE = 60.0  # seconds until the server answers for the first time


class Asked(Exception):
    """Somebody asked us to stop: Ctrl-C or SIGTERM."""


def run(words: list[str]) -> int:
    """Start everything, stay until asked to stop or until the server ends; the exit status."""
    options = _parser().parse_args(words)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _asked)
    os.umask(0o077)
    started: list[subprocess.Popen[bytes]] = []
    try:
        _need_port(options.port)
        with _own(_data(options.data)) as lock:
            return _serve(options, Path(lock.name).parent, started)
    except Asked:
        print("\nStopping.", flush=True)
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        children.stop(*started)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("manage.py up", description="Run everything on this machine.")
    parser.add_argument("--port", type=int, default=PORT, help=f"on {HOST} (default: {PORT})")
    parser.add_argument("--data", metavar="DIR", help="database, evidence and keys, all in one folder (default: .data)")
    parser.add_argument("--demo-password", metavar="PW", help="for the demo's sign-ins (else random, printed once)")
    parser.add_argument("--no-demo", action="store_true", help="no demo centre")
    return parser


def _asked(_number: int, _frame: FrameType | None) -> None:
    raise Asked


# -- What can be wrong, each in one sentence ---------------------------------------------------------------------------


def _need_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise Stop(f"{port} is no port: choose one from 1 to 65535 with --port.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Stop(f"Port {port} is taken by another program: choose another with --port.") from error
            raise Stop(f"Port {port} cannot be used ({error.strerror}): choose another with --port.") from error


def _data(given: str | None) -> Path:
    """The data folder, made when missing and proven writable."""
    folder = Path(given or os.environ.get("COURSEWARE_DATA") or environment.ROOT / ".data").absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Stop(
            f"The data folder {folder} cannot be written ({error.strerror}): choose another with --data."
        ) from error
    return folder


def _own(folder: Path) -> IO[str]:
    """The open lock of `folder`; two servers on one folder would be two workers on one queue."""
    lock = (folder / "up.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        raise Stop(f"Courseware already runs on {folder} (process {lock.read().strip()}).") from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


# -- The steps ---------------------------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace, data: Path, started: list[subprocess.Popen[bytes]]) -> int:
    python = str(environment.ensure(environment.needed_to_run()))
    step("Data", str(data))
    _secret_key(data)
    variables = os.environ | {
        "COURSEWARE_DATA": str(data),
        "COURSEWARE_HTTP": os.environ.get("COURSEWARE_HTTP", "1"),
        "COURSEWARE_URL": os.environ.get("COURSEWARE_URL") or _address(options.port),
        "DJANGO_SETTINGS_MODULE": "courseware.settings",
        "PYTHONUNBUFFERED": "1",
    }
    told = _prepare(python, options, variables, started)
    worker = children.start([python, "manage.py", "work"], variables, environment.ROOT)
    started.append(worker)
    server = children.start(_server(python, options.port), variables, environment.ROOT)
    started.append(server)
    step("Worker", "started")
    _wait_for_answer(options.port, server)
    step("Server", "answers")
    _greet(options, told)
    return _watch(python, server, worker, variables, started)


def _secret_key(data: Path) -> None:
    try:
        handle = os.open(data / "secret-key", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    step("Secret key", "made")


def _prepare(
    python: str, options: argparse.Namespace, variables: dict[str, str], started: list[subprocess.Popen[bytes]]
) -> dict[str, Any]:
    """Bring database, units, static files and demo up to date in one process; what it tells about the demo."""
    word = options.demo_password or "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(3))
    with tempfile.NamedTemporaryFile("r", suffix=".json") as report:
        command = [python, "manage.py", "prepare", "--report", report.name]
        if not options.no_demo:
            command += ["--demo"]
        if options.demo_password:
            command += ["--demo-password-given"]
        child = children.start(command, variables | {"COURSEWARE_DEMO_PASSWORD": word}, environment.ROOT)
        started.append(child)
        if child.wait():
            raise Stop("The site could not be prepared; the lines above say why.")
        started.remove(child)
        told: dict[str, Any] = json.load(report)
    return told | {"password": word}


def _server(python: str, port: int) -> list[str]:
    shared = "/dev/shm"  # noqa: S108 - gunicorn makes its own private file there
    memory = ["--worker-tmp-dir", shared] if os.access(shared, os.W_OK) else []
    return [
        *[python, "-m", "gunicorn", "courseware.wsgi:application", "--bind", f"{HOST}:{port}", "--no-control-socket"],
        *["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "60", "--log-level", "warning"],
        *["--graceful-timeout", "15", *memory],
    ]


def _wait_for_answer(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise Stop("The server could not start; the lines above say why.")
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise Stop(f"The server did not answer within {PATIENCE:.0f} seconds.")


def _address(port: int) -> str:
    return f"http://{HOST}:{port}"


def _greet(options: argparse.Namespace, told: dict[str, Any]) -> None:
    lines = ["", f"Courseware is at {_address(options.port)}/ (Ctrl-C stops it)"]
    if options.no_demo:
        data = f"COURSEWARE_DATA={shlex.quote(str(Path(options.data).absolute()))} " if options.data else ""
        url = f"COURSEWARE_URL={_address(options.port)} " if options.port != PORT else ""
        lines += ["", f'Your first centre: {data}{url}python3 manage.py add_centre "NAME" --admin EMAIL']
    elif told["signins"]:
        known = f"password {told['password']}" if told["password_set"] else "password as printed at the first start"
        lines += ["", f"Demo sign-ins, {known}:", *(f"  {line}" for line in told["signins"])]
    print("\n".join(lines), flush=True)


def _watch(
    python: str,
    server: subprocess.Popen[bytes],
    worker: subprocess.Popen[bytes],
    variables: dict[str, str],
    started: list[subprocess.Popen[bytes]],
) -> int:
    """Stay until the server ends; a worker that ends is started again, less and less eagerly."""
    pause = 1.0
    while server.poll() is None:
        time.sleep(0.2)
        if worker.poll() is not None:
            step("Worker", f"ended with status {worker.returncode}; started again")
            time.sleep(pause)
            pause = min(pause * 2, 60)
            started.remove(worker)
            worker = children.start([python, "manage.py", "work"], variables, environment.ROOT)
            started.append(worker)
    raise Stop(f"The server ended by itself with status {server.returncode}; the lines above may say why.")
