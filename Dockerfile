# One image for web, worker, beat, migrations and the simulator; compose.yaml says which command each runs.
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /srv/zelton
RUN python -m venv /srv/venv
COPY requirements.txt .
# The lock has been resolved past the SDK's pins on purpose, see docs/decisions/0001-lock-past-the-sdk-pins.md.
RUN /srv/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY . .
RUN ZELTON_ENV_FILE=.env.example /srv/venv/bin/python manage.py collectstatic --noinput

FROM python:3.11.13-slim-bookworm
# Names on receipts come in every script of India; docs/decisions/ says what is drawn where a font is missing.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-core && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 zelton \
    && useradd --system --uid 10001 --gid zelton --no-create-home zelton \
    && install -d -o zelton -g zelton -m 700 /var/lib/zelton/webhooks /var/lib/zelton/beat
COPY --from=build /srv /srv
WORKDIR /srv/zelton
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ZELTON_ENV_FILE=/dev/null
USER zelton
EXPOSE 8000
CMD ["gunicorn", "zelton_backend.wsgi", "--bind", "0.0.0.0:8000"]
