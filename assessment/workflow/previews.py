"""The worker's part: preparing a version for being shown in place."""

from __future__ import annotations

from courseware.kit.tasks import task

from assessment.models import Preview
from courseware.kit import clock, filekinds, storage


@task()
def prepare_preview(version_uid: str) -> None:
    """Make the images of a version's pages (or its re-encoded copy); may run twice, does nothing for one that is gone."""
    preview = (
        Preview.objects.filter(version__uid=version_uid)
        .select_related("version__centre", "version__learner_unit")
        .first()
    )
    if preview is None:
        return
    version = preview.version
    path = storage.evidence().path(version.address)
    folder = storage.derived().folder(version.address)
    from courseware.kit import previews

    made = previews.prepare(filekinds.KINDS[version.format].family, path, folder)
    preview.state, preview.pages, preview.of_pages, preview.note = made.state, made.pages, made.of_pages, made.note
    preview.prepared_at = clock.now()
    preview.save()
