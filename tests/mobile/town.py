"""The product's processes as a story needs them: people, PhonePe's bank, time that passes, a server that restarts."""

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from zelton_backend.local_stack.http import answers, get, post_json
from zelton_backend.local_stack.processes import Family
from zelton_backend.local_stack.surroundings import Addresses

PASSWORD = "demo-Keys-2026"
SECONDS = 60.0  # that a process may take on a busy machine
MANY, FEW = 25, 5
# A tenant with this month's rent due, and its owner, for each story, and some who have nothing yet. A password takes
# long to hash: all have the same. Each is logged in already, on the phone that they will be given.
PEOPLE = """
import json
from django.utils import timezone
from core.india import day_in_india
from core.models import Owner, Property, Tenancy, Tenant, Unit, User
from core.serializers.auth import UserSerializer
from core.services.operations.log_ins import log_in
from core.services.rent.charges import raise_charges

today, hashed = day_in_india(timezone.now()), User.objects.get(username="demo_tenant").password
for number in range({many}):
    owner, tenant = (User.objects.create(username=f"{{who}}{{number}}", password=hashed) for who in ("owner", "tenant"))
    house = Property.objects.create(owner=Owner.objects.create(user=owner, name="Meera Iyer"), name="Lakeview House")
    unit = Unit.objects.create(property=house, name="Flat 3B")
    person = Tenant.objects.create(user=tenant, name="Ravi Kumar")
    Tenancy.objects.create(tenant=person, unit=unit, starts_on=today.replace(day=1), monthly_rent_paise=15_000_00)
for number in range({few}):
    for kind, who, name in ((Owner, "owner", "Kavita Joshi"), (Tenant, "tenant", "Farid Khan")):
        user = User.objects.create(username=f"new_{{who}}{{number}}", password=hashed)
        kind.objects.create(user=user, name=name)
raise_charges(through=today)
ours = User.objects.filter(username__regex="(owner|tenant)[0-9]+$")
print(json.dumps({{each.username: {{"token": log_in(each)[1], "user": UserSerializer(each).data}} for each in ours}}))
"""


@dataclass(frozen=True, slots=True)
class Couple:
    """A tenant with ₹15,000.00 of rent due, and the owner."""

    tenant: str
    owner: str


class Town:
    def __init__(self, family: Family, addresses: Addresses, app: str, database: Path) -> None:
        self.family, self._addresses, self.app, self._database = family, addresses, app, database
        self._numbers, self._new_numbers = count(), count()
        settling = (
            sys.executable,
            "manage.py",
            "shell",
            "--no-imports",
            "--command",
            PEOPLE.format(many=MANY, few=FEW),
        )
        self._sessions: dict[str, Any] = json.loads(family.run("people", *settling, seconds=SECONDS).splitlines()[-1])

    def moves_in(self) -> Couple:
        number = next(self._numbers)
        return Couple(f"tenant{number}", f"owner{number}")

    def comes_new(self) -> Couple:
        """Return an owner without any property, and a tenant without any home."""
        number = next(self._new_numbers)
        return Couple(f"new_tenant{number}", f"new_owner{number}")

    def session(self, username: str) -> str:
        """Return what the app keeps of a log-in."""
        return json.dumps(self._sessions[username])

    # PhonePe and the banks

    def attempt(self, order: str, outcome: str = "success", mode: str = "UPI_INTENT") -> None:
        """Let the payer do with an order elsewhere, as in a UPI app, what a pay page would have them do."""
        self._control(f"orders/{order}/attempt", {"mode": mode, "outcome": outcome})

    def conclude(self, order: str, outcome: str = "success") -> None:
        """Let the bank decide about what is pending."""
        self._control(f"orders/{order}/conclude", {"outcome": outcome})

    def expire(self, order: str) -> None:
        """Let the time to pay an order be over."""
        self._control(f"orders/{order}/expire", {})

    def conclude_refund(self, refund: str) -> None:
        self._control(f"refunds/{refund}/conclude", {"outcome": "success"})

    def captured(self, order: str) -> int:
        """Return the paise that PhonePe has captured with an order."""
        record = get(f"{self._addresses.simulator}/_simulator/record?limit=1000").json()
        return int(record[order]["captured"])

    def _control(self, path: str, body: dict[str, str]) -> None:
        answer = post_json(f"{self._addresses.simulator}/_simulator/{path}", body)
        assert answer.status in (200, 201), answer.text

    # Ours

    def restart_web(self, meanwhile: Any) -> None:
        """Kill the web server, do something, and start it again."""
        web = self.family.child("web").process
        os.killpg(web.pid, signal.SIGKILL)  # its workers, too
        web.wait()
        meanwhile()
        self.family.restart("web")
        self._wait_for_web()

    def _wait_for_web(self) -> None:
        self.family.wait_for("the web server", partial(answers, f"{self.api}/readyz"), seconds=SECONDS)

    @property
    def api(self) -> str:
        return self._addresses.web

    def is_older(self, order: str, seconds: int) -> None:
        """Let an order have been begun so much earlier."""
        earlier = f"-{seconds} seconds"
        self._write(
            """
            UPDATE core_paymenttransaction
            SET initiated_at = datetime(initiated_at, ?), expire_at = datetime(expire_at, ?)
            WHERE merchant_order_id = ?
            """,
            earlier,
            earlier,
            order,
        )

    def log_ins_expire(self, username: str) -> None:
        self._write(
            "UPDATE knox_authtoken SET expiry = created WHERE user_id = (SELECT id FROM core_user WHERE username = ?)",
            username,
        )

    def payments(self, username: str) -> list[str]:
        """Return the status of each payment of a tenant, in the order in which they were begun."""
        rows = self._read(
            """
            SELECT p.status FROM core_payment p JOIN core_tenancy t ON t.id = p.tenancy_id
            JOIN core_tenant r ON r.id = t.tenant_id JOIN core_user u ON u.id = r.user_id
            WHERE u.username = ? ORDER BY p.id
            """,
            username,
        )
        return [row[0] for row in rows]

    def properties(self, username: str) -> list[str]:
        """Return the names of an owner's properties."""
        rows = self._read(
            """
            SELECT p.name FROM core_property p JOIN core_owner o ON o.id = p.owner_id
            JOIN core_user u ON u.id = o.user_id WHERE u.username = ? ORDER BY p.id
            """,
            username,
        )
        return [row[0] for row in rows]

    def refund_ids(self, order: str) -> list[str]:
        rows = self._read(
            """
            SELECT f.merchant_refund_id FROM core_refund f
            JOIN core_paymenttransaction t ON t.id = f.transaction_id WHERE t.merchant_order_id = ?
            """,
            order,
        )
        return [row[0] for row in rows]

    def wait_for_refund(self, order: str) -> None:
        """Wait until our books say that a refund of an order was paid."""
        self.family.wait_for("the refund to be completed", lambda: self._is_refunded(order) or None, seconds=SECONDS)

    def _is_refunded(self, order: str) -> bool:
        rows = self._read(
            """
            SELECT f.state FROM core_refund f
            JOIN core_paymenttransaction t ON t.id = f.transaction_id WHERE t.merchant_order_id = ?
            """,
            order,
        )
        return rows == [("COMPLETED",)]

    def _read(self, statement: str, *values: str) -> list[Any]:
        with closing(sqlite3.connect(self._database, timeout=SECONDS)) as database:
            return database.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: str) -> None:
        with closing(sqlite3.connect(self._database, timeout=SECONDS)) as database, database:
            assert database.execute(statement, values).rowcount
