#!/bin/sh
# Make secrets/ for a trial of compose.yaml against the simulator. Overwrites nothing; production has its own.
set -eu
cd "$(dirname "$0")/.."
mkdir -p secrets && chmod 700 secrets
keep() { [ -s "secrets/$1" ] || { printf '%s\n' "$2" >"secrets/$1" && chmod 644 "secrets/$1"; }; } # the image is not root
random() { head -c 48 /dev/urandom | od -An -tx1 | tr -d ' \n'; }

keep postgres_password "$(random)"
keep database_url "postgresql://zelton:$(cat secrets/postgres_password)@postgres:5432/zelton"
keep django_secret_key "$(random)"
# What the simulator takes.
keep phonepe_client_secret simulator-client-key
keep phonepe_webhook_password webhook2pass
# Empty counts as unset.
for name in phonepe_webhook_previous_password metrics_token email_url alert_webhook_url; do
  touch "secrets/$name" && chmod 644 "secrets/$name"
done
