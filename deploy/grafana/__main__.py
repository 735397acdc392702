"""Writes both dashboards as JSON beside this file."""

from __future__ import annotations

from deploy.grafana.dashboards import FILES, text

__all__: list[str] = []

if __name__ == "__main__":
    for file, make in FILES.items():
        file.write_text(text(make()))
