"""The dashboards as code: ``python -m deploy.grafana`` writes the JSON that is committed beside it."""
