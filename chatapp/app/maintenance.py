"""Creates the maintenance parts: settings, erasing, integrity checks, actions of the console."""

import secrets
from functools import partial

import gevent
import msgspec

from chatapp.admin.actions import AdminActions, EveryRoom
from chatapp.admin.erasure_queue import ErasureQueue, Told
from chatapp.admin.integrity_checks import IntegrityChecks
from chatapp.admin.log_jobs import LogJobs
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.shared_erasures import SharedErasures
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.app.services.rooms import ROOM_MAKERS_AN_ADDRESS
from chatapp.domain import clock
from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.features.files.model import TABLE, StoredFile
from chatapp.features.files.sweeping import SUSPECTS, FileSweeping, Suspects
from chatapp.features.messages.manager import MessageManager
from chatapp.features.presence import events as presence_events
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.retention.runs import RetentionRuns
from chatapp.features.rooms.events import RoomEvents
from chatapp.features.settings.model import Settings, public
from chatapp.log.signed_checkpoint import SEED_BYTES
from chatapp.transport import CONNECTIONS_A_PERSON, EVERYONE
from chatapp.upkeep.erase import Erased, ErasureSelector
from chatapp.upkeep.files.references import FileReferences
from chatapp.upkeep.processes import run_module
from chatapp.upkeep.signing import rotate_beside
from chatapp.web.waiting import wait


def make_maintenance(infrastructure: Infrastructure, services: Services) -> Maintenance:
    """From here on, changes of settings are applied."""
    config, log, audit = infrastructure.config, infrastructure.log, services.audit
    services.settings.on_change(partial(_apply, infrastructure, services))
    jobs = LogJobs(log, config.data.resolve(), index_problems=infrastructure.index_problems)
    shared = _make_shared_erasures(infrastructure, jobs)
    sweeping = _make_sweeping(infrastructure, services)
    erase_texts = shared.erase if shared else jobs.erase

    def erase(wanted: ErasureSelector, when: str, told: Told) -> Erased:
        erased = erase_texts(wanted, when, told)
        sweeping.sweep()
        return erased

    erasures = ErasureQueue(
        infrastructure.directory,
        audit,
        erase=erase,
        spawn=gevent.spawn,
        clock=clock.now,
        lease=infrastructure.nodes.lease,
        check=partial(_require_no_hold, infrastructure, services.retention),
    )
    return Maintenance(
        services.settings,
        erasures,
        IntegrityChecks(
            infrastructure.directory, check=jobs.check, later=gevent.spawn_later, clock=clock.now
        ),
        log.latency,
        _make_checkpoints(infrastructure, services, jobs),
        services.retention,
        _make_retention_runs(infrastructure, services, erasures),
        shared,
        sweeping,
    )


def _make_checkpoints(
    infrastructure: Infrastructure, services: Services, jobs: LogJobs
) -> CheckpointManager:
    return CheckpointManager(
        infrastructure.directory,
        sign=jobs.sign,
        rotate=rotate_beside,
        new_seed=partial(secrets.token_hex, SEED_BYTES),
        lease=infrastructure.nodes.lease,
        clock=clock.now,
        later=gevent.spawn_later,
        wait=wait,
        note=services.audit,
    )


def _make_retention_runs(
    infrastructure: Infrastructure, services: Services, erasures: ErasureQueue
) -> RetentionRuns:
    runs = RetentionRuns(
        infrastructure.directory,
        services.retention,
        erase=erasures.ask_for_old,
        has_failed=lambda: erasures.has_failed_on_old,
        lease=infrastructure.nodes.lease,
        clock=clock.now,
        later=gevent.spawn_later,
        wait=wait,
    )
    services.settings.on_change(lambda _settings: runs.plan())
    return runs


def _require_no_hold(
    infrastructure: Infrastructure, retention: RetentionManager, wanted: ErasureSelector
) -> None:
    """Raises `NotAllowed` if a room is on legal hold in which this would erase something."""
    held = retention.held()
    if wanted.up_to is not None:
        concerned = [room for room in held if room in wanted.up_to]
    elif wanted.room is not None:
        concerned = [room for room in held if room == wanted.room]
    else:
        concerned = [
            room
            for room in held
            if wait(infrastructure.log.find(sender=wanted.sender, rooms=[room], limit=1))
        ]
    for room in concerned:
        retention.require_not_held(room)


def _make_sweeping(infrastructure: Infrastructure, services: Services) -> FileSweeping:
    directory, log = infrastructure.directory, infrastructure.log

    def known() -> FileReferences:
        """What the log has, with all that had rows before: another process may have appended it."""
        wait(log.journal.catch_up())
        module = "chatapp.upkeep.files.references"
        found = run_module(module, str(log.folder), asked={}, told=lambda _news: None)
        return msgspec.convert(found, FileReferences)

    return FileSweeping(
        directory.table(TABLE, StoredFile),
        directory.table(SUSPECTS, Suspects),
        services.files.bytes,
        infrastructure.blobs,
        threads=services.files.threads,
        known=known,
        held=lambda: services.emoji_rows.digests | services.photo_rows.digests,
        head=log.head,
        lease=infrastructure.nodes.lease,
        later=gevent.spawn_later,
        clock=clock.now,
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
    infrastructure: Infrastructure,
    services: Services,
    room_events: RoomEvents,
    sweeping: FileSweeping | None,
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
    return AdminActions(
        services.rooms,
        messages,
        services.audit,
        tell_room=room_events.tell,
        remove_bytes=sweeping.remove_soon if sweeping else lambda _ids: None,
        require_not_held=services.retention.require_not_held,
    )


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
