"""The administrator's forms about somebody's roles: given, ended, from and until; trainee and countersigner."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from courseware.kit.http import show
from courseware.people import permissions, workflow
from courseware.people.confirming import confirm_first, makes_an_administrator
from courseware.people.forms import GrantRoleForm, KeyForm, PlanEndForm, SetAuthorForm
from courseware.people.periods import last_day

from . import person
from .members import attempt, done, member_of, page_of, trainee_form


@login_required
@require_POST
@confirm_first(when=makes_an_administrator)
def member_grant_role(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Give one more role."""
    membership = member_of(request, uid)
    form = GrantRoleForm(request.POST, auto_id="role_%s")
    status = attempt(
        form,
        lambda sent: workflow.grant_role(
            by=person(request),
            membership=membership,
            role=sent["role"],
            starts_on=sent["starts_on"],
            ends_on=sent["ends_on"],
            key=form.once,
        ),
    )
    return (
        page_of(request, membership, status, role=form) if status else done(request, membership, "The role is given.")
    )


@login_required
@require_POST
def member_end_role(request: HttpRequest, uid: uuid.UUID, grant: uuid.UUID) -> HttpResponse:
    """End one role; the grant must be this member's."""
    membership = member_of(request, uid)
    held = get_object_or_404(membership.grants.select_related("membership__centre"), uid=grant)
    form = KeyForm(request.POST, auto_id=False)
    status = attempt(form, lambda sent: workflow.end_role(by=person(request), grant=held, key=form.once))
    return (
        page_of(request, membership, status, end_role=form) if status else done(request, membership, "The role ended.")
    )


@login_required
@require_POST
def member_set_trainee(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Say whether a tutor is a trainee, and who countersigns."""
    membership = member_of(request, uid)
    form = trainee_form(request.POST, membership)
    status = attempt(
        form,
        lambda sent: workflow.set_trainee(
            by=person(request),
            membership=membership,
            trainee=sent["trainee"],
            countersigner=sent["countersigner"],
            key=form.once,
        ),
    )
    return page_of(request, membership, status, trainee=form) if status else done(request, membership, "That is kept.")


@login_required
@require_POST
def member_set_author(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Say whether a tutor writes units."""
    membership = member_of(request, uid)
    form = SetAuthorForm(request.POST, auto_id="author_%s")
    status = attempt(
        form,
        lambda sent: workflow.set_author(
            by=person(request), membership=membership, author=sent["author"], key=form.once
        ),
    )
    return page_of(request, membership, status, author=form) if status else done(request, membership, "That is kept.")


@login_required
@require_http_methods(["GET", "POST"])
def member_role_until(request: HttpRequest, uid: uuid.UUID, grant: uuid.UUID) -> HttpResponse:
    """Say with which day a role ends, or that no end is planned."""
    membership = member_of(request, uid)
    permissions.can_manage_people(request.user, membership.centre).require()
    held = get_object_or_404(membership.grants.select_related("membership__centre"), uid=grant)
    until = last_day(held.ends_at, membership.centre.zone)
    form = PlanEndForm(request.POST if request.method == "POST" else None, initial={"ends_on": until})
    status = 200
    if request.method == "POST":
        status = attempt(
            form,
            lambda sent: workflow.plan_end_of_role(
                by=person(request), grant=held, ends_on=sent["ends_on"], key=form.once
            ),
        )
        if not status:
            return done(request, membership, "The last day of the role is kept.")
    context = {"member": membership, "grant": held, "form": form}
    return show(request, "people/role_until.html", context, status=status)
