"""The append-only, hash-chained history: one chain per centre, one for house-wide acts.

It knows people, centres and everything else by uid only.
"""

from __future__ import annotations

from django.db import models

from courseware.kit.triggers import Trigger, guarded, insert_only


@guarded(
    Trigger("no_delete", "DELETE", says="the head of a chain cannot be deleted"),
    Trigger(
        "follows_entry",
        "UPDATE",
        when=(
            "{changed} AND (NEW.number <> OLD.number + 1 OR NEW.chain <> OLD.chain OR NOT EXISTS ("
            "SELECT 1 FROM ledger_ledgerentry e WHERE e.chain = NEW.chain AND e.number = NEW.number "
            "AND e.digest = NEW.digest))"
        ),
        says="the head of a chain moves only with its newest entry",
    ),
)
class ChainHead(models.Model):
    """Where a chain ends: the row that every append locks, last of all locks."""

    chain = models.UUIDField(primary_key=True, editable=False)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "chain head"


@guarded(
    Trigger(
        "continues_chain",
        "INSERT",
        when=(
            "NOT EXISTS (SELECT 1 FROM ledger_chainhead h WHERE h.chain = NEW.chain "
            "AND h.number + 1 = NEW.number AND h.digest = NEW.previous)"
        ),
        says="a record entry must continue its chain",
    ),
    Trigger(
        "moves_head",
        "INSERT",
        then="UPDATE ledger_chainhead SET number = NEW.number, digest = NEW.digest WHERE chain = NEW.chain",
    ),
)
@insert_only
class LedgerEntry(models.Model):
    """One line of a chain.

    `text` is canonical JSON (sorted keys, no spaces, UTF-8) and `digest` its SHA-256; the text holds the chain, the
    number and the previous digest, so that the digest binds all of them. The other columns repeat the text for
    reading; `verify` compares them.
    """

    chain = models.UUIDField(editable=False)
    number = models.PositiveBigIntegerField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    verb = models.CharField(max_length=40)
    by = models.UUIDField(null=True)
    at = models.DateTimeField()
    about = models.UUIDField(null=True)  # the learner-unit, where there is one: the timeline's key
    result = models.UUIDField(null=True)  # what the verb made or moved
    once = models.CharField(max_length=64, null=True)  # noqa: DJ001 - null keeps it out of the unique constraint

    class Meta:
        verbose_name = "record entry"
        ordering = ("chain", "number")
        constraints = (
            models.UniqueConstraint(fields=("chain", "number"), name="ledger_number_once"),
            models.UniqueConstraint(fields=("chain", "previous"), name="ledger_no_fork"),
            models.UniqueConstraint(fields=("once",), name="ledger_form_once"),
        )
        indexes = (
            models.Index(fields=("about", "number"), name="ledger_timeline"),
            models.Index(fields=("result",), name="ledger_by_result"),
        )
