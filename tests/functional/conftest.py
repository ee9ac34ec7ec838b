from tests.functional.browser import browser, context, page
from tests.functional.demo import demo, enter

__all__ = ["browser", "context", "demo", "enter", "page"]
