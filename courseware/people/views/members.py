"""The administrator's pages about the people of a centre."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courseware.kit.forms import PlainForm
from courseware.kit.http import see_other, show
from courseware.kit.verdict import NotNow
from courseware.people import permissions, readings, workflow
from courseware.people.confirming import confirm_first, makes_an_administrator
from courseware.people.forms import (
    AddMemberForm,
    GrantRoleForm,
    KeyForm,
    RenameMemberForm,
    SetAuthorForm,
    SetTraineeForm,
    SetUlnForm,
)
from courseware.people.models import Centre, Membership

from . import person


def attempt(form: PlainForm, act: Callable[[dict[str, Any]], Any]) -> int:
    """Try `act` with what `form` holds: 0 when it is done, else 422 or 409 with the reason in the form."""
    if not form.is_valid():
        return 422
    try:
        act(form.cleaned_data)
    except NotNow as refused:
        form.add_error(None, refused.reason)
        return refused.status
    return 0


def _centre(request: HttpRequest) -> Centre:
    return readings.administered_centre(request.user, request.session.get("centre"))


def member_of(request: HttpRequest, uid: uuid.UUID) -> Membership:
    """The membership with this uid that who asks may know of; raises Http404."""
    people = Membership.objects.visible_to(request.user).select_related("centre", "user", "countersigner")
    return get_object_or_404(people, uid=uid)


@login_required
@require_GET
def member_list(request: HttpRequest) -> HttpResponse:
    """Everybody of the centre, those who left apart."""
    people = readings.member_list(
        request.user,
        _centre(request),
        search=request.GET.get("search", "").replace("\0", "").strip()[:120],
        number=request.GET.get("page", 1),
        showing=request.GET.get("show", ""),
    )
    return show(request, "people/member_list.html", {"people": people})


@login_required
@require_http_methods(["GET", "POST"])
@confirm_first(when=makes_an_administrator)
def member_add(request: HttpRequest) -> HttpResponse:
    """Add somebody to the centre that the form names; the page presets the current one."""
    centre = _centre(request)
    if request.method == "POST":
        centre = get_object_or_404(Centre.objects.visible_to(request.user), uid=_uid(request.POST.get("centre")))
    permissions.can_manage_people(request.user, centre).require()
    tutors = readings.qualified_tutors(centre)
    form = AddMemberForm(request.POST if request.method == "POST" else None, tutors=tutors)
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda sent: workflow.add_member(
                by=person(request),
                centre=centre,
                email=sent["email"],
                name=sent["name"],
                roles=tuple(sent["roles"]),
                trainee=sent["trainee"],
                countersigner=sent["countersigner"],
                key=form.once,
            ),
        )
        if not status:
            messages.success(request, f"{form.cleaned_data['name']} is added. A letter is on its way to them.")
            return see_other(request, "member-list")
    return show(request, "people/member_add.html", {"centre": centre, "form": form}, status=status)


def _uid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def page_of(request: HttpRequest, membership: Membership, status: int = 200, **bound: forms.BaseForm) -> HttpResponse:
    """The page of one member; `bound` are forms that came back with faults (`rename`, `role`, `trainee`)."""
    permissions.can_manage_people(request.user, membership.centre).require()
    page = readings.member_page(request.user, membership)
    context: dict[str, Any] = {
        "page": page,
        "member": membership,
        "rename": RenameMemberForm(initial={"name": membership.name}, auto_id="rename_%s"),
        "role": GrantRoleForm(roles=page.roles_to_grant, auto_id="role_%s"),
        "uln": SetUlnForm(initial={"uln": membership.uln}, auto_id="uln_%s"),
        "invite": KeyForm(auto_id=False),
        "trainee": trainee_form(None, membership),
        "author": SetAuthorForm(initial={"author": membership.author}, auto_id="author_%s"),
        "end_role": KeyForm(auto_id=False),
        # The title of a page with faults starts with "Error:", and the base asks `form` for them.
        "form": next(iter(bound.values()), None),
    } | bound
    return show(request, "people/member_page.html", context, status=status)


def trainee_form(data: Any, membership: Membership) -> SetTraineeForm:
    """Whether this tutor is a trainee, as it is or as it was sent."""
    countersigner = membership.countersigner
    return SetTraineeForm(
        data,
        auto_id="trainee_%s",
        tutors=readings.qualified_tutors(membership.centre).exclude(pk=membership.pk),
        initial={"trainee": membership.trainee, "countersigner": countersigner.uid if countersigner else None},
    )


@login_required
@require_GET
def member_page(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One person in one centre: roles and their history, trainee and countersigner."""
    return page_of(request, member_of(request, uid))


@login_required
@require_POST
def member_rename(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Correct a name."""
    membership = member_of(request, uid)
    form = RenameMemberForm(request.POST, auto_id="rename_%s")
    status = attempt(
        form,
        lambda sent: workflow.rename_member(
            by=person(request), membership=membership, name=sent["name"], key=form.once
        ),
    )
    return (
        page_of(request, membership, status, rename=form)
        if status
        else done(request, membership, "The name is changed.")
    )


@login_required
@require_POST
def member_set_uln(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Write down a ULN, correct it or remove it."""
    membership = member_of(request, uid)
    form = SetUlnForm(request.POST, auto_id="uln_%s")
    status = attempt(
        form,
        lambda sent: workflow.set_uln(by=person(request), membership=membership, uln=sent["uln"], key=form.once),
    )
    return page_of(request, membership, status, uln=form) if status else done(request, membership, "The ULN is kept.")


@login_required
@require_http_methods(["GET", "POST"])
def member_end(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask once more, then end the membership."""
    membership = member_of(request, uid)
    permissions.can_manage_people(request.user, membership.centre).require()
    form = KeyForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda sent: workflow.end_membership(by=person(request), membership=membership, key=form.once)
        )
        if not status:
            messages.success(request, f"{membership.name} has left {membership.centre.name}.")
            # Whoever ended their own membership sees this centre no longer.
            mine = membership.user_id == request.user.pk
            return see_other(request, "profile" if mine else "member-list")
    page = readings.member_page(request.user, membership)
    return show(request, "people/member_end.html", {"page": page, "member": membership, "form": form}, status=status)


def done(request: HttpRequest, membership: Membership, said: str) -> HttpResponse:
    """Back to the member's page with what was done; elsewhere for who may see that page no longer."""
    messages.success(request, said)
    if not Membership.objects.visible_to(request.user).filter(pk=membership.pk).exists():
        return see_other(request, "profile")  # who ended their own role as an administrator
    return see_other(request, f"/centre/people/{membership.uid}/")
