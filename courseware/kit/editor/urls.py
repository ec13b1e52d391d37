"""The two addresses that django-markdownx names, leading to our views."""

from django.urls import path

from courseware.kit.editor import views

urlpatterns = [
    path("markdownify/", views.markdownify, name="markdownx_markdownify"),
    path("upload/", views.upload, name="markdownx_upload"),
]
