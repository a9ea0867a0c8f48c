from collections.abc import Iterator

import pytest

from phonepe_simulator import Simulator
from phonepe_simulator.http_server import SimulatorServer
from tests.simulator.people import API, OverHttp
from tests.simulator.people import order as order_of
from zelton_backend.local_stack import runs
from zelton_backend.local_stack.http import Answer
from zelton_backend.local_stack.journey import Journey, WentWrong, open_pay_page, pay
from zelton_backend.local_stack.processes import Family
from zelton_backend.local_stack.timeline import Timeline
from zelton_backend.local_stack.web_page import WebPage


@pytest.fixture
def journey(tmp_path) -> Journey:
    family = Family(logs=tmp_path, home=tmp_path, environment={})
    return Journey(family, "http://127.0.0.1:4000", "http://127.0.0.1:4800", "token")


class TestTakePayment:
    @pytest.mark.parametrize("problem", [WentWrong("it rains"), ConnectionError("it rains"), KeyError("it rains")])
    def test_it_names_the_step_that_failed(self, journey, problem) -> None:
        def look_outside(_journey: Journey) -> str:
            raise problem

        with pytest.raises(WentWrong, match=r"“look outside”.*it rains"):
            runs.take((look_outside,), journey, Timeline())


class TestPay:
    """On the simulator's own pay page, as a tenant's phone opens it."""

    @pytest.fixture
    def order(self, journey) -> Iterator[OverHttp]:
        simulator = Simulator()
        with SimulatorServer(simulator) as server:
            simulator.base_url, shop = server.url, OverHttp(simulator, server)
            wanted = order_of("ZLT-1", flow={"merchantUrls": {"redirectUrl": f"{server.url}/return/ZLT-1/"}})
            shop.send("POST", f"{API}/checkout/v2/pay", wanted, {"Authorization": f"O-Bearer {shop.token()}"})
            page = shop.control("GET", "/orders/ZLT-1")[1]["pay_page_url"]
            journey.order = {"merchant_order_id": "ZLT-1", "redirect_url": page}
            yield shop

    def test_it_pays_in_a_upi_app_and_learns_the_way_back(self, journey, order) -> None:
        open_pay_page(journey)
        pay(journey)

        (attempt,) = order.sim.orders["ZLT-1"].attempts
        assert (attempt.mode, attempt.state) == ("UPI_INTENT", "COMPLETED")
        assert journey.return_url == f"{order.server.url}/return/ZLT-1/"

    def test_it_says_so_if_the_page_has_no_upi_app(self, journey, order) -> None:
        order.sim.expire("ZLT-1")
        open_pay_page(journey)

        with pytest.raises(WentWrong, match="no form that opens a UPI app"):
            pay(journey)


class TestWebPage:
    def test_a_form_is_read_with_its_hidden_fields(self) -> None:
        page = WebPage(
            Answer(
                200,
                "http://pay.test/page?token=1",
                b'<a href="/back">Back</a><form action="first"><input name="x" value="1"></form>'
                b'<form action="/second" method="POST"><input type="hidden" name="token" value="a&amp;b">'
                b'<input name="vpa"></form>',
            )
        )

        form = page.form_to("second")

        assert page.links == ["http://pay.test/back"]
        assert form is not None
        assert (form.action, form.method) == ("http://pay.test/second", "post")
        assert form.fields == {"token": "a&b", "vpa": ""}
        assert page.form_to("third") is None
