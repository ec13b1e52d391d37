"""Every address of the house."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("courseware.people.urls")),
    path("markdownx/", include("courseware.kit.editor.urls")),
    path("", include("assessment.urls")),
]
handler400 = "courseware.kit.http.bad_request"
handler403 = "courseware.kit.http.forbidden"
handler404 = "courseware.kit.http.not_found"
handler500 = "courseware.kit.http.server_error"
