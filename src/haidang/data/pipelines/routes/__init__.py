"""The typed API of pipelines."""

from haidang.data.pipelines.routes.pipelines import router

__all__ = ["router"]
