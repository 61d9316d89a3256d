"""Starts and stops the server: `chatapp serve`, `python wsgi.py`, `make run`.

Problems with a setting, a port or the data folder are reported in one line on standard error:
exit code 2 for a setting, 1 for the rest. It does not need a terminal.
"""

import logging
import os
import signal
import socket
import sys
from functools import partial
from threading import Timer
from time import monotonic
from typing import TYPE_CHECKING, Any

import click
import gevent
import msgspec
from flask import Flask

from chatapp.alone import SingleNode
from chatapp.app.factory import create_app
from chatapp.app.restart import Restart
from chatapp.app.runtime import tune
from chatapp.app.start_command import network_command
from chatapp.app.startup_banner import greeting, open_access_warning
from chatapp.app.worker import Worker, speaker
from chatapp.app.workers import Supervisor
from chatapp.cluster.errors import ClusterError
from chatapp.config import Config, ConfigError, is_loopback, is_wildcard, netloc
from chatapp.control.server import Control
from chatapp.control.supervision import claim
from chatapp.domain.addresses import own_addresses
from chatapp.features.accounts.manager import AccountManager
from chatapp.log.errors import StorageError
from chatapp.ports import Broker
from chatapp.tables.rerun import rerun
from chatapp.transport import Realtime
from chatapp.transport.http.listening import Unusable, bind, check_file_limit, inherited
from chatapp.web.waiting import wait

if TYPE_CHECKING:  # It needs the driver of a database.
    from chatapp.cluster.nodes import Nodes

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
STOP_REASON = "The server is stopping; the chat continues when it is back."
STOP_SECONDS = 9.5
"""The limit for a stop: `docker stop` kills after ten seconds, systemd after ninety."""
BROKER_SECONDS = 3.0
"""How long a start waits for the broker. Without it, a chat only lacks what may be lost."""
BROKER_POLL_SECONDS = 0.01


