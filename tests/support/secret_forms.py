"""What a secret looks like where it leaked, and how another side may spell it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus


def forms(secret: str) -> Iterator[bytes]:
    """The secret raw, percent-encoded, and in base64 at each of the three places it can begin."""
    raw = secret.encode()
    yield from (raw, quote(secret, safe="").encode(), quote_plus(secret).encode(), raw.hex().encode())
    for shift in range(3):
        whole = base64.b64encode(b"x" * shift + raw)
        yield whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]


def spellings(secret: str) -> dict[str, str]:
    """Ways in which another side may echo it, by name; made without the code under test."""
    raw = secret.encode()
    return {
        "raw": secret,
        "percent": quote(secret, safe=""),
        "percent, with /": quote(secret, safe="/"),
        "percent of all": "".join(f"%{byte:02X}" for byte in raw),
        "percent, lower case": "".join(f"%{byte:02x}" for byte in raw),
        "percent twice": "".join(f"%25{byte:02X}" for byte in raw),
        "base64": base64.b64encode(raw).decode(),
        "base64 after one": base64.b64encode(b"u" + raw + b"@h").decode(),
        "base64 after two": base64.b64encode(b"u:" + raw).decode(),
        "base64 of URLs": base64.urlsafe_b64encode(b"user:" + raw).decode(),
        "base64 in JSON": base64.b64encode(b"user:" + raw).decode().replace("/", "\\/"),
        "base32": base64.b32encode(b"abc" + raw).decode(),
        "hex": raw.hex(),
        "\\u": "".join(f"\\u{ord(char):04x}" for char in secret),
        "some \\u": "".join(f"\\u{ord(char):04X}" if n % 3 else char for n, char in enumerate(secret)),
        "JSON": json.dumps(secret)[1:-1].replace("/", "\\/"),
        "entities": "".join(f"&#{ord(char)};" for char in secret),
        "hex entities": "".join(f"&#x{ord(char):x};" for char in secret),
        "lower case": secret.lower(),
        "upper case": secret.upper(),
        "cut at the end": secret[:-1],
        "cut at the start": secret[1:],
        "reversed": secret[::-1],
    }


def leaks(secret: str, data: bytes) -> list[str]:
    """Names of the ways in which bytes that were left behind still hold the secret, in either case."""
    looked = data.lower()
    found = []
    for name, text in spellings(secret).items():
        outer = 4 if name.startswith("base") else 0  # letters that it shares with its neighbours
        core = text.rstrip("=").lower()[outer : -outer or None]
        if any(
            form in looked for form in (core.encode(), core.encode("utf-16-le"), core.encode("utf-16-be"))
        ):
            found.append(name)
    return found
