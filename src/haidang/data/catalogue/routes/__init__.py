"""The typed API of the catalogue."""

from haidang.data.catalogue.routes.datasets import router

__all__ = ["router"]
