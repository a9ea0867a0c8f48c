"""What each figure is measured against."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

ANSWER = b'{"success": true}'
TABLE = "CREATE TABLE IF NOT EXISTS bare_event (id bigserial PRIMARY KEY, body bytea NOT NULL)"


@csrf_exempt
def one_insert(request: HttpRequest) -> HttpResponse:
    """Store a body: one INSERT, which commits."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_event (body) VALUES (%s)", [request.body])
    return HttpResponse(ANSWER, content_type="application/json", headers={"Content-Length": str(len(ANSWER))})
