"""The doors that browsers come through."""

from functools import partial

import flask
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chatapp import clock
from chatapp.accounts.first_invite import FIRST_INVITE_USES
from chatapp.accounts.views import accounts_blueprint
from chatapp.admin.care import Care
from chatapp.admin.overview_views import Vitals
from chatapp.admin.upkeep import Upkeep
from chatapp.admin.views import admin_blueprint
from chatapp.config import Config, is_loopback
from chatapp.health.metrics import ChatMetrics, registry_of
from chatapp.health.views import health_blueprint
from chatapp.messages.views import messages_blueprint
from chatapp.model import Person
from chatapp.moderation import events as moderation_events
from chatapp.moderation.views import moderation_blueprint
from chatapp.pages.views import pages_blueprint
from chatapp.parts.ground import Ground
from chatapp.parts.rules import Rules
from chatapp.settings.model import public
from chatapp.settings.views import show_place
from chatapp.web import install_web
from chatapp.web.hosts import OwnHosts

REFUSED = frozenset([403, 429])
"""Not allowed, forged or banned; too many tries. (401 is a wrong password, noted as such.)"""


def hang_page_doors(app: Flask, ground: Ground, rules: Rules, care: Care, upkeep: Upkeep) -> None:
    install_web(app)
    show_place(app, care.settings)
    _note_refusals(app, rules)
    _trust_hosts(app, ground.config)
    _hang_health(app, ground, rules)
    _hang_chat(app, rules, care)
    _hang_console(app, ground, rules, care, upkeep)


def _note_refusals(app: Flask, rules: Rules) -> None:
    @app.after_request
    def note_refusal(response: flask.Response) -> flask.Response:
        if response.status_code in REFUSED:
            person = rules.accounts.person_of(flask.session)
            what = f"{flask.request.method} {flask.request.endpoint}"
            rules.refusals(person.name if person else None, what, flask.request.remote_addr or "")
        return response


def _trust_hosts(app: Flask, config: Config) -> None:
    """What requests say of where they come from and go to is the proxies' word, or checked."""
    if proxies := config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    elif is_loopback(config.host):
        app.wsgi_app = OwnHosts(app.wsgi_app, config.origins)  # type: ignore[method-assign]


def _hang_health(app: Flask, ground: Ground, rules: Rules) -> None:
    registry = registry_of(
        ChatMetrics(ground.commits, heads=ground.log.heads, read_only=lambda: rules.health.mode.on)
    )
    ground.realtime.register_metrics(registry)
    app.register_blueprint(
        health_blueprint(
            registry,
            is_writable=lambda: not rules.health.mode.on,
            is_stopping=lambda: ground.realtime.is_stopping,
            bearer=rules.accounts.bearer,
        )
    )


def _hang_chat(app: Flask, rules: Rules, care: Care) -> None:
    def who() -> Person | None:
        return rules.accounts.person_of(flask.session)

    app.register_blueprint(moderation_blueprint(who, rules.moderation))
    app.register_blueprint(
        pages_blueprint(
            who,
            rules.lobby,
            rules.messages,
            profiles=rules.profiles.of,
            settings=lambda: public(care.settings.now),
        )
    )
    app.register_blueprint(messages_blueprint(who, rules.messages))
    app.register_blueprint(
        accounts_blueprint(
            rules.accounts,
            rules.profiles,
            people=lambda: rules.presence.people,
            is_free=rules.presence.is_free,
            invite=partial(rules.people.invite, uses=FIRST_INVITE_USES),
        )
    )


def _hang_console(app: Flask, ground: Ground, rules: Rules, care: Care, upkeep: Upkeep) -> None:
    app.register_blueprint(
        admin_blueprint(
            ground.log,
            ground.audit_log,
            rules.accounts,
            rules.people,
            rules.moderation,
            profiles=rules.profiles,
            roster=rules.roster,
            upkeep=upkeep,
            care=care,
            here=rules.presence.count,
            show_out=lambda: moderation_events.close_banned(ground.realtime, rules.moderation),
            vitals=lambda: _vitals(ground.config, rules, care),
            clock=clock.now,
            data=ground.config.data.resolve(),
        )
    )


def _vitals(config: Config, rules: Rules, care: Care) -> Vitals:
    return Vitals(
        people_here=rules.presence.people,
        failure=rules.health.mode.reason,
        is_open=care.settings.now.access == "open" and not is_loopback(config.host),
    )
