"""The sign-in page. On a demo, and only there, it shows who can be tried."""

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings


class SignInView(LoginView):  # type: ignore[misc]
    """Sign in with user name and password."""

    def get_initial(self) -> dict[str, Any]:
        """Fill in the chosen member of the demo's cast (?as=chutich)."""
        chosen = self.request.GET.get("as", "")
        known = {member.username for member in _cast()}
        if chosen not in known:
            return {}
        return {"login": chosen, "password": settings.DEMO_PASSWORD}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "cast": _cast(),
            "chosen": self.get_initial().get("login", ""),
            "can_reset": settings.HAS_MAIL_SERVER,
        }


def _cast() -> tuple[Any, ...]:
    return settings.DEMO_CAST if settings.DEMO else ()
