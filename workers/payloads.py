"""Payloads in Temporal, encrypted where a key is set, so that whoever reads its database reads nothing of ours."""

import base64
import dataclasses
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec, default

ENCODING = b"binary/syncline-encrypted"


def fernet(key: SecretStr) -> Fernet:
    """A cipher from a pass phrase of any length."""
    digest = hashlib.sha256(key.get_secret_value().encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class _Codec(PayloadCodec):
    def __init__(self, cipher: Fernet) -> None:
        self._cipher = cipher

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": ENCODING}, data=self._cipher.encrypt(payload.SerializeToString()))
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._open(payload) for payload in payloads]

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        try:
            return Payload.FromString(self._cipher.decrypt(payload.data))
        except InvalidToken as error:
            raise RuntimeError("SYNCLINE_PAYLOAD_KEY is not the key that this history was encrypted with") from error


def encrypted(key: SecretStr | None) -> DataConverter:
    """The data converter; the plain one without a key."""
    if key is None:
        return default()
    return dataclasses.replace(default(), payload_codec=_Codec(fernet(key)))
