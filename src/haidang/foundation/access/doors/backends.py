"""Who may sign in and stay signed in: whoever is neither locked nor gone from the post."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.utils import timezone

from haidang.foundation.access.models import Account


class InPost(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """Name and password; an open session ends when its holder leaves the post."""

    def user_can_authenticate(self, user: Any) -> bool:
        return isinstance(user, Account) and user.may_act(timezone.localdate())

    def get_user(self, user_id: Any) -> Account | None:
        found = Account.objects.select_related("officer").filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None
