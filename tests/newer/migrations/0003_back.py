"""Brings the table back, and something new."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("newer", "0002_unlucky")]
    operations = [
        migrations.RunSQL("ALTER TABLE people_college RENAME TO people_centre"),
        migrations.RunSQL("CREATE TABLE newer_thing (id integer PRIMARY KEY)"),
    ]
