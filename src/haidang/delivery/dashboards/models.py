"""Boards as data: each change of a definition is a new version, the old ones stay."""

from django.db import models


class Board(models.Model):
    """A named board; `version` is the number of the definition in use."""

    code = models.SlugField(unique=True)
    title = models.TextField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.title


class BoardVersion(models.Model):
    """One definition of a board, checked before it was saved."""

    board = models.ForeignKey(Board, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    created_by = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "number"], name="board_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.board_id}/{self.number}"


class Pin(models.Model):
    """A leader's instruction pinned to a figure; it stays until it is taken off."""

    indicator = models.TextField()
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    text = models.TextField()
    pinned_by = models.TextField()
    pinned_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["indicator", "unit"],
                name="pin_in_force",
                condition=models.Q(removed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.text
