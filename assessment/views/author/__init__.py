"""Writing units: what there is to write, drafts, their files with a preview, publishing."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import drafts, editions, files, parts, pictures, publishing, withdrawing

urlpatterns: list[URLPattern] = [
    path("author/", drafts.author, name="author"),
    path("author/begin/", drafts.draft_begin, name="unit-draft-begin"),
    path("author/unit/<uuid:uid>/", editions.unit_editions, name="unit-editions"),
    path("author/edition/<uuid:uid>/practice/", editions.edition_practice, name="edition-practice"),
    path("author/edition/<uuid:uid>/", editions.unit_edition, name="unit-edition"),
    path("author/edition/<uuid:uid>/withdraw/", withdrawing.edition_withdraw, name="edition-withdraw"),
    path("author/<uuid:uid>/", drafts.unit_draft, name="unit-draft"),
    path("author/<uuid:uid>/put-away/", drafts.draft_put_away, name="unit-draft-put-away"),
    path("author/<uuid:uid>/publish/", publishing.draft_publish, name="unit-draft-publish"),
    path("author/<uuid:uid>/add/criterion/", parts.criterion_add, name="draft-criterion-add"),
    path("author/<uuid:uid>/add/outcome/", parts.outcome_add, name="draft-outcome-add"),
    path("author/<uuid:uid>/add/glossary/", parts.glossary_add, name="draft-glossary-add"),
    path("author/<uuid:uid>/remove/<path:file>", parts.part_remove, name="draft-part-remove"),
    path("author/<uuid:uid>/edit/figures/<str:name>.webp", pictures.draft_picture_page, name="draft-picture-page"),
    path("author/<uuid:uid>/edit/<path:file>", files.draft_file, name="draft-file"),
    path("author/<uuid:uid>/shown/<path:file>", files.file_shown, name="draft-file-shown"),
    path("author/<uuid:uid>/preview/<path:file>", files.file_preview, name="draft-file-preview"),
    path("author/<uuid:uid>/picture/<path:file>", pictures.picture_add, name="draft-picture-add"),
    path("author/<uuid:uid>/pictures/<str:name>", pictures.draft_picture, name="draft-picture"),
    path("author/<uuid:uid>/try/<slug:activity>/<path:file>", files.activity_try, name="draft-activity-try"),
]
