"""The typed API of the organisation: units, sectors, legal texts, boundaries, map changes."""

from ninja import Router

from haidang.foundation.org.routes import boundaries, changes, units

router = Router(tags=["Đơn vị"])
router.add_router("", units.router)
router.add_router("", boundaries.router)
router.add_router("", changes.router)

__all__ = ["router"]
