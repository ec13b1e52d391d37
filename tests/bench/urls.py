"""The product's addresses, and two pages to compare with."""

from django.urls import include, path

from tests.bench import views

urlpatterns = [
    path("bench/nothing/", views.nothing),
    path("bench/plain/", views.plain),
    path("bench/save/", views.save),
    path("", include("courseware.urls")),
]
