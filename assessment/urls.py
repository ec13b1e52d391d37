"""The record's addresses, area by area; each area of `views` lists its own."""

from django.urls import URLPattern, URLResolver

from .views import (
    calendar,
    cohorts,
    due_dates,
    evidence,
    feedback,
    imports,
    learner_units,
    marking,
    notices,
    portfolio,
    practice,
    quality,
    search,
    spaced,
    submissions,
    takeover,
    today,
    turnaround,
    units,
    visits,
)

urlpatterns: list[URLPattern | URLResolver] = [
    *today.urlpatterns,
    *units.urlpatterns,
    *practice.urlpatterns,
    *spaced.urlpatterns,
    *evidence.urlpatterns,
    *submissions.urlpatterns,
    *feedback.urlpatterns,
    *portfolio.urlpatterns,
    *marking.urlpatterns,
    *learner_units.urlpatterns,
    *quality.urlpatterns,
    *cohorts.urlpatterns,
    *notices.urlpatterns,
    *due_dates.urlpatterns,
    *takeover.urlpatterns,
    *calendar.urlpatterns,
    *search.urlpatterns,
    *imports.urlpatterns,
    *turnaround.urlpatterns,
    *visits.urlpatterns,
]
