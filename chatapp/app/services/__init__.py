"""Creates the services of all features, and connects them.

Each is a property of one of five layers, made when the first one asks for it: shared, people,
rooms, files, messages. A layer knows those below it.
"""

from functools import cached_property

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services.messages import MessageServices
from chatapp.features.accounts.people import PeopleManager


class Services(MessageServices):
    @cached_property
    def people(self) -> PeopleManager:
        return PeopleManager(
            self.accounts.registry, self.audit, tell=self.tell_profile, forget=self._forget
        )

    def _forget(self, id: str) -> None:
        """Remove everything that belongs to an account, except its messages."""
        self.hook_rows.forget(id)
        for owner in (
            self.rooms,
            self.memberships,
            self.commands,
            self.follows,
            self.saved_rows,
            self.scheduled_rows,
            self.last_seen,
            self.moderation,
            self.notifications,
            self.status_rows,
            self.photos,
        ):
            owner.forget(id)


def make_services(infrastructure: Infrastructure) -> Services:
    """All of them, from the lowest layer up: from here on, those that listen hear every event."""
    services = Services(infrastructure)
    for layer in reversed(Services.__mro__):
        for name, part in vars(layer).items():
            if isinstance(part, cached_property):
                getattr(services, name)
    return services
