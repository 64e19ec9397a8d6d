"""What `/metrics` shows."""

from prometheus_client import Counter, Histogram

WEBHOOKS = Counter("syncline_webhooks", "Webhooks answered, by connection and status.", ["connection", "status"])
WEBHOOK_SECONDS = Histogram(
    "syncline_webhook_seconds",
    "From a webhook's arrival to its answer.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
