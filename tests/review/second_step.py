"""What people have beside their password: an app that makes codes, and a device that keeps passkeys."""

import base64
import hashlib
import hmac
import json
import secrets
import struct
import time
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.review.factories import PASSWORD
from tests.review.visitor import Visitor

ADA = "ada@voorbeeld.example"


class App:
    """An app that makes codes of six digits from a key (RFC 6238)."""

    def __init__(self, key: str) -> None:
        self.secret = base64.b32decode(key.replace("-", ""))

    def code(self, later: int = 0) -> str:
        """The code of now, or of so many half minutes later."""
        counter = struct.pack(">Q", int(time.time()) // 30 + later)
        digest = hmac.new(self.secret, counter, hashlib.sha1).digest()
        start = digest[-1] & 15
        number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"


def set_up_app(visitor: Visitor) -> App:
    """Set codes up, as the pages lead; ends on the page after it."""
    visitor.get("/account/code")
    visitor.send("/account/code", setup="authenticator")
    app = App(visitor.page.cssselect("code")[0].text_content())
    visitor.send(
        next(action for action in visitor.actions if (action or "").startswith("/account/code/")),
        code=app.code(),
    )
    return app


def make_recovery_codes(visitor: Visitor) -> list[str]:
    """Make recovery codes and write them down."""
    visitor.get("/account/herstelcodes")
    visitor.send("/account/herstelcodes")
    return [code.text_content() for code in visitor.page.cssselect("#codes code")]


def give_password(visitor: Visitor, email: str = ADA, password: str = PASSWORD) -> None:
    """The first step of signing in."""
    visitor.get("/aanmelden")
    visitor.send("/aanmelden", email=email, password=password)


class Device:
    """A device with passkeys on it, which asks its owner for a finger each time."""

    def __init__(self, origin: str = "http://localhost") -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = secrets.token_bytes(16)
        self.owner = b""
        self.used = 0
        #: Whether the owner's finger was asked for.
        self.verifies = True

    def make(self, visitor: Visitor, name: str = "laptop") -> None:
        """Make a passkey on the page for it."""
        visitor.get("/account/passkeys")
        visitor.send("/account/passkeys", name=name)
        form = passkey_form(visitor)
        options = json.loads(form.get("data-options"))
        self.owner = decode(options["user"]["id"])
        attested = (
            bytes(16)
            + struct.pack(">H", len(self.credential))
            + self.credential
            + cbor2.dumps(self._public_key())
        )
        data = self._said("webauthn.create", options["challenge"])
        attestation = cbor2.dumps(
            {
                "fmt": "none",
                "attStmt": {},
                "authData": self._authenticator_data(options["rp"]["id"], attested),
            }
        )
        answer = {
            "id": encode(self.credential),
            "rawId": encode(self.credential),
            "type": "public-key",
            "response": {
                "clientDataJSON": encode(data),
                "attestationObject": encode(attestation),
                "transports": ["internal"],
            },
        }
        visitor.send(form.action, credential=json.dumps(answer))

    def answer(self, visitor: Visitor, **changes: Any) -> str:
        """What it says to the riddle on this page."""
        options = json.loads(passkey_form(visitor).get("data-options"))
        self.used += 1
        data = self._said("webauthn.get", changes.get("challenge", options["challenge"]))
        told = self._authenticator_data(changes.get("rp", options["rpId"]))
        signature = self.key.sign(told + hashlib.sha256(data).digest(), ec.ECDSA(hashes.SHA256()))
        return json.dumps(
            {
                "id": encode(self.credential),
                "rawId": encode(self.credential),
                "type": "public-key",
                "response": {
                    "clientDataJSON": encode(data),
                    "authenticatorData": encode(told),
                    "signature": encode(changes.get("signature", signature)),
                    "userHandle": encode(self.owner),
                },
            }
        )

    def send(self, visitor: Visitor, **changes: Any) -> None:
        """Answer the riddle on this page."""
        visitor.send(passkey_form(visitor).action, credential=self.answer(visitor, **changes))

    def sign_in(self, visitor: Visitor) -> None:
        """Sign in with nothing but the passkey."""
        visitor.get("/aanmelden")
        visitor.send("/aanmelden/passkey")
        self.send(visitor)

    def _public_key(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def _said(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _authenticator_data(self, rp: str, attested: bytes = b"") -> bytes:
        flags = 0x01 | (0x04 if self.verifies else 0) | (0x40 if attested else 0)
        return hashlib.sha256(rp.encode()).digest() + struct.pack(">BI", flags, self.used) + attested


def passkey_form(visitor: Visitor) -> Any:
    """The form that waits for the device's answer."""
    (form,) = visitor.page.cssselect("form[data-passkey]")
    return form


def encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
