"""Takes a table away from under the product: whoever stops after this leaves a database that no version can use."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL("ALTER TABLE people_centre RENAME TO people_college")]
