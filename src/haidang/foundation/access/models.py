"""Accounts, and the roles they hold over a subtree of units and a sector."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

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

    objects = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    def __str__(self) -> str:
        return self.full_name

    @property
    def actor(self) -> Actor:
        return Actor(id=self.pk, label=self.full_name)
