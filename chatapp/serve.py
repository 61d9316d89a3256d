"""Starts and stops the server: `chatapp serve`, `python wsgi.py`, `make run`.

What can be wrong with a setting, a port or a data folder is said in one line on standard
error: exit code 2 for a setting, 1 for the rest. Runs without a terminal too.
"""

import logging
import os
import signal
import socket
import sys
from threading import Timer
from typing import Any

import click
import gevent
from flask import Flask

from chatapp.accounts.manager import AccountManager
from chatapp.config import Config, ConfigError, is_loopback
from chatapp.control.server import Control
from chatapp.factory import create_app
from chatapp.greeting import greeting, open_door_warning
from chatapp.interpreter import tune
from chatapp.realtime import Realtime
from chatapp.realtime.listening import Unusable, inherited
from chatapp.storage import StorageError
from chatapp.waiting import wait

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
STOP_REASON = "The server is stopping; the chat goes on when it is back."
STOP_SECONDS = 9.5
"""So long may a stop take: `docker stop` kills after ten, systemd after ninety."""


@click.command("serve", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", metavar="ADDRESS", help="Listen here.  [CHATAPP_HOST, 127.0.0.1]")
@click.option(
    "--port", metavar="NUMBER", help="… and on this port; 0 is any.  [CHATAPP_PORT, 8080]"
)
@click.option("--data", metavar="FOLDER", help="Keep everything here.  [CHATAPP_DATA, ./data]")
@click.option(
    "--access",
    metavar="open|members",
    help="Who may come in.  [CHATAPP_ACCESS, open on loopback, else members]",
)
@click.option(
    "--durability",
    metavar="fsync|os",
    help="When a message is safe: on the disk, or with the system.  [CHATAPP_DURABILITY, fsync]",
)
@click.option(
    "--origins",
    metavar="URL,…",
    help="Further origins whose pages may connect.  [CHATAPP_ORIGINS, same origin]",
)
@click.option(
    "--transports",
    metavar="NAME,…",
    help="Ways to connect.  [CHATAPP_TRANSPORTS, websocket,polling]",
)
@click.option(
    "--message-rate",
    metavar="RATE",
    help="How fast a person may post, or off.  [CHATAPP_MESSAGE_RATE, 10 burst, 2 per second]",
)
@click.option(
    "--connections",
    metavar="NUMBER",
    help="Connections in all; 0 is no limit.  [CHATAPP_CONNECTIONS, 10000]",
)
@click.option(
    "--connections-per-address",
    metavar="NUMBER",
    help="Connections of one address; 0 is no limit.  [CHATAPP_CONNECTIONS_PER_ADDRESS, 200]",
)
@click.option(
    "--proxies",
    metavar="NUMBER",
    help="Proxies in front whose X-Forwarded-… is believed.  [CHATAPP_PROXIES, 0]",
)
def serve_command(**given: Any) -> None:
    """Run the chat until SIGTERM or Ctrl-C.

    Settings come from the command line, else from the environment. Secrets come from the
    environment only: CHATAPP_ADMIN_PASSWORD makes the user admin at the first start,
    CHATAPP_SECRET_KEY replaces the key that is kept in the data folder.
    """
    try:
        config = Config.load(os.environ, **given)
        handed_over = inherited(os.environ)
    except (ConfigError, Unusable) as error:
        complain(str(error))
        sys.exit(2)
    if handed_over is not None:
        config = config.listening_on(*handed_over.getsockname()[:2])
    try:
        serve(config, handed_over)
    except (StorageError, OSError) as error:
        complain(_explained(error, config))
        sys.exit(1)


def serve(config: Config, handed_over: socket.socket | None = None) -> None:
    """Serve until told to stop, on the socket that systemd has `handed_over` if it has.

    Raises `StorageError` or `OSError` where it cannot start.
    """
    logging.basicConfig(format=LOG_FORMAT)
    app = create_app(config)
    tune()
    control = Control(config.data)
    try:
        realtime: Realtime = app.extensions["realtime"]
        for signum in (signal.SIGTERM, signal.SIGINT):
            gevent.signal_handler(signum, _stop, realtime)
        host, port = realtime.listen(config.host, config.port, inherited=handed_over)
        control.start(app.extensions["commands"](lambda: config.address_at(port)))
        _announce(app, config, host, port)
        app.extensions["care"].start()
        realtime.serve_forever()
    finally:
        control.close()
        app.extensions["house"].close()


def complain(line: str) -> None:
    click.echo(f"chatapp: {line}", err=True)


def _stop(realtime: Realtime) -> None:
    """Where the disk does not answer, the end would wait for it for ever."""
    too_late = Timer(STOP_SECONDS, _give_up)
    too_late.daemon = True
    too_late.start()
    realtime.stop(STOP_REASON)


def _give_up() -> None:
    """As if killed: what is still on its way to the disk, nobody was told of."""
    complain(
        f"Not done after {STOP_SECONDS:g} s, as when a disk does not answer; ended all the same."
    )
    os._exit(1)


def _announce(app: Flask, config: Config, host: str, port: int) -> None:
    """Say where the chat is, how to become admin, and where the data lies."""
    accounts: AccountManager = app.extensions["accounts"]
    address = config.address_at(port)
    if config.admin_password and (warning := wait(accounts.make_admin(config.admin_password))):
        complain(warning)
    token = wait(accounts.setup_token())
    access = app.extensions["care"].settings.now.access
    click.echo("\n".join(greeting(address, access, token, config.data.resolve())))
    if access == "open" and not is_loopback(host):
        click.secho(open_door_warning(host), err=True, bold=True, fg="red")
    sys.stdout.flush()


def _explained(error: StorageError | OSError, config: Config) -> str:
    if isinstance(error, StorageError):
        return str(error)
    if error.filename is None:
        return (
            f"cannot listen on {config.host} port {config.port}: {error.strerror or error}. "
            "Choose another with --port or CHATAPP_PORT."
        )
    return f"{error.filename}: {error.strerror}."
