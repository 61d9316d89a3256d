"""The rights of roles. Every right is defined here.

Socket handlers, the console, the command line and links ask these functions; none of them decides
by itself. Temporary restrictions (mutes, bans, slow or read-only rooms) are in `moderation`.

    who has power     over guests, members and bots    over admins    over owners
    guest, member, bot              no                     no             no
    admin                           yes                    no             no
    owner                           yes                    yes            yes
    the command line                yes                    yes            yes

Power over a person is required to mute, kick, ban and unban them, to change their role and profile,
to end their sessions, to create and revoke their tokens, to reset their password, to erase their
messages, and to remove them. Power over a role is required to give it, by an invitation too.
Nobody can moderate themselves, and there is always an owner who can sign in. Rights that do not
concern one person are in `MAY`.

Rights belong to the id of an account or a guest, never to a name: see `is_own`.
"""

from typing import Literal, Protocol

from chatapp.domain.errors import NoSuchRoom, NotAllowed
from chatapp.domain.model import GENERAL, Event, Message, Person, Role, Room, RoomMakers

COMMAND_LINE = "the command line"


class Actor(Protocol):
    """The actor: an account, or its person in the chat."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...


By = Actor | None
"""The acting account or person; None is the command line, whose user controls the data folder."""

_EVERYDAY: frozenset[Role] = frozenset(["guest", "member", "bot"])
POWER: dict[Role, frozenset[Role]] = {
    "guest": frozenset(),
    "member": frozenset(),
    "bot": frozenset(),
    "admin": _EVERYDAY,
    "owner": _EVERYDAY | {"admin", "owner"},
}
"""The roles over which each role has power."""

Right = Literal[
    "administer",
    "change the owner's settings",
    "delete any message",
    "change any room",
    "make rooms at any pace",
    "come in from a banned address",
    "make private rooms",
    "have a profile",
    "know who is away",
]
_ADMINS: frozenset[Role] = frozenset(["admin", "owner"])
_ACCOUNTS: frozenset[Role] = frozenset(["member", "bot", "admin", "owner"])
MAY: dict[Right, frozenset[Role]] = {
    "administer": _ADMINS,
    "change the owner's settings": frozenset(["owner"]),
    "delete any message": _ADMINS,
    "change any room": _ADMINS,
    "make rooms at any pace": _ADMINS,
    "come in from a banned address": _ADMINS,
    "make private rooms": _ACCOUNTS,
    "have a profile": _ACCOUNTS,
    "know who is away": _ACCOUNTS,
}
"""The roles that have each right. Administering means to use the console and to decide about
guests."""


def name_of(by: By) -> str:
    return by.name if by else COMMAND_LINE


def may(by: By, right: Right) -> bool:
    """Whether somebody has this right; the command line has all of them."""
    return by is None or by.role in MAY[right]


# People


def is_admin(by: By) -> bool:
    """Whether somebody is an admin or an owner."""
    return may(by, "administer")


def require_admin(by: By) -> None:
    if not is_admin(by):
        raise NotAllowed("Only admins can do that.")


def has_power_over(by: By, role: Role) -> bool:
    """Whether `by` can give this role, and manage the people who have it."""
    return by is None or role in POWER[by.role]


def require_power_over(by: By, role: Role) -> None:
    require_admin(by)
    if not has_power_over(by, role):
        raise NotAllowed(f"Only an owner can do that to an {role}.")


def require_another(by: By, id: str) -> None:
    """Raises `NotAllowed` if somebody would moderate themselves."""
    if by is not None and by.id == id:
        raise NotAllowed("You cannot do that to yourself.")


def require_profile(by: By) -> None:
    if not may(by, "have a profile"):
        raise NotAllowed("Guests have no profile; profiles need an account.")


# Messages


def is_own(person: Person, *, by: str | None, name: str | None, at: str | None) -> bool:
    """Whether something with this author, name and time belongs to the person.

    Older versions only kept the name. It belongs to the account with this name if that existed at
    the time `at`; an account that was created later does not own it, and neither does a guest.
    """
    if by is not None:
        return by == person.id
    if person.since is None or at is None:
        return False
    return name == person.name and person.since <= at


def is_author(person: Person, event: Event | Message) -> bool:
    return is_own(person, by=event.by, name=event.sender, at=event.at)


def require_author(person: Person, message: Message) -> None:
    if not is_author(person, message):
        raise NotAllowed("Only the author can change a message's text.")


def require_may_delete(person: Person, message: Message) -> None:
    if not is_author(person, message) and not may(person, "delete any message"):
        raise NotAllowed("Only the author or an admin can delete a message.")


def require_may_erase(by: By, author: Actor | None) -> None:
    """Raises `NotAllowed` unless `by` is an admin, and has power over the author if that is another
    account."""
    require_admin(by)
    if author is not None and not (by is not None and by.id == author.id):
        require_power_over(by, author.role)


# Rooms


def may_see(person: Person, room: Room) -> bool:
    """Everyone can see public rooms; only members can see other rooms; nobody a deleted one."""
    if room.deleted_at is not None:
        return False
    return room.kind == "public" or (not person.is_guest and person.id in room.members)


def may_change_room(person: Person, room: Room) -> bool:
    """Admins can change rooms, and creators with an account their own; nobody can change a direct
    room."""
    made_it = is_own(person, by=room.owner, name=room.created_by, at=room.created_at)
    return room.kind != "direct" and (
        may(person, "change any room") or (made_it and not person.is_guest)
    )


def require_may_change_room(person: Person, room: Room) -> None:
    if room.kind == "direct":
        raise NotAllowed("A direct conversation has no settings.")
    if not may_change_room(person, room):
        raise NotAllowed("Only the room's creator or an admin can do that.")


def may_delete_room(person: Person, room: Room) -> bool:
    """Whoever can change a room can delete it, except the room that everyone is in."""
    return room.name != GENERAL and may_change_room(person, room)


def require_may_delete_room(person: Person, room: Room) -> None:
    require_may_change_room(person, room)
    require_deletable(room)


def require_deletable(room: Room) -> None:
    require_not_deleted(room)
    if room.kind == "direct":
        raise NotAllowed("A direct conversation cannot be deleted.")
    if room.name == GENERAL:
        raise NotAllowed("Everyone is in the general room; it cannot be deleted.")


def require_not_deleted(room: Room) -> None:
    if room.deleted_at is not None:
        raise NoSuchRoom("This room was deleted.")


def may_make_rooms(person: Person, makers: RoomMakers) -> bool:
    """Whether somebody can create public and private rooms, if `makers` can."""
    if makers == "everyone":
        return True
    return is_admin(person) if makers == "admins" else not person.is_guest


def require_may_make_rooms(person: Person, makers: RoomMakers) -> None:
    if not may_make_rooms(person, makers):
        whose = "admins" if makers == "admins" else "people with an account"
        raise NotAllowed(f"Only {whose} can create rooms here.")


def require_private_rooms(person: Person) -> None:
    """Raises `NotAllowed` if somebody cannot create private rooms."""
    if not may(person, "make private rooms"):
        raise NotAllowed(
            "Private rooms are for people with an account, because anyone can take a guest's name."
        )
