"""The filled portal of the contracts, here for what bad people send to it."""
from tests.contracts.conftest import as_it_was, filled, portal

__all__ = ["as_it_was", "filled", "portal"]
