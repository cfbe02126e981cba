"""What a server repeats of the credentials reaches neither terminal nor journal, whatever its form."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from command import GOOD
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from submitting import submit

from importer.calling.account import account_of
from importer.calling.calls import Answer, Call
from importer.calling.credentials import Keys
from importer.calling.masking import masking
from importer.sandbox.serve import start
from importer.sending.outcome import error_of, json_object

AK, SK = "HPUAQ3FN0CANARYAK001", "sK%canary+q7/Zw==x<&>\"'\\é"
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with a slash escaped": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "every character escaped": lambda text: "".join(f"\\u{ord(c):04X}" for c in text),
    "one character escaped": lambda text: f"\\u{ord(text[0]):04x}" + json.dumps(text[1:])[1:-1],
    "HTML": html.escape,
    "percent": lambda text: quote(text, safe=""),
    "percent, slashes kept": quote,
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "hexadecimal": lambda text: text.encode().hex(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", [AK, SK])
def test_each_form(form: Callable[[str], str], secret: str) -> None:
    """Neither the form nor the secret stands in what is read out of the answer."""
    said = form(secret)
    text = said if said.startswith("\\u") or json.dumps(secret)[1:-1].startswith(said[:9]) else None
    body = (
        b'{"error_code": "X.1", "error_msg": "no %s here"}'
        % (text if text is not None else json.dumps(said)[1:-1]).encode()
    )
    masked = masking((AK, SK))(body)
    message = error_of(json_object(Answer(401, {}, masked, True)))[1]
    assert message == "no *** here"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("secret", [AK, SK])
def test_each_encoding(encoding: str, secret: str) -> None:
    """JSON is read in other encodings than UTF-8 too, so that no secret may stand in what is read."""
    body = json.dumps({"error_code": "X.1", "error_msg": f"no {secret} here"}, ensure_ascii=False)
    masked = masking((AK, SK))(body.encode(encoding))
    assert error_of(json_object(Answer(401, {}, masked, True)))[1] == "no *** here"


@examples(2)
@given(before=st.binary(max_size=7), after=st.binary(max_size=7))
def test_base64(before: bytes, after: bytes) -> None:
    """Wherever it stands in what is encoded: most of it is masked."""
    whole = base64.b64encode(before + AK.encode() + after)
    masked = masking((AK,))(whole)
    assert b"***" in masked
    assert AK.encode()[3:-3] not in base64.b64decode(masked.replace(b"***", b""), validate=False) + b" "


@examples(3)
@given(st.binary(max_size=300))
def test_other_bodies_stay(body: bytes) -> None:
    """What holds no secret is not changed by a byte."""
    assert masking((AK, SK))(body) == body


def test_a_request_id_is_no_way_out() -> None:
    """A server may put a key into the header that is told to people."""
    account = account_of(Keys(AK, SK), "http://x", "p", lambda: datetime.now(UTC))
    for told, shown in ((AK, ""), ("r-1", "r-1")):
        answer = Answer(500, {"X-Request-Id": told}, b"{}", True)
        result = account.send(lambda _, answer=answer: answer, Call("GET", "http://x/y", {}))
        assert isinstance(result, Answer)
        assert result.request_id == shown


@pytest.mark.parametrize("op", ["list", "create"])
def test_a_server_that_repeats_the_credentials(op: str, tmp_path: Path) -> None:
    """A 401 whose message repeats the header: the access key is told nowhere."""
    (tmp_path / "good.hosts").write_bytes(GOOD)
    with start(faults=[f"echo:op={op}"]) as sandbox:
        done = submit(sandbox, tmp_path, "--journal", "j")
        assert done.status == 4
        for text in (done.out, done.err, (tmp_path / "j").read_text()):
            assert sandbox.access_key not in text
            assert sandbox.secret_key not in text
        assert "***" in done.out
