"""deploy/prometheus and deploy/grafana: what they name exists, and every alert fires and stays quiet as it should."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from core.models import AlertKind, Payment
from core.views import operations
from zelton_backend.local_stack.surroundings import HOME

PROMETHEUS = HOME / "deploy" / "prometheus"
DASHBOARD = HOME / "deploy" / "grafana" / "zelton.json"
RUNBOOK = {
    "payment-stuck", "webhook-silent", "wrong-amount", "double-payment", "phonepe-down", "books-out-of-balance",
    "credentials-refused", "secret-leaked", "disk-full", "redis-gone", "database-failed-over", "refund-stuck",
    "notifications-late", "web-down", "settlement-differs", "chargeback-or-dispute", "rent-not-charged",
    "autopay-debit-failed-or-missing",
}  # fmt: skip
OF_PROMETHEUS = {"up"}
NAME = re.compile(r"\b(?:zelton(?:_\w+|:[\w:]+)|up)\b")
needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not here (Debian: prometheus)")


def rules() -> list[dict[str, Any]]:
    files = [yaml.safe_load((PROMETHEUS / name).read_text()) for name in ("recording.yml", "alerts.yml")]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    panels = json.loads(DASHBOARD.read_text())["panels"]
    yield from (target["expr"] for panel in panels for target in panel.get("targets", []))


def names_in(expression: str) -> set[str]:
    without_labels = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", expression)
    return set(NAME.findall(without_labels))


@pytest.mark.usefixtures("payment")
def test_every_metric_that_a_rule_or_a_panel_names_exists(
    scrape: Callable[[], dict[str, float]], settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # its series are there where a broker is
    told = {name.partition("{")[0] for name in scrape()}
    recorded = {rule["record"] for rule in rules() if "record" in rule}

    named = set().union(*map(names_in, expressions()))

    assert named <= told | recorded | OF_PROMETHEUS
    assert len(named & told) > 25


def test_every_label_that_is_asked_for_exists(
    payment: Payment, scrape: Callable[[], dict[str, float]], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong label's value selects nothing, and an alert over nothing never fires."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(operations, "_look", lambda: ({}, 503))
    Client().get("/readyz")
    series = list(scrape())
    for expression in expressions():
        for name, labels in re.findall(r"(zelton_\w+)\{([^}]*)\}", expression):
            for label, how, value in re.findall(r'(\w+)(=~?|!=)"([^"]*)"', labels):
                for wanted in value.split("|") if how == "=~" else [value]:
                    found = f'{label}="{wanted}"'
                    known = any(each.startswith(f"{name}{{") and found in each for each in series)
                    assert known or how == "!=", f"{name} has no {found}"


SITE = "https://zelton.example"


class TestAlerts:
    @pytest.mark.parametrize("name", alerts())
    def test_it_says_what_is_wrong_and_where_to_read_on(self, name: str) -> None:
        rule = alerts()[name]

        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"]["summary"].endswith(".")
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        begins = "{{ $externalLabels.zelton }}/admin/runbook/"
        assert (page, anchor) == (f"{begins}?page=operations", "alerts") or (page == begins and anchor in RUNBOOK)

    def test_every_case_of_the_runbook_has_one(self) -> None:
        told = {rule["annotations"]["runbook_url"].partition("#")[2] for rule in alerts().values()}

        assert told >= RUNBOOK


@dataclass(frozen=True)
class Case:
    """Synthetic series, one sample in five seconds, under which an alert fires, and such under which it does not.

    :ivar labels: which it has beside those of its rule
    """

    at: str
    fires: dict[str, str]
    quiet: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


CALLS = "zelton_phonepe_call_seconds_count"
UNANSWERED = f'{CALLS}{{call="order_status",outcome="PhonePeOutcomeUnknown"}}'
ANSWER, SILENCE = "zelton_phonepe_last_answer_timestamp_seconds", "zelton_phonepe_last_unanswered_timestamp_seconds"
COMPLETED = 'zelton_payment_moves_total{status="completed",cause="clock"}'
FAILED = 'zelton_payment_moves_total{status="failed",cause="clock"}'
HTTP = 'zelton_http_request_seconds_bucket{view="payment-list",status="2xx",'
CALL = 'zelton_phonepe_call_seconds_bucket{call="order_status",outcome="answered",'


def open_alert(kind: str, labels: dict[str, str] | None = None) -> Case:
    series = f'zelton_alerts_open{{kind="{kind}"}}'
    return Case("1m", {series: "1x200"}, {series: "0x200"}, labels or {})


CASES = {
    # The last answer comes at 60 s; then three calls, 9 s apart, go without one. Nobody is told before 105 s.
    "PhonePeDown": Case(
        "2m",
        {ANSWER: "0+5x12 60x100", SILENCE: "0x13 65+5x100", UNANSWERED: "0x12 1 2 3 4 5x100"},
        {ANSWER: "0+5x100", SILENCE: "0+4x100", UNANSWERED: "0+1x100"},
    ),
    "PhonePeSlow": Case(
        "15m",
        {f'{CALL}le="3.0"}}': "0x300", f'{CALL}le="5.0"}}': "0+1x300", f'{CALL}le="+Inf"}}': "0+1x300"},
        {f'{CALL}le="3.0"}}': "0+1x300", f'{CALL}le="5.0"}}': "0+1x300", f'{CALL}le="+Inf"}}': "0+1x300"},
    ),
    "OutcomesUnknown": Case("10m", {"zelton_orders_unknown": "6x200"}, {"zelton_orders_unknown": "5x200"}),
    "CredentialsRefused": Case(
        "2m",
        {f'{CALLS}{{call="order_status",outcome="PhonePeUnauthorised"}}': "0x12 1x100"},
        {f'{CALLS}{{call="order_status",outcome="PhonePeUnauthorised"}}': "1x100"},
    ),
    "WebhooksSilent": Case(
        "20m",
        {"zelton_webhook_last_timestamp_seconds": "0x400", COMPLETED: "0+0.1x400"},
        {"zelton_webhook_last_timestamp_seconds": "0+5x400", COMPLETED: "0+0.1x400"},
    ),
    "WebhookDeliveryLow": Case(
        "10m",
        {"zelton_webhooks_expected": "200x200", "zelton_webhooks_delivered": "197x200"},
        {"zelton_webhooks_expected": "200x200", "zelton_webhooks_delivered": "198x200"},
    ),
    "WebhooksRefused": Case(
        "2m",
        {
            'zelton_webhooks_total{outcome="webhook_refused"}': "0+0.5x100",
            'zelton_webhooks_total{outcome="address_refused"}': "0+0.5x100",
        },
        {'zelton_webhooks_total{outcome="webhook_refused"}': "7x100"},
    ),
    "WebhooksUnread": Case(
        "3m", {"zelton_webhook_oldest_waiting_seconds": "61x100"}, {"zelton_webhook_oldest_waiting_seconds": "2x100"}
    ),
    "PaymentSuccessLow": Case(
        "1h", {COMPLETED: "0+0.9x800", FAILED: "0+0.1x800"}, {COMPLETED: "0+0.96x800", FAILED: "0+0.04x800"}
    ),
    "PaymentStuck": Case("3m", {"zelton_orders_overdue": "1x100"}, {"zelton_orders_overdue": "0x100"}),
    "ChecksLate": Case("3m", {"zelton_check_lateness_seconds": "61x100"}, {"zelton_check_lateness_seconds": "20x100"}),
    "ReconciliationAccuracyLow": Case(
        "10m",
        {"zelton_orders_past": "1000x200", "zelton_orders_reconciled": "999x200"},
        {"zelton_orders_past": "1000x200", "zelton_orders_reconciled": "1000x200"},
    ),
    "WrongAmount": Case(
        "1m", {'zelton_orders{status="mismatch"}': "1x100"}, {'zelton_orders{status="mismatch"}': "0x100"}
    ),
    "DoublePayment": Case(
        "70m", {'zelton_orders{status="surplus"}': "1x900"}, {'zelton_orders{status="surplus"}': "1x500 0x400"}
    ),
    "RefundStuck": Case(
        "1m", {"zelton_refund_oldest_seconds": "259201x100"}, {"zelton_refund_oldest_seconds": "86400x100"}
    ),
    "RenewalsLate": Case(
        "10m", {"zelton_renewal_lateness_seconds": "901x200"}, {"zelton_renewal_lateness_seconds": "60x200"}
    ),
    "DebitOverdue": Case(
        "10m", {"zelton_debit_overdue_seconds": "259201x200"}, {"zelton_debit_overdue_seconds": "172800x200"}
    ),
    "DebitsRefused": Case(
        "20m",
        {f'{CALLS}{{call="announce_debit",outcome="PhonePeRejected"}}': "0x100 4x300"},
        {f'{CALLS}{{call="announce_debit",outcome="PhonePeRejected"}}': "0x100 1x300"},
    ),
    "BooksOutOfBalance": open_alert("books"),
    "SecretLeaked": open_alert("unknown_webhook"),
    "SettlementDiffers": open_alert("settlement_failed"),
    "PaymentDisputed": open_alert("dispute", {"kind": "dispute"}),
    "RentNotCharged": open_alert("rent"),
    "AlertOpen": open_alert("refund_approval", {"kind": "refund_approval"}),
    "NotificationsLate": Case(
        "3m", {"zelton_notification_oldest_seconds": "901x100"}, {"zelton_notification_oldest_seconds": "60x100"}
    ),
    "WebDown": Case("1m", {'up{job="zelton"}': "1x3 0x100"}, {'up{job="zelton"}': "1x100"}),
    "ResponsesSlow": Case(
        "15m",
        {f'{HTTP}le="3.0"}}': "0x300", f'{HTTP}le="5.0"}}': "0+1x300", f'{HTTP}le="+Inf"}}': "0+1x300"},
        {f'{HTTP}le="3.0"}}': "0+1x300", f'{HTTP}le="5.0"}}': "0+1x300", f'{HTTP}le="+Inf"}}': "0+1x300"},
    ),
    "UptimeLow": Case(
        "66m",
        {'up{job="zelton"}': "1x700 0x20 1x100", "zelton_database_writable": "1x830"},
        {'up{job="zelton"}': "1x830", "zelton_database_writable": "1x830"},
    ),
    "DatabaseFailedOver": Case("1m", {"zelton_database_writable": "1 0x100"}, {"zelton_database_writable": "1x100"}),
    "RedisGone": Case("1m", {"zelton_redis_up": "1 0x100"}, {"zelton_redis_up": "1x100"}),
    "NoTicks": Case(
        "2m",
        {"zelton_redis_up": "1x100", "zelton_tick_last_timestamp_seconds": "10x100"},
        {"zelton_redis_up": "1x100", "zelton_tick_last_timestamp_seconds": "0+5x100"},
    ),
    "DiskFull": Case(
        "3m",
        {'zelton_disk_free_ratio{place="logs"}': "0.04x100", 'zelton_disk_free_ratio{place="code"}': "0.5x100"},
        {'zelton_disk_free_ratio{place="logs"}': "0.06x100", 'zelton_disk_free_ratio{place="code"}': "0.5x100"},
    ),
    "DatabaseFull": Case(
        "5m",
        {"zelton_database_full_timestamp_seconds": "250x100"},
        {"zelton_database_full_timestamp_seconds": "0x20 100x80"},
    ),
}


def test_every_kind_of_alert_in_the_admin_is_told_of_here_too() -> None:
    """These have a series of their own, which tells of them sooner; the others are told of by the admin's alert."""
    kinds = AlertKind
    sooner = {kinds.PHONEPE_DOWN, kinds.CREDENTIALS_REFUSED, kinds.WEBHOOKS_SILENT, kinds.WEBHOOKS_REFUSED}
    told = re.findall(r'zelton_alerts_open\{kind=~?"([^"]*)"\}', " ".join(rule["expr"] for rule in alerts().values()))

    assert {kind for named in told for kind in named.split("|")} == set(kinds.values) - sooner


