"""Links to uploaded files: signed, valid for minutes, and used without the Authorization header."""

import hashlib
import hmac
import secrets
from datetime import datetime

LIFETIME_SECONDS = 120
_KEY = secrets.token_bytes(32)


def sign(gid: str, now: datetime) -> str:
    """The path and query under which this attachment can be fetched for a while."""
    expires = int(now.timestamp()) + LIFETIME_SECONDS
    return f"/files/{gid}?expires={expires}&signature={_signature(gid, expires)}"


def accepts(gid: str, query: dict[str, str], now: datetime) -> bool:
    """Whether a link is one of ours and has not expired."""
    expires = query.get("expires", "")
    if not expires.isdecimal() or int(expires) < now.timestamp():
        return False
    return hmac.compare_digest(_signature(gid, int(expires)), query.get("signature", ""))


def _signature(gid: str, expires: int) -> str:
    return hmac.new(_KEY, f"{gid} {expires}".encode(), hashlib.sha256).hexdigest()
