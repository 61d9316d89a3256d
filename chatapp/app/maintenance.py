"""Creates the maintenance parts: settings, erasing, integrity checks, actions of the console."""

from functools import partial

import gevent

from chatapp.admin.actions import AdminActions, EveryRoom
from chatapp.admin.erasure_queue import ErasureQueue
from chatapp.admin.integrity_checks import IntegrityChecks
from chatapp.admin.log_jobs import LogJobs
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.shared_erasures import SharedErasures
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import ROOM_MAKERS_AN_ADDRESS, Services
from chatapp.domain import clock
from chatapp.features.messages.manager import MessageManager
from chatapp.features.presence import events as presence_events
from chatapp.features.rooms.events import RoomEvents
from chatapp.features.settings.model import Settings, public
from chatapp.transport import CONNECTIONS_A_PERSON, EVERYONE
from chatapp.upkeep.processes import run_module


def make_maintenance(infrastructure: Infrastructure, services: Services) -> Maintenance:
    """From here on, changes of settings are applied."""
    config, log, audit = infrastructure.config, infrastructure.log, services.audit
    services.settings.on_change(partial(_apply, infrastructure, services))
    jobs = LogJobs(log, config.data.resolve(), index_problems=infrastructure.index_problems)
    shared = _make_shared_erasures(infrastructure, jobs)
    return Maintenance(
        services.settings,
        ErasureQueue(
            infrastructure.directory,
            audit,
            erase=shared.erase if shared else jobs.erase,
            spawn=gevent.spawn,
            clock=clock.now,
            lease=infrastructure.nodes.lease,
        ),
        IntegrityChecks(
            infrastructure.directory, check=jobs.check, later=gevent.spawn_later, clock=clock.now
        ),
        log.latency,
        shared,
    )


def _make_shared_erasures(infrastructure: Infrastructure, jobs: LogJobs) -> SharedErasures | None:
    log, cluster = infrastructure.log, infrastructure.cluster
    if cluster is None or log.shared is None:
        return None

    def overwrite_database() -> None:
        run_module(
            "chatapp.upkeep.erase_database",
            str(log.folder),
            asked={"url": cluster.url},
            told=lambda _news: None,
        )

    return SharedErasures(
        log.shared, jobs, overwrite_database=overwrite_database, later=gevent.spawn_later
    )


def make_admin_actions(
    infrastructure: Infrastructure, services: Services, room_events: RoomEvents
) -> AdminActions:
    """The console's actions on rooms and messages, without restrictions and rate limits."""
    messages = MessageManager(
        infrastructure.log,
        rooms=EveryRoom(services.rooms),
        rules=services.moderation,
        pace=None,
        decisions=services.decisions,
        is_in=lambda _id, _room: True,
        check_stay=services.check_stay,
    )
    return AdminActions(services.rooms, messages, services.audit, tell_room=room_events.tell)


def _apply(infrastructure: Infrastructure, services: Services, settings: Settings) -> None:
    """Apply changed settings at once."""
    people = settings.connections_per_address / CONNECTIONS_A_PERSON
    services.pace.change(settings.message_rate, people)
    makers = ROOM_MAKERS_AN_ADDRESS if settings.connections_per_address else 0
    services.room_pace.change(settings.room_rate, makers)
    infrastructure.realtime.limit_connections(
        settings.connections, settings.connections_per_address
    )
    infrastructure.realtime.limit_events(
        infrastructure.config.event_rate if settings.message_rate else None,
        settings.connections_per_address if settings.message_rate else 0,
    )
    if settings.access == "members":
        presence_events.disconnect_guests(infrastructure.realtime)
    infrastructure.realtime.broadcast("settings", public(settings), room=EVERYONE)
