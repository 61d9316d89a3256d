"""`create_app` creates the application's parts and connects them.

Read it as a parts list; the other files of this folder create the parts. A part gets what it needs
through its constructor. There is no module-level state, so one process can run two chats.
"""

import os
from contextlib import ExitStack
from functools import partial

from flask import Flask

from chatapp.app.agents import add_agents
from chatapp.app.blueprints import register_blueprints
from chatapp.app.commands import make_commands
from chatapp.app.infrastructure import open_infrastructure
from chatapp.app.maintenance import make_admin_actions, make_maintenance
from chatapp.app.outgoing_webhooks import make_outgoing_webhooks
from chatapp.app.services import make_services
from chatapp.app.sockets import register_socket_handlers
from chatapp.app.streams import add_streams
from chatapp.config import Config
from chatapp.resources import STATIC, TEMPLATES
from chatapp.web.app import ChatFlask


def create_app(config: Config | None = None) -> Flask:
    """Create a chat on the data folder of `config`, or of the environment's settings.

    It holds the folder's lock until `app.extensions["resources"].close()`. Raises `StorageError`
    if the folder is in use, not writable or damaged.
    """
    config = config or Config.load(os.environ)
    app = ChatFlask("chatapp", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    with ExitStack() as resources:
        infrastructure = open_infrastructure(app, config, resources)
        services = make_services(infrastructure)
        resources.callback(services.refusals.flush)
        resources.callback(services.last_seen.flush)
        room_events, subscriptions = register_socket_handlers(app, infrastructure, services)
        maintenance = make_maintenance(infrastructure, services)
        actions = make_admin_actions(infrastructure, services, room_events, maintenance.sweeping)
        webhooks = make_outgoing_webhooks(infrastructure, services)
        resources.callback(webhooks.sender.flush)
        resources.callback(webhooks.console.deliveries.flush)
        register_blueprints(
            app, infrastructure, services, maintenance, actions, webhooks=webhooks.console
        )
        add_streams(app.extensions["api"], infrastructure, services, subscriptions, room_events)
        add_agents(app.extensions["api"], infrastructure, services, room_events)
        app.extensions |= {
            "accounts": services.accounts,
            "broker": infrastructure.broker,
            "commands": partial(
                make_commands,
                infrastructure,
                services,
                maintenance.checkpoints,
                room_events,
                webhooks=webhooks.console.manager,
            ),
            "messages": services.messages,
            "on_replaced": infrastructure.on_replaced,
            "realtime": infrastructure.realtime,
            "maintenance": maintenance,
            "nodes": infrastructure.nodes,
            "resources": resources.pop_all(),
        }
    return app