def test_every_alert_has_its_case() -> None:
    assert CASES.keys() == alerts().keys()


@needs_promtool
class TestWithPromtool:
    def test_the_rules_are_valid(self) -> None:
        subprocess.run(
            ["promtool", "check", "rules", PROMETHEUS / "recording.yml", PROMETHEUS / "alerts.yml"], check=True
        )
        subprocess.run(["promtool", "check", "config", "--syntax-only", PROMETHEUS / "prometheus.yml"], check=True)

    def test_every_alert_fires_and_stays_quiet_as_it_should(self, tmp_path: Path) -> None:
        self.run(
            tmp_path,
            *(one(name, case.at, case.fires, fires=True, labels=case.labels) for name, case in CASES.items()),
            *(one(name, case.at, case.quiet, fires=False) for name, case in CASES.items()),
            every="15s",
        )

    def test_phonepe_down_is_told_of_within_a_minute(self, tmp_path: Path) -> None:
        series = CASES["PhonePeDown"].fires  # its last answer comes at 60 s
        self.run(
            tmp_path,
            one("PhonePeDown", "90s", series, fires=False),
            one("PhonePeDown", "110s", series, fires=True),
        )

    def test_what_comes_beside_another_thing_is_told_of_too(self, tmp_path: Path) -> None:
        """A dispute that was lost must not hide behind one that is open."""
        series = {'zelton_alerts_open{kind="dispute"}': "1x100", 'zelton_alerts_open{kind="dispute_lost"}': "0x30 1x70"}
        test = one("PaymentDisputed", "4m", series, fires=True, labels={"kind": "dispute"})
        (rule,) = test["alert_rule_test"]
        (first,) = rule["exp_alerts"]
        rule["exp_alerts"].append({**first, "exp_labels": {**first["exp_labels"], "kind": "dispute_lost"}})
        self.run(tmp_path, test)

    def test_the_indicators_are_what_they_say(self, tmp_path: Path) -> None:
        """Nine of ten payments, three of four webhooks, one of two orders, eight of ten answers, half of the time."""
        series = {
            COMPLETED: "0+0.9x800",
            FAILED: "0+0.1x800",
            "zelton_webhooks_expected": "4x800",
            "zelton_webhooks_delivered": "3x800",
            "zelton_orders_past": "2x800",
            "zelton_orders_reconciled": "1x800",
            f'{HTTP}le="3.0"}}': "0+8x800",
            f'{HTTP}le="+Inf"}}': "0+10x800",
            'zelton_http_request_seconds_count{view="payment-list",status="2xx"}': "0+10x800",
            'up{job="zelton"}': "1x800",
            "zelton_database_writable": "1x360 0x360",
        }
        expected = {
            "zelton:payment_success:ratio1h": 0.9,
            "zelton:webhook_delivery:ratio": 0.75,
            "zelton:reconciliation_accuracy:ratio": 0.5,
            "zelton:responses_in_time:ratio5m": 0.8,
            "round(zelton:uptime:ratio30d, 0.01)": 0.5,
        }
        tests = [
            {"expr": f"round({name}, 0.001)", "eval_time": "1h", "exp_samples": [{"labels": "{}", "value": value}]}
            for name, value in expected.items()
        ]
        self.run(tmp_path, {**inputs(series), "promql_expr_test": tests})

    def run(self, folder: Path, *tests: dict[str, Any], every: str = "5s") -> None:
        rule_files = [str(PROMETHEUS / "recording.yml"), str(PROMETHEUS / "alerts.yml")]
        file = folder / "tests.yml"
        # Unless it is told, promtool takes the groups of each run in another order.
        order = ["zelton_indicators", "zelton_phonepe", "zelton_alerts"]
        told = {"rule_files": rule_files, "evaluation_interval": every, "group_eval_order": order}
        file.write_text(yaml.safe_dump({**told, "tests": list(tests)}))
        done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def inputs(series: dict[str, str]) -> dict[str, Any]:
    return {"interval": "5s", "input_series": [{"series": name, "values": values} for name, values in series.items()]}


def one(
    name: str, at: str, series: dict[str, str], *, fires: bool, labels: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return promtool's test that an alert fires at a time, or that it does not."""
    rule = alerts()[name]
    told = {name: text.replace("{{ $externalLabels.zelton }}", SITE) for name, text in rule["annotations"].items()}
    expected = [{"exp_labels": {**rule["labels"], **(labels or {})}, "exp_annotations": told}] if fires else []
    return {
        "external_labels": {"zelton": SITE},
        "name": f"{name} {'fires' if fires else 'stays quiet'}",
        **inputs(series),
        "alert_rule_test": [{"alertname": name, "eval_time": at, "exp_alerts": expected}],
    }
