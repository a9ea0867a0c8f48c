import pytest

from zelton_backend.local_stack import runs
from zelton_backend.local_stack.http import Answer
from zelton_backend.local_stack.journey import Journey, WentWrong
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


class TestWebPage:
    def test_a_form_is_read_with_its_hidden_fields(self) -> None:
        page = WebPage(
            Answer(
                200,
                "http://pay.test/page?token=1",
                b'<a href="/back">Back</a><form action="first"><input name="x" value="1"></form>'
                b'<form action="/second"><input type="hidden" name="token" value="a&amp;b"><input name="vpa"></form>',
            )
        )

        form = page.form_with("vpa")

        assert page.links == ["http://pay.test/back"]
        assert form is not None
        assert form.action == "http://pay.test/second"
        assert form.fields == {"token": "a&b", "vpa": ""}
