"""README's table of metrics, from the metrics' own; ``python -m tests.readme`` writes it there."""

from __future__ import annotations

from pathlib import Path

from consumer.adapters.metrics import readme_table

__all__ = ["README", "with_metrics"]

README = Path(__file__).parents[1] / "README.md"

_BEGIN = "<!-- metrics: written by `make readme` -->\n"
_END = "<!-- end of metrics -->"


def with_metrics(text: str) -> str:
    """The text with the current table between its marks."""
    before, rest = text.split(_BEGIN)
    return f"{before}{_BEGIN}\n{readme_table().strip()}\n\n{_END}{rest.split(_END)[1]}"


if __name__ == "__main__":
    README.write_text(with_metrics(README.read_text()))
