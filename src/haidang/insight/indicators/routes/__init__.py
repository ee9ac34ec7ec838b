"""The typed API of indicators: figures and where they come from; values and proposals."""

from haidang.insight.indicators.routes import deciding, reading
from haidang.insight.indicators.routes.common import router

__all__ = ["deciding", "reading", "router"]
