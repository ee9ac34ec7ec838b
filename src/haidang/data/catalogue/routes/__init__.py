"""The typed API of the catalogue: datasets with their contracts, the register of difficulties."""

from ninja import Router

from haidang.data.catalogue.routes import datasets, difficulties, impact

router = Router()
router.add_router("", datasets.router)
router.add_router("", difficulties.router)
router.add_router("", impact.router)

__all__ = ["router"]
