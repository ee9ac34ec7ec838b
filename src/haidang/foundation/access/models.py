"""Accounts, and the roles they hold over a subtree of units and a sector."""

import datetime as dt

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from haidang.foundation.core.audit import Actor


class AccountManager(BaseUserManager["Account"]):
    def create_user(
        self, username: str, password: str | None = None, **fields: object
    ) -> "Account":
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Who may sign in. What they may do follows from their roles alone."""

    username = models.CharField(max_length=100, unique=True)
    full_name = models.TextField()
    email = models.EmailField(blank=True, default="")
    officer = models.ForeignKey(
        "org.Officer", models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    search_text = models.TextField(default="", help_text="Name and user name without accents")

    objects = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    def __str__(self) -> str:
        return self.full_name

    @property
    def actor(self) -> Actor:
        return Actor(id=self.pk, label=self.full_name)

    def may_act(self, on: dt.date) -> bool:
        """Tell whether the account is open and its officer in post (fetch `officer` with it)."""
        left = self.officer.left_on if self.officer else None
        return self.is_active and (left is None or left > on)


class Role(models.Model):
    """A named set of capabilities. Roles are data: a province may add its own."""

    code = models.SlugField(primary_key=True)
    name = models.TextField()
    capabilities = ArrayField(models.TextField(), default=list)
    order = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def in_force(self, on: dt.date) -> "RoleAssignmentQuerySet":
        """Keep what holds on a day and was not revoked."""
        not_ended = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
        return self.filter(not_ended, valid_from__lte=on, revoked_at__isnull=True)


class RoleAssignment(models.Model):
    """An account holds a role over a unit and all below it, in one sector or in all."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="assignments")
    role = models.ForeignKey(Role, models.PROTECT, related_name="+")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+")
    sector = models.ForeignKey("org.Sector", models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="First day that it no longer holds")
    revoked_at = models.DateTimeField(null=True)
    granted_by = models.TextField(help_text="Name of who granted it")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_valid_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
            ),
            models.UniqueConstraint(
                fields=["account", "role", "unit", "sector"],
                name="access_granted_once",
                condition=Q(valid_to__isnull=True, revoked_at__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.role_id}"


class ApiKey(models.Model):
    """A secret that acts as its account. Only a digest of it is kept."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="keys")
    name = models.TextField(help_text="What the key is for")
    prefix = models.CharField(max_length=12, unique=True, help_text="Shown in lists")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"
