"""What the services of every feature use."""

import time
from functools import cached_property

import flask
import gevent

from chatapp.app.infrastructure import Infrastructure
from chatapp.cluster.rate_limits import SharedRateLimits
from chatapp.features.audit.manager import Audit
from chatapp.features.audit.refusals import DeniedRequests
from chatapp.features.health.manager import HealthManager
from chatapp.features.messages.decisions import Decisions
from chatapp.features.settings.manager import SettingsManager
from chatapp.ports import RateLimits
from chatapp.transport import EVERYONE


class SharedServices:
    def __init__(self, infrastructure: Infrastructure) -> None:
        self.infrastructure = infrastructure
        self.directory = infrastructure.directory
        self.short_lived = infrastructure.short_lived
        self.log = infrastructure.log
        self.realtime = infrastructure.realtime

    @cached_property
    def audit(self) -> Audit:
        return Audit(self.infrastructure.audit_log, where=_address)

    @cached_property
    def refusals(self) -> DeniedRequests:
        return DeniedRequests(self.audit, now=time.monotonic)

    @cached_property
    def settings(self) -> SettingsManager:
        return SettingsManager(self.infrastructure.config, self.directory, self.audit)

    @cached_property
    def limits(self) -> RateLimits:
        return SharedRateLimits(self.infrastructure.broker)

    @cached_property
    def decisions(self) -> Decisions:
        return Decisions()

    @cached_property
    def health(self) -> HealthManager:
        health = HealthManager(
            [log.journal for log in (self.log, self.directory, self.infrastructure.audit_log)],
            tell=lambda mode: self.realtime.broadcast("read_only", mode, room=EVERYONE),
            later=gevent.spawn_later,
        )
        health.start()
        return health

    def max_text_bytes(self) -> int:
        return self.settings.now.max_text_bytes


def _address() -> str | None:
    """The address of the current web request, if there is one."""
    return flask.request.remote_addr if flask.has_request_context() else None
