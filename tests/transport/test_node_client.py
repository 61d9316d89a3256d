"""npm's socket.io-client, the one that browsers use, 4.x and 3.x, with its default settings and
others."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT
from tests.transport.serving import Serving

SCRIPT = Path(__file__).with_name("node_client.mjs")

PACKAGES = ["socket.io-client", "socket.io-client-3"]

pytestmark = pytest.mark.skipif(
    not (
        shutil.which("node")
        and all((ROOT / "node_modules" / package).exists() for package in PACKAGES)
    ),
    reason="no node, or no socket.io-client",
)


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("transports", [None, ["polling"], ["websocket"]])
def test_npms_client_says_hears_is_refused_and_comes_back(
    serve: Callable[..., Serving], transports: list[str] | None, package: str
) -> None:
    serving = serve()
    realtime, chat = serving.realtime, serving.chat
    serving.inside(
        lambda: realtime.receive("close me", lambda c, _: realtime.close(c, "as you wish"))
    )

    run = subprocess.run(
        [
            "node",
            str(SCRIPT),
            serving.url,
            package,
            *map(json.dumps, [transports] if transports else []),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.stderr == ""
    outcome: dict[str, Any] = json.loads(run.stdout)
    everything = [*range(100), "last"]
    assert outcome["heard"] == {
        "ana": ["to ana"],
        "bert": everything,
        "kim": [*everything, "to ana"],
        "unwanted": [],
    }
    said, binary, large, small = outcome["acks"]
    assert said == {"ok": True}
    assert binary["error"]["message"] == "Binary attachments are not accepted."
    assert large["error"]["message"] == "The event is too large."
    assert small == "still here"
    assert outcome["refused"][0] == "You are unwanted."
    assert outcome["transport"] == (transports or ["websocket"])[0]
    assert outcome["closing"] == {"reason": "as you wish"}
    assert outcome["disconnect"] == "transport close"
    assert outcome["back"] == "back"
    assert len(chat.connected) == 4
