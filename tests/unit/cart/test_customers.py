"""An anonymous cart gets its customer, and the customer's prices."""

from __future__ import annotations

from cart.carts.domain.errors import CartHasCustomer
from cart.carts.use_cases.customers import SetCustomer, set_customer
from cart.carts.use_cases.index_keys import CUSTOMER_CART, listed_under
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.products import Product
from contracts.product import Details, Price
from tests.support.scenario import given
from tests.unit.cart.catalogues import FakeCatalogue
from tests.unit.cart.facts import CART, MUG, created, customer_set, item_added, repriced

PRICES = Price(amount=500, currency="USD"), Price(amount=400, currency="USD", segment="vip")
DETAILS = Details(sku="sku-11", name="Product 11", type="physical_product", prices=PRICES)
CATALOGUE = FakeCatalogue(Product(MUG, "active", DETAILS), KnownCustomer("ann", segments=frozenset({"vip"})))
ANN = SetCustomer(CART, "ann")


def test_an_anonymous_cart_gets_its_customer_and_the_customer_s_prices() -> None:
    scenario = given(created(customer_id=None), item_added()).when(set_customer, ANN, CATALOGUE)
    scenario.then(customer_set("ann"), repriced(500, 400, reason="customer"))
    scenario.then_holds(CUSTOMER_CART, listed_under("ann", CART), CART)
    scenario.when(set_customer, ANN, CATALOGUE).then_nothing()


def test_a_cart_keeps_its_customer() -> None:
    given(created(customer_id="bob")).when(set_customer, ANN, CATALOGUE).then_refused(
        CartHasCustomer, customer_id="bob"
    )
