"""Posts the text of a receiver's answer, as Slack's outgoing webhooks do.

    {"text": "…"} or text/plain ── as the webhook's account, in answer to the message ── log

The cid comes from the webhook-id. So an answer is posted once, however often it is sent. It
mentions everybody only if an admin has said that the webhook may.
"""

from collections.abc import Callable

import msgspec

from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Event, Person
from chatapp.features.outgoing_webhooks.attempts import MAX_ANSWER_BYTES
from chatapp.features.outgoing_webhooks.payloads import name_of_event
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook
from chatapp.outbound.calls import Reply
from chatapp.protocol.requests import Post
from chatapp.text.harmless_mentions import without_mentions_of_all
from chatapp.text.tokens import Names

POSTED = "posted"

PostAs = Callable[[Person, Post], Future[Appended]]


class SlackAnswer(msgspec.Struct, frozen=True):
    """Other fields of an answer are ignored."""

    text: str = ""


_decode = msgspec.json.Decoder(SlackAnswer).decode


class NoText(Exception):
    """An answer with nothing to post. The message says why; it is empty where nothing is wrong."""


def text_of(answer: Reply) -> str:
    """What an answer wants to be posted; raises `NoText`."""
    if len(answer.body) > MAX_ANSWER_BYTES:
        raise NoText("The answer has more than 64 KB.")
    type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if type == "application/json":
            text = _decode(answer.body).text
        else:
            text = answer.body.decode() if type == "text/plain" else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NoText("The answer is neither valid JSON with a text, nor UTF-8.") from None
    if not text.strip():
        raise NoText
    return text.strip()


class AnswerPoster:
    """`post(person, post)` posts by all rules; `person(id)` has an account; `names()` are the ones
    that can be mentioned."""

    def __init__(
        self, post: PostAs, person: Callable[[str], Person | None], names: Callable[[], Names]
    ) -> None:
        self._post = post
        self._person = person
        self._names = names

    def post(
        self, webhook: OutgoingWebhook, event: Event, id: str, answer: Reply | None
    ) -> Future[str]:
        """What became of the text of an answer: `posted`, why not, or nothing at all."""
        if webhook.replies_as is None or answer is None or name_of_event(event) != "message.posted":
            return Future.of("")
        try:
            text = text_of(answer)
        except NoText as nothing:
            return Future.of(str(nothing))
        person = self._person(webhook.replies_as)
        if person is None:
            return Future.of("There is no account to answer with any more.")
        if not webhook.calls_all:
            text = without_mentions_of_all(text, self._names())
        wanted = Post(
            text=text, room=event.room, cid=f"hook:{id}", reply_to=event.seq, thread=event.thread
        )
        outcome: Future[str] = Future()

        def settle(posted: Future[Appended]) -> None:
            if posted.error is None or isinstance(posted.error, ChatError):
                outcome.resolve(POSTED if posted.error is None else str(posted.error))
            else:
                outcome.fail(posted.error)

        try:
            self._post(person, wanted).add_done_callback(settle)
        except ChatError as refused:
            outcome.resolve(refused.message)
        return outcome
