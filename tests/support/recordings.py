"""Recorded answers of public repositories, reduced: people, descriptions and most rows taken out."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "recorded"


def body(name: str) -> bytes:
    """Body of a recorded answer."""
    return (FOLDER / f"{name}.json").read_bytes()


def load(name: str) -> Any:
    """Decoded body of a recorded answer."""
    return json.loads(body(name))


def headers(name: str) -> dict[str, str]:
    """Headers of a recorded answer."""
    return load(f"{name}.headers")["headers"]
