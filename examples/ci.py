"""Tells a room how a build ended, and puts the log of a failed one into its thread.

    CHATAPP_TOKEN=chatapp_… python examples/ci.py http://localhost:8080 ci "Build 8" failed log.txt

It is the last step of a pipeline.
"""

import os
import sys

from chatapp.client import ChatClient

url, room, build, result, log = sys.argv[1:]

with ChatClient(url, token=os.environ["CHATAPP_TOKEN"]) as chat:
    chat.join(room)
    if result == "passed":
        chat.send(room, f"✅ {build} passed.")
    else:
        failed = chat.send(room, f"❌ {build} {result}.")
        chat.send(room, "What it wrote:", files=[log], thread=failed.seq)
