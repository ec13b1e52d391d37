"""Views: evidence. Adding it, reading it, saying what it shows, and the texts still being written."""

from django.urls import URLPattern, path

from . import adding, captions, drafts, files, items, pins, rules, tus, uploads

urlpatterns: list[URLPattern] = [
    path("evidence/<uuid:learner_unit>/write/", adding.evidence_write, name="evidence-write"),
    path("evidence/<uuid:learner_unit>/upload/", adding.evidence_upload, name="evidence-upload"),
    path("evidence/<uuid:learner_unit>/link/", adding.evidence_link, name="evidence-link"),
    path("evidence/<uuid:learner_unit>/uploads/", tus.uploads, name="uploads"),
    path("evidence/uploads/<uuid:upload>/", tus.upload, name="upload"),
    path("evidence/uploads/<uuid:upload>/remove/", uploads.upload_remove, name="upload-remove"),
    path("evidence/uploads/<uuid:upload>/keep/", uploads.upload_keep, name="upload-keep"),
    path("evidence/uploads/<uuid:upload>/method/", uploads.upload_method, name="upload-method"),
    path("evidence/items/<uuid:item>/", items.evidence, name="evidence"),
    path("evidence/items/<uuid:item>/rename/", items.evidence_rename, name="evidence-rename"),
    path("evidence/items/<uuid:item>/remove/", items.evidence_remove, name="evidence-remove"),
    path("evidence/versions/<uuid:version>/", items.evidence_version, name="evidence-version"),
    path("evidence/versions/<uuid:version>/map/", items.evidence_map, name="evidence-map"),
    path("evidence/versions/<uuid:version>/file/", files.version_file, name="version-file"),
    path("evidence/versions/<uuid:version>/pages/<int:page>/", files.version_page, name="version-page"),
    path("evidence/versions/<uuid:version>/pages/<int:page>/words/", pins.version_words, name="version-words"),
    path("evidence/versions/<uuid:version>/prepare/", pins.version_prepare, name="version-prepare"),
    path("evidence/versions/<uuid:version>/pins/", pins.evidence_pins, name="evidence-pins"),
    path("evidence/pins/<uuid:pin>/remove/", pins.pin_remove, name="pin-remove"),
    path("evidence/versions/<uuid:version>/notes/<uuid:submission>/<str:number>/", pins.note_save, name="note-save"),
    path("evidence/notes/<uuid:note>/remove/", pins.note_remove, name="note-remove"),
    path("centre/<uuid:centre>/evidence/", rules.evidence_rules, name="evidence-rules"),
    path("evidence/versions/<uuid:version>/changes/", items.version_changes, name="version-changes"),
    path("evidence/versions/<uuid:version>/captions/", captions.captions, name="captions"),
    path("evidence/captions/<uuid:caption>/", captions.caption_file, name="caption-file"),
    path("evidence/captions/<uuid:caption>/remove/", captions.caption_remove, name="caption-remove"),
    path("drafts/", drafts.draft_save, name="draft-save"),
]
