"""Who caused a change, as the log of a purchase names them."""

from typing import Final

BY_BUYER: Final = "buyer"
BY_OPERATOR: Final = "operator"
BY_RECONCILE: Final = "reconcile"
BY_SUCCESS_PAGE: Final = "success page"
