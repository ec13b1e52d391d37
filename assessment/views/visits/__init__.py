"""Views: the external quality assurer's room, and the visits of a centre."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path


def room(request: HttpRequest, visit: object) -> HttpResponse:
    return HttpResponse()


urlpatterns: list[URLPattern] = [path("visits/<uuid:visit>/", room, name="room")]
