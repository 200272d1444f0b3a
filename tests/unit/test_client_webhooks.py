"""What a receiver of webhooks takes: only what is signed with its secret, and just now."""

import time
from base64 import b64encode

import pytest

from handfast_client.webhooks import SignatureError, sign, verify

SECRET = "whsec_" + b64encode(bytes(32)).decode()


def headers(**others: str) -> dict[str, str]:
    made = sign(SECRET, "msg_1", int(time.time()), b"{}")
    return made | {f"webhook-{name}": value for name, value in others.items()}


def test_what_is_signed_is_taken_whatever_stands_beside() -> None:
    verify(SECRET, headers(), b"{}")
    named = {name.title(): value for name, value in headers().items()}
    verify(SECRET, named | {"Webhook-Signature": f"v1,é {headers()['webhook-signature']}"}, b"{}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "msg_2"),
        ("id", "\ud800"),
        ("timestamp", "0"),
        ("timestamp", "9" * 400),
        ("timestamp", "nan"),
        ("signature", ""),
        ("signature", "v1,é"),
        ("signature", "\udcff"),
    ],
)
def test_everything_else_is_refused_in_one_way(name: str, value: str) -> None:
    with pytest.raises(SignatureError):
        verify(SECRET, headers(**{name: value}), b"{}")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_no", "none"])
def test_a_secret_that_is_none_verifies_nothing(secret: str) -> None:
    with pytest.raises(SignatureError, match="secret"):
        verify(secret, headers(), b"{}")
