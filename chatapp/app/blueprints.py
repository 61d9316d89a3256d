"""Registers the blueprints, and the middleware in front of them."""

import time
from functools import partial

import flask
import msgspec
from flask import Flask

from chatapp.admin.actions import AdminActions
from chatapp.admin.files import FileCatalogue
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.outgoing_webhooks import WebhookConsole
from chatapp.admin.private_rooms import Viewings
from chatapp.admin.views.console import admin_blueprint
from chatapp.admin.views.overview import ServerStatus
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.app.sockets import session_reader
from chatapp.config import Config, is_loopback
from chatapp.domain import clock
from chatapp.domain.addresses import network_of
from chatapp.domain.errors import ChatError, Unauthorized
from chatapp.domain.model import Person
from chatapp.domain.rates import Rate, RateLimiter
from chatapp.features.accounts.invitations.first_invite import FIRST_INVITE_USES
from chatapp.features.accounts.sign_in.visitors import visitor
from chatapp.features.accounts.views import accounts_blueprint
from chatapp.features.api.authentication import Authentication
from chatapp.features.api.endpoint import ApiEndpoint, addresses_of
from chatapp.features.api.views import api_blueprint
from chatapp.features.checkpoints.views import checkpoints_blueprint
from chatapp.features.emoji.views import emoji_blueprint
from chatapp.features.files.model import TABLE, StoredFile
from chatapp.features.files.views import files_blueprint
from chatapp.features.health.metrics import BrokerMetrics, ChatMetrics, registry_of
from chatapp.features.health.views import health_blueprint
from chatapp.features.incoming_webhooks.views import incoming_webhooks_blueprint
from chatapp.features.moderation import events as moderation_events
from chatapp.features.moderation.views import moderation_blueprint
from chatapp.features.pages.chat_page import ChatPage
from chatapp.features.pages.views import pages_blueprint
from chatapp.features.photos.views import photos_blueprint
from chatapp.features.published.reading import PublishedMessages
from chatapp.features.published.views import published_blueprint
from chatapp.features.settings.model import public
from chatapp.web import install_web
from chatapp.web.hosts import OwnHosts
from chatapp.web.proxies import BehindProxies

WEB_PAGES = Rate(burst=120, per_second=4)
"""How many pages and files of published rooms an address gets: search engines keep to less."""
REFUSED = frozenset([403, 429])
"""Statuses of refusals for the audit log: forbidden, too many attempts. (Wrong passwords, 401, have
their own entry.)"""


def register_blueprints(
    app: Flask,
    infrastructure: Infrastructure,
    services: Services,
    maintenance: Maintenance,
    actions: AdminActions,
    *,
    webhooks: WebhookConsole,
) -> None:
    install_web(app, infrastructure.config.host, infrastructure.config.network_command)
    app.context_processor(lambda: {"place": maintenance.settings.now})
    _note_refusals(app, services)
    _answer_api(app, infrastructure, services)
    _trust_hosts(app, infrastructure.config)
    _register_health(app, infrastructure, services)
    _register_chat(app, services, maintenance)
    _register_published(app, infrastructure, services)
    app.register_blueprint(checkpoints_blueprint(maintenance.checkpoints))
    _register_console(app, infrastructure, services, maintenance, actions, webhooks=webhooks)


def _note_refusals(app: Flask, services: Services) -> None:
    @app.after_request
    def note_refusal(response: flask.Response) -> flask.Response:
        if response.status_code in REFUSED:
            person = _known(services)
            what = f"{flask.request.method} {flask.request.endpoint}"
            services.refusals(
                person.name if person else None, what, flask.request.remote_addr or ""
            )
        return response


def _known(services: Services) -> Person | None:
    """Who sends the request, as far as they can prove it."""
    try:
        return visitor(services.accounts)
    except ChatError:
        return None


def _answer_api(app: Flask, infrastructure: Infrastructure, services: Services) -> None:
    """Answer requests for the API before Flask sees them."""
    realtime = infrastructure.realtime
    authentication = Authentication(
        services.accounts,
        session_of=session_reader(app),
        admit=services.moderation.check_entry,
        is_free=services.presence.is_free,
        charge=realtime.charge,
        turned_away=lambda address: services.refusals(None, "a request to the API", address),
    )
    addresses = addresses_of(realtime, services.refusals)
    app.extensions["api"] = addresses
    app.register_blueprint(api_blueprint(addresses))
    endpoint = ApiEndpoint(app.wsgi_app, addresses, authentication.caller)
    app.wsgi_app = endpoint  # type: ignore[method-assign]


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
        return visitor(services.accounts)

    app.register_blueprint(moderation_blueprint(who, services.moderation))
    app.register_blueprint(
        pages_blueprint(
            who,
            ChatPage(
                services.descriptions,
                services.messages,
                profiles=services.profiles.of,
                state_of=services.presence.state_of,
                settings=lambda: public(maintenance.settings.now),
                saved=services.saved.counts,
                notifications=services.notifications.of,
                emoji=services.emoji,
            ),
        )
    )
    app.register_blueprint(incoming_webhooks_blueprint(services.incoming_hooks))
    app.register_blueprint(files_blueprint(partial(_who, services), services.files))
    app.register_blueprint(emoji_blueprint(partial(_who, services), services.emoji, services.files))
    app.register_blueprint(
        photos_blueprint(partial(_who, services), services.photos, services.files)
    )
    app.register_blueprint(
        accounts_blueprint(
            services.accounts,
            services.profiles,
            people=lambda: services.presence.people,
            is_free=services.presence.is_free,
            invite=partial(services.people.invite, uses=FIRST_INVITE_USES),
        )
    )


def _register_published(app: Flask, infrastructure: Infrastructure, services: Services) -> None:
    app.register_blueprint(
        published_blueprint(
            services.published,
            PublishedMessages(infrastructure.log),
            services.files,
            profiles=services.profiles.of,
            shown=services.people.shown,
            pace=RateLimiter(WEB_PAGES, "pages"),
        )
    )


def _who(services: Services) -> Person:
    """Who sends the request, from which network; raises `Unauthorized` if that is not known."""
    person = visitor(services.accounts)
    if person is None:
        raise Unauthorized("Choose a name or sign in first.")
    return msgspec.structs.replace(person, place=network_of(flask.request.remote_addr or ""))


def _register_console(
    app: Flask,
    infrastructure: Infrastructure,
    services: Services,
    maintenance: Maintenance,
    actions: AdminActions,
    *,
    webhooks: WebhookConsole,
) -> None:
    app.register_blueprint(
        admin_blueprint(
            infrastructure.log,
            infrastructure.audit_log,
            services.accounts,
            services.people,
            services.moderation,
            bots=services.bots,
            commands=services.commands,
            profiles=services.profiles,
            statuses=services.statuses,
            remove_photo=services.photos.remove,
            roster=services.roster,
            actions=actions,
            catalogue=FileCatalogue(
                infrastructure.directory.table(TABLE, StoredFile),
                infrastructure.log,
                services.files.limits,
            ),
            files=services.files,
            emoji=services.emoji,
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
            published=services.published,
            webhooks=webhooks,
            incoming_hooks=services.incoming_hooks,
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
