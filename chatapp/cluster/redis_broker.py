"""The broker of a chat that has Redis, or Valkey: publish and subscribe.

Redis keeps nothing for the chat, so it may be stopped, flushed or replaced at any time.
"""

import math
from threading import Event
from time import monotonic

import redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry

from chatapp.cluster.broker import PAUSE_SECONDS, Deliver, ThreadedBroker
from chatapp.cluster.errors import ClusterError

ANSWER_SECONDS = 2.0


class RedisBroker(ThreadedBroker):
    """On a channel that is this chat's alone. Connects by itself, and again after each loss.

    Raises ClusterError if the URL is wrong, not if nobody answers.
    """

    _name = "Redis"

    def __init__(self, url: str, channel: str, deliver: Deliver) -> None:
        super().__init__(deliver)
        self._channel = channel
        self._is_woken = Event()
        self._beaten_at = -math.inf
        try:
            self._client = redis.Redis.from_url(
                url,
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
                # A message that was sent may have been heard: to send it again would double it.
                retry=Retry(NoBackoff(), 0),
                client_name="chatapp",
            )
        except ValueError as error:
            raise ClusterError(f"The Redis URL is wrong: {error}") from error
        self._start(self._send, self._listen)

    def close(self) -> None:
        super().close()
        self._client.close()

    def _wake(self) -> None:
        self._is_woken.set()

    def _send(self) -> None:
        is_last = False
        while not is_last:
            self._is_woken.wait(max(0.0, self.heartbeat_seconds - (monotonic() - self._beaten_at)))
            self._is_woken.clear()
            is_last = self._stopping.is_set()
            frames = self._take()
            if monotonic() - self._beaten_at >= self.heartbeat_seconds:
                self._beaten_at = monotonic()
                frames.append(self._heartbeat())
            try:
                self._publish(frames)
            except (redis.RedisError, OSError) as error:
                self._lost(error, frames)
                self._stopping.wait(PAUSE_SECONDS)

    def _publish(self, frames: list[bytes]) -> None:
        with self._client.pipeline(transaction=False) as pipeline:
            for frame in frames:
                pipeline.publish(self._channel, frame)
            pipeline.execute()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                with PubSub(self._client.connection_pool) as pubsub:
                    pubsub.subscribe(self._channel)
                    self._hear_from(pubsub)
            except (redis.RedisError, OSError) as error:
                self._lost(error)
            self._stopping.wait(PAUSE_SECONDS)

    def _hear_from(self, pubsub: PubSub) -> None:
        began = monotonic()
        while monotonic() - max(began, self._heard_at) < self.silent_seconds:
            message = pubsub.get_message(timeout=PAUSE_SECONDS)
            if self._stopping.is_set():
                return
            if message is None:
                continue
            if message["type"] == "message":
                self._arrived([message["data"]])
            else:  # subscribed: a heartbeat comes back from now on
                self._beaten_at = -math.inf
                self._wake()
        self._lost("its messages do not come back")
