"""Addresses of feeds: credentials in them are never shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy.extensions.feedexport import FTPFeedStorage
from scrapy.settings import BaseSettings

from tvspiders.policies.security.redaction import MASK, install_redaction, masked

SECRET_SETTINGS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_USER = re.compile(r"://[^/?#\s]*@")


def shown(text: Any) -> str:
    """An address, or a text with addresses in it, without user names and passwords.

    >>> shown("ftp://anna:pw@host/things.jsonl")
    'ftp://[secret]@host/things.jsonl'
    """
    return masked(_USER.sub(f"://{MASK}@", str(text)))


def has_password(address: str) -> bool:
    """Whether the address holds a password.

    >>> has_password("s3://KEY:SECRET@bucket/x.csv"), has_password("ftp://anna@host/x.csv")
    (True, False)
    """
    return ":" in _user_of(address)


def hide_credentials(settings: BaseSettings) -> None:
    """Mask in the log what the addresses of feeds and the settings of their storages hold."""
    secrets = [str(settings[name]) for name in SECRET_SETTINGS if settings[name]]
    for address in settings.getdict("FEEDS"):
        secrets += _secrets_of(str(address))
    if os.environ.get("FTP_PASSWORD"):
        secrets.append(os.environ["FTP_PASSWORD"])
    if secrets:
        install_redaction(secrets, told_api=False)


def _secrets_of(address: str) -> Iterator[str]:
    user = _user_of(address)
    if ":" in user:
        password = user.partition(":")[2]
        yield from (user, password, unquote(password))


def _user_of(address: str) -> str:
    with suppress(ValueError):
        return urlsplit(address).netloc.rpartition("@")[0]
    return ""


class FtpFeed(FTPFeedStorage):
    """Scrapy's storage on FTP servers, with credentials from the environment where it gives none."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.username = self.username or os.environ.get("FTP_USER", "")
        self.password = self.password or os.environ.get("FTP_PASSWORD", "")
