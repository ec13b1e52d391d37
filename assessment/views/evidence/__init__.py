"""Views: evidence. Adding it, reading it, saying what it shows, and the texts still being written."""

from django.urls import URLPattern, path

from . import adding, drafts, files, items

urlpatterns: list[URLPattern] = [
    path("evidence/<uuid:learner_unit>/write/", adding.evidence_write, name="evidence-write"),
    path("evidence/<uuid:learner_unit>/upload/", adding.evidence_upload, name="evidence-upload"),
    path("evidence/<uuid:learner_unit>/link/", adding.evidence_link, name="evidence-link"),
    path("evidence/items/<uuid:item>/", items.evidence, name="evidence"),
    path("evidence/items/<uuid:item>/rename/", items.evidence_rename, name="evidence-rename"),
    path("evidence/items/<uuid:item>/remove/", items.evidence_remove, name="evidence-remove"),
    path("evidence/versions/<uuid:version>/", items.evidence_version, name="evidence-version"),
    path("evidence/versions/<uuid:version>/map/", items.evidence_map, name="evidence-map"),
    path("evidence/versions/<uuid:version>/file/", files.version_file, name="version-file"),
    path("evidence/versions/<uuid:version>/pages/<int:page>/", files.version_page, name="version-page"),
    path("drafts/", drafts.draft_save, name="draft-save"),
]
