"""What happens to datasets: they are described, and described anew."""

from haidang.data.catalogue.actions.contracts import define, follow, revise

__all__ = ["define", "follow", "revise"]