@click.command("serve", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [CHATAPP_HOST, 127.0.0.1]")
@click.option(
    "--port", metavar="NUMBER", help="Port to listen on; 0 picks a free one.  [CHATAPP_PORT, 8080]"
)
@click.option("--data", metavar="FOLDER", help="Data folder.  [CHATAPP_DATA, ./data]")
@click.option(
    "--access",
    metavar="open|members",
    help="Who can join.  [CHATAPP_ACCESS, open on loopback, else members]",
)
@click.option(
    "--durability",
    metavar="fsync|os",
    help="When a message counts as saved: on disk, or in the system.  [CHATAPP_DURABILITY, fsync]",
)
@click.option(
    "--origins",
    metavar="URL,…",
    help="Other origins whose pages can connect.  [CHATAPP_ORIGINS, same origin]",
)
@click.option(
    "--transports",
    metavar="NAME,…",
    help="Allowed transports.  [CHATAPP_TRANSPORTS, websocket,polling]",
)
@click.option(
    "--message-rate",
    metavar="RATE",
    help="Messages per person, or off.  [CHATAPP_MESSAGE_RATE, 10 burst, 2 per second]",
)
@click.option(
    "--event-rate",
    metavar="RATE",
    help="Requests per person, or off; docs/operations.md lists the weights."
    "  [CHATAPP_EVENT_RATE, 2000 burst, 100 per second]",
)
@click.option(
    "--room-rate",
    metavar="RATE",
    help="New rooms per person, or off; admins have no limit."
    "  [CHATAPP_ROOM_RATE, 20 burst, 20 per hour]",
)
@click.option(
    "--connections",
    metavar="NUMBER",
    help="Total connections; 0 means no limit.  [CHATAPP_CONNECTIONS, 10000]",
)
@click.option(
    "--connections-per-address",
    metavar="NUMBER",
    help="Connections per address; 0 means no limit.  [CHATAPP_CONNECTIONS_PER_ADDRESS, 200]",
)
@click.option(
    "--proxies", metavar="NUMBER", help="Number of trusted proxies in front.  [CHATAPP_PROXIES, 0]"
)
@click.option(
    "--postgres",
    metavar="URL",
    help="The database that several servers of a chat share.  [CHATAPP_POSTGRES]",
)
@click.option(
    "--redis",
    metavar="URL",
    help="How these servers tell each other what may be lost.  [CHATAPP_REDIS, PostgreSQL]",
)
@click.option(
    "--internal",
    metavar="HOST:PORT",
    help="Where these servers reach this one.  [CHATAPP_INTERNAL, a free port on loopback]",
)
@click.option(
    "--files",
    metavar="URL",
    help="The bucket of files; docs/files.md.  [CHATAPP_FILES, the database or the data folder]",
)
@click.option(
    "--outbound-hosts",
    metavar="HOST,…",
    help="Hosts to call though not on the internet: previews, webhooks.  [CHATAPP_OUTBOUND_HOSTS]",
)
@click.option(
    "--workers",
    metavar="NUMBER",
    help="Processes behind one port, with --postgres; docs/cluster.md.  [CHATAPP_WORKERS]",
)
def serve_command(**given: Any) -> None:
    """Run the chat until SIGTERM or Ctrl-C.

    Settings come from the command line, else from the environment. Secrets come from the
    environment only: CHATAPP_ADMIN_PASSWORD makes the user admin at the first start,
    CHATAPP_SECRET_KEY replaces the key that is kept in the data folder. So should a URL with a
    password: other users of the machine see command lines.
    """
    worker = Worker.of(os.environ)
    try:
        config = Config.load(os.environ, **given)
        check_file_limit()
        handed_over = inherited(os.environ)
    except (ConfigError, Unusable) as error:
        complain(str(error), worker)
        sys.exit(2)
    if handed_over is not None:
        config = config.listening_on(*handed_over.getsockname()[:2])
    program = click.get_current_context().command_path
    command = network_command(config, program, given, os.environ)
    config = msgspec.structs.replace(config, network_command=command)
    try:
        if worker is not None:
            serve(worker.config(config), handed_over, worker)
        elif config.workers is not None:
            sys.exit(_supervise(config, config.workers, handed_over))
        else:
            serve(config, handed_over)
    except ClusterError as error:
        complain(str(error), worker)
        sys.exit(2)
    except (StorageError, OSError) as error:
        complain(_explained(error, config), worker)
        sys.exit(1)


def _supervise(config: Config, count: int, handed_over: socket.socket | None) -> int:
    try:
        claim(config.data)
    except BlockingIOError:
        raise StorageError(f"Other workers run on the data folder {config.data}.") from None
    listener = handed_over or bind(config.host, config.port)
    return Supervisor(listener, count, complain=complain).run()


def serve(
    config: Config, handed_over: socket.socket | None = None, worker: Worker | None = None
) -> None:
    """Serve until a signal, on the socket `handed_over` by systemd or a supervisor, if any.

    Raises `StorageError`, `ClusterError` or `OSError` if it cannot start.
    """
    logging.basicConfig(format=log_format(worker))
    app = create_app(config)
    tune()
    control = Control(config.data)
    try:
        realtime: Realtime = app.extensions["realtime"]
        for signum in (signal.SIGTERM, signal.SIGINT):
            gevent.signal_handler(signum, _stop, realtime, worker)
        app.extensions["maintenance"].catch_up()
        _enter_cluster(app, config, realtime)
        restart = Restart(partial(gevent.spawn, _stop, realtime, worker), handed_over)
        app.extensions["on_replaced"](restart.begin)
        host, port = realtime.listen(config.host, config.port, inherited=handed_over)
        control.start(app.extensions["commands"](lambda: config.address_at(port)))
        if worker is None or worker.greets:
            _announce(app, config, host, port)
        app.extensions["maintenance"].start()
        _line = worker.begin(partial(_stop, realtime, worker)) if worker else None
        realtime.serve_forever()
    finally:
        control.close()
        app.extensions["resources"].close()
    restart.finish()


def _enter_cluster(app: Flask, config: Config, realtime: Realtime) -> None:
    """The other processes can reach this one before its first client comes."""
    nodes: SingleNode | Nodes = app.extensions["nodes"]
    if isinstance(nodes, SingleNode):
        return
    wait_for_broker(app.extensions["broker"])
    try:
        host, port = realtime.listen_internally(*config.internal_address)
    except OSError as error:
        raise ClusterError(
            f"cannot listen on {config.internal}: {error.strerror or error}. Choose another "
            "address for the other processes with --internal or CHATAPP_INTERNAL."
        ) from error
    wait(nodes.enter(host, port))


def wait_for_broker(broker: Broker) -> None:
    """Return when this process hears the others, or after `BROKER_SECONDS`. Whoever connected
    before would not hear what is told through the broker, such as their own vote."""
    until = monotonic() + BROKER_SECONDS
    while not broker.is_up and monotonic() < until:
        gevent.sleep(BROKER_POLL_SECONDS)


def complain(line: str, worker: Worker | None = None) -> None:
    click.echo(f"{speaker(worker)}: {line}", err=True)


def log_format(worker: Worker | None) -> str:
    return LOG_FORMAT if worker is None else LOG_FORMAT.replace(" ", f" worker {worker.number} ", 1)


def _stop(realtime: Realtime, worker: Worker | None = None) -> None:
    """A disk that does not respond would block the stop forever, hence the limit."""
    too_late = Timer(STOP_SECONDS, _exit_now, [worker])
    too_late.daemon = True
    too_late.start()
    realtime.stop(STOP_REASON)


def _exit_now(worker: Worker | None) -> None:
    """Exit as if killed: messages that are not on disk have not been acknowledged."""
    complain(
        f"Not done after {STOP_SECONDS:g} s, as when a disk does not answer; ended all the same.",
        worker,
    )
    os._exit(1)


def _announce(app: Flask, config: Config, host: str, port: int) -> None:
    """Print the chat's address, how to become admin, and where the data is."""
    accounts: AccountManager = app.extensions["accounts"]
    address = config.address_at(port)
    if password := config.admin_password:
        warning = rerun(lambda: wait(accounts.make_admin(password)))
        if isinstance(warning, str):
            complain(warning)
    token = wait(accounts.setup_token())
    access = app.extensions["maintenance"].settings.now.access
    lan = [f"http://{netloc(own, port)}" for own in own_addresses()] if is_wildcard(host) else []
    click.echo("\n".join(greeting(address, access, token, config.data.resolve(), lan)))
    if access == "open" and not is_loopback(host):
        click.secho(open_access_warning(host), err=True, bold=True, fg="red")
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
