"""Views: learner_units."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
