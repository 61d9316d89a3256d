"""The one place where everything meets: `create_app` makes the parts and hands them around.

Read it as a parts list; how each part is made is in `parts/`. What a part needs arrives in
its constructor; nothing is kept at module level, so that two chats can live in one process.
"""

import os
from contextlib import ExitStack
from functools import partial

from flask import Flask

from chatapp.config import Config
from chatapp.files import STATIC, TEMPLATES
from chatapp.parts.care import make_care, make_upkeep
from chatapp.parts.commands import make_commands
from chatapp.parts.ground import lay_ground
from chatapp.parts.pages import hang_page_doors
from chatapp.parts.rules import make_rules
from chatapp.parts.sockets import hang_socket_doors


def create_app(config: Config | None = None) -> Flask:
    """A chat on the data folder of `config`, or of the environment's settings.

    It holds the folder's lock until `app.extensions["house"].close()`. Raises `StorageError`
    where the folder is in use, not writable or damaged.
    """
    config = config or Config.load(os.environ)
    app = Flask("chatapp", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    with ExitStack() as house:
        ground = lay_ground(app, config, house)
        rules = make_rules(ground)
        house.callback(rules.refusals.flush)
        house.callback(rules.last_seen.flush)
        room_events = hang_socket_doors(app, ground, rules)
        care = make_care(ground, rules)
        upkeep = make_upkeep(ground, rules, room_events)
        hang_page_doors(app, ground, rules, care, upkeep)
        app.extensions |= {
            "accounts": rules.accounts,
            "commands": partial(make_commands, ground, rules, room_events),
            "messages": rules.messages,
            "realtime": ground.realtime,
            "care": care,
            "house": house.pop_all(),
        }
    return app
