"""GET /: where to go from here, for a person and for a program."""

import pytest
from django.test import Client, override_settings

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


class TestFrontPage:
    def test_a_browser_gets_a_page_that_leads_on(self) -> None:
        page = Client().get("/", headers={"Accept": BROWSER})

        assert page.status_code == 200
        assert page["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in page["Content-Security-Policy"]
        for place in ("/api/docs/", "/admin/", "zelton://payments"):
            assert f'href="{place}"' in page.content.decode()

    @pytest.mark.django_db
    @pytest.mark.parametrize("accept", ["application/json", "*/*", None, "application/json, text/html;q=0.5"])
    def test_a_program_gets_addresses_that_answer(self, accept: str | None) -> None:
        answer = Client().get("/", headers={"Accept": accept} if accept else {})

        told = answer.json()
        assert told["name"] == "Zelton"
        assert told["phonepe"] == "SANDBOX"
        assert "Accept" in answer["Vary"]
        for name in ("docs", "schema", "health", "ready"):
            assert Client().get(told[name]).status_code == 200
        assert Client().get(told["admin"]).status_code == 302
        assert Client().post(told["login"], {}, content_type="application/json").status_code == 400

    def test_whoever_takes_neither_gets_json(self) -> None:
        assert Client().get("/", headers={"Accept": "image/png"}).json()["name"] == "Zelton"

    @pytest.mark.parametrize(("is_production", "marked"), [(False, True), (True, False)])
    def test_a_sandbox_says_that_it_is_one(self, is_production: bool, marked: bool) -> None:
        with override_settings(PRODUCTION=is_production):
            page = Client().get("/", headers={"Accept": BROWSER})

        assert ("SANDBOX" in page.content.decode()) is marked

    def test_only_reading_is_possible(self) -> None:
        assert Client().head("/").status_code == 200
        assert Client().post("/").status_code == 405
