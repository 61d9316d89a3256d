"""Registers the blueprints, and the middleware in front of them."""

import time
from functools import partial

import flask
from flask import Flask

from chatapp.admin.actions import AdminActions
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.private_rooms import Viewings
from chatapp.admin.views.console import admin_blueprint
from chatapp.admin.views.overview import ServerStatus
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.config import Config, is_loopback
from chatapp.domain import clock
from chatapp.domain.model import Person
from chatapp.features.accounts.invitations.first_invite import FIRST_INVITE_USES
from chatapp.features.accounts.views import accounts_blueprint
from chatapp.features.health.metrics import BrokerMetrics, ChatMetrics, registry_of
from chatapp.features.health.views import health_blueprint
from chatapp.features.messages.views import messages_blueprint
from chatapp.features.moderation import events as moderation_events
from chatapp.features.moderation.views import moderation_blueprint
from chatapp.features.pages.views import pages_blueprint
from chatapp.features.settings.model import public
from chatapp.web import install_web
from chatapp.web.hosts import OwnHosts
from chatapp.web.proxies import BehindProxies

REFUSED = frozenset([403, 429])
"""Statuses of refusals for the audit log: forbidden, too many attempts. (Wrong passwords, 401, have
their own entry.)"""


def register_blueprints(
    app: Flask,
    infrastructure: Infrastructure,
    services: Services,
    maintenance: Maintenance,
    actions: AdminActions,
) -> None:
    install_web(app, infrastructure.config.host, infrastructure.config.network_command)
    app.context_processor(lambda: {"place": maintenance.settings.now})
    _note_refusals(app, services)
    _trust_hosts(app, infrastructure.config)
    _register_health(app, infrastructure, services)
    _register_chat(app, services, maintenance)
    _register_console(app, infrastructure, services, maintenance, actions)


def _note_refusals(app: Flask, services: Services) -> None:
    @app.after_request
    def note_refusal(response: flask.Response) -> flask.Response:
        if response.status_code in REFUSED:
            person = services.accounts.person_of(flask.session)
            what = f"{flask.request.method} {flask.request.endpoint}"
            services.refusals(
                person.name if person else None, what, flask.request.remote_addr or ""
            )
        return response


def _trust_hosts(app: Flask, config: Config) -> None:
    """Take a request's address and host from trusted proxies; without proxies, check the host."""
    if proxies := config.proxies:
        app.wsgi_app = BehindProxies(app.wsgi_app, proxies)  # type: ignore[method-assign]
    elif is_loopback(config.host):
        app.wsgi_app = OwnHosts(app.wsgi_app, config.origins)  # type: ignore[method-assign]


def _register_health(app: Flask, infrastructure: Infrastructure, services: Services) -> None:
    registry = registry_of(
        ChatMetrics(
            infrastructure.commits,
            heads=infrastructure.log.heads,
            read_only=lambda: services.health.mode.on,
            node=infrastructure.nodes.own,
            nodes=lambda: infrastructure.nodes.count,
        )
    )
    infrastructure.realtime.register_metrics(registry)
    if infrastructure.nodes.own:
        registry.register(BrokerMetrics(infrastructure.broker))
    app.register_blueprint(
        health_blueprint(
            registry,
            problem=lambda: services.health.mode.reason,
            is_stopping=lambda: infrastructure.realtime.is_stopping,
            bearer=services.accounts.bearer,
        )
    )


def _register_chat(app: Flask, services: Services, maintenance: Maintenance) -> None:
    def who() -> Person | None:
        return services.accounts.person_of(flask.session)

    app.register_blueprint(moderation_blueprint(who, services.moderation))
    app.register_blueprint(
        pages_blueprint(
            who,
            services.descriptions,
            services.messages,
            profiles=services.profiles.of,
            state_of=services.presence.state_of,
            settings=lambda: public(maintenance.settings.now),
        )
    )
    app.register_blueprint(messages_blueprint(who, services.messages))
    app.register_blueprint(
        accounts_blueprint(
            services.accounts,
            services.profiles,
            people=lambda: services.presence.people,
            is_free=services.presence.is_free,
            invite=partial(services.people.invite, uses=FIRST_INVITE_USES),
        )
    )


def _register_console(
    app: Flask,
    infrastructure: Infrastructure,
    services: Services,
    maintenance: Maintenance,
    actions: AdminActions,
) -> None:
    app.register_blueprint(
        admin_blueprint(
            infrastructure.log,
            infrastructure.audit_log,
            services.accounts,
            services.people,
            services.moderation,
            profiles=services.profiles,
            roster=services.roster,
            actions=actions,
            viewings=Viewings(
                actions.rooms.all,
                services.audit,
                rooms_in_log=lambda: infrastructure.log.heads().keys(),
                tell=lambda room: (
                    maintenance.settings.now.viewings == "on" and actions.tell_viewing(room)
                ),
                opened=infrastructure.short_lived.table("viewings", float),
                now=time.time,
            ),
            maintenance=maintenance,
            here=services.presence.count,
            disconnect_banned=lambda: moderation_events.close_banned(
                infrastructure.realtime, services.moderation
            ),
            status=lambda: _server_status(infrastructure, services, maintenance),
            clock=clock.now,
            data=infrastructure.config.data.resolve(),
        )
    )


def _server_status(
    infrastructure: Infrastructure, services: Services, maintenance: Maintenance
) -> ServerStatus:
    is_local = is_loopback(infrastructure.config.host)
    return ServerStatus(
        people_here=services.presence.people,
        failure=services.health.mode.reason,
        nodes=infrastructure.nodes.statuses(),
        missing=infrastructure.nodes.missing(),
        is_open=maintenance.settings.now.access == "open" and not is_local,
    )
