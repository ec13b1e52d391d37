"""The bytes of raster pictures, each once."""

from __future__ import annotations

from django.db import models

from courseware.kit import clock
from courseware.kit.triggers import insert_only


@insert_only
class Picture(models.Model):
    """A picture's bytes (WebP, made or checked by `kit.rasters`), by their SHA-256.

    Nobody asks for one by itself: a figure of an edition or a file of a draft names it, and who may read that may see
    it.
    """

    digest = models.CharField(max_length=64, unique=True)
    data = models.BinaryField()
    kept_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=~models.Q(digest=""), name="picture_has_a_digest"),)

    def __str__(self) -> str:
        return self.digest[:8]
