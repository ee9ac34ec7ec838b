"""The typed API of the organisation: units, sectors, legal texts, boundaries."""

from ninja import Router

from haidang.foundation.org.routes import boundaries, units

router = Router(tags=["Đơn vị"])
router.add_router("", units.router)
router.add_router("", boundaries.router)

__all__ = ["router"]
