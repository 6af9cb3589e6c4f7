"""The pages of the site, made from what is in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The repository."""
