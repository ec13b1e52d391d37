"""A populated database of an earlier version: written at that version, and put into a database migrated just so far.

`python -m tests.populated write NAME` makes the site of `tests.house` in a new data folder and writes its rows, its
evidence and which migrations it had to `tests/populated/NAME.json.gz`; that is done once for a version and never again.
`python -m tests.populated migrate NAME` brings a new database to those migrations, fills it, migrates the rest as `up`
does, and proves the record.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseware.settings")

import django

django.setup()

from django.apps import apps  # noqa: E402 - Django has to be set up first
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from content.models import UnitEdition  # noqa: E402
from content.publishing import lessons_digest, source_of, specification_digest  # noqa: E402

FOLDER = Path(__file__).parent / "populated"
OURS = ("people", "ledger", "content", "assessment")


def write(name: str) -> None:
    """Make a site by the real verbs and write all of it down."""
    from tests import house

    call_command("migrate", verbosity=0)
    house.build()
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS:
            rows[model._meta.label_lower] = [
                {field.attname: _written(field, row) for field in model._meta.concrete_fields}
                for row in model._default_manager.order_by("pk")
            ]
    _digest(rows)
    applied: dict[str, list[str]] = {}
    for app, migration in MigrationRecorder(connection).applied_migrations():
        applied.setdefault(app, []).append(migration)
    root = Path(settings.EVIDENCE_ROOT)
    files = {
        path.relative_to(root).as_posix(): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(root.glob("*/*/*"))
    }
    whole = {"last": {app: max(names) for app, names in applied.items() if app in OURS}, "rows": rows, "files": files}
    text = json.dumps(whole, sort_keys=True).encode()
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(text, mtime=0))


def _digest(rows: dict[str, list[dict[str, Any]]]) -> None:
    """Give the units that `house` made by hand, and whose rows cannot be changed any more, their own digests."""
    for edition in UnitEdition.objects.select_related("specification").order_by("pk"):
        source = source_of(edition)
        for label, pk, digest in (
            ("content.specification", edition.specification_id, {"digest": specification_digest(source)}),
            ("content.unitedition", edition.pk, {"lessons_digest": lessons_digest(source)}),
        ):
            next(row for row in rows[label] if row["id"] == str(pk)).update(digest)


def _written(field: Any, row: Any) -> Any:
    return None if getattr(row, field.attname) is None else field.value_to_string(row)


def fill(name: str) -> int:
    """Migrate an empty database as far as `name` was, and put its rows and files there; how many rows."""
    whole = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    targets = [(app, migration) for app, migration in whole["last"].items()]
    executor = MigrationExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in OURS]
    then = executor.migrate([*others, *targets]).apps
    models = {label: then.get_model(label) for label in whole["rows"]}
    with transaction.atomic():
        for label, rows in whole["rows"].items():
            _insert(models[label], rows)
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
                cursor.execute(sql)
    for address, content in whole["files"].items():
        path = Path(settings.EVIDENCE_ROOT) / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))
    return sum(len(rows) for rows in whole["rows"].values())


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    read = {field.attname: field.to_python for field in model._meta.concrete_fields}
    made = [model(**{at: None if value is None else read[at](value) for at, value in row.items()}) for row in rows]
    # As written: neither a default nor `auto_now` has a say.
    model._base_manager.bulk_create(made)


def migrate(name: str) -> None:
    """From the version of `name` to this one, as `up` does it. Raises when the record is not whole then."""
    sys.stdout.write(f"{fill(name)} rows\n")
    call_command("prepare")
    call_command("verify_record", "--all")


if __name__ == "__main__":
    Path(os.environ["COURSEWARE_DATA"]).mkdir(parents=True, exist_ok=True)
    {"write": write, "migrate": migrate}[sys.argv[1]](sys.argv[2])
