"""Posts what is new in an RSS feed. Run it every few minutes:

    CHATAPP_TOKEN=chatapp_… python examples/rss.py http://localhost:8080 news https://…/feed.xml

It needs no file to remember what it has posted: each entry has a `cid` that follows from its id,
and the room keeps one message of a cid, however often it is sent. (Expat, since version 2.4.1,
refuses XML that would fill the memory.)
"""

import hashlib
import os
import sys
from xml.etree import ElementTree

import requests

from chatapp.client import ChatClient

url, room, feed = sys.argv[1:]
answer = requests.get(feed, timeout=30)
answer.raise_for_status()
entries = ElementTree.fromstring(answer.content).findall("channel/item")  # noqa: S314

with ChatClient(url, token=os.environ["CHATAPP_TOKEN"]) as chat:
    chat.join(room)
    for entry in reversed(entries):  # a feed begins with what is newest
        title, link = entry.findtext("title", ""), entry.findtext("link", "")
        id = entry.findtext("guid") or link
        cid = f"rss-{hashlib.sha256(id.encode()).hexdigest()[:40]}"
        chat.send(room, f"**{title}**\n{link}", cid=cid)
