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

from collections.abc import Iterable, Set
from typing import Literal, Protocol

from chatapp.domain.bots import BotLimits
from chatapp.domain.errors import NoSuchRoom, NotAllowed, NotAMember, NotFound
from chatapp.domain.model import (
    GENERAL,
    EmojiMakers,
    Event,
    Message,
    Person,
    Role,
    Room,
    RoomMakers,
)
from chatapp.domain.scopes import PARTS_OF_WRITE, Scope

COMMAND_LINE = "the command line"
RETENTION = "the rules of retention"
WEBHOOKS = "the outgoing webhooks"
"""Who acts in the audit log where no person does; no account can have these names."""


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
    "schedule messages",
    "pin messages",
    "close any poll",
    "register commands",
    "run commands",
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
    "schedule messages": _ACCOUNTS,
    "pin messages": _ACCOUNTS,
    "close any poll": _ADMINS,
    "register commands": frozenset(["bot"]),
    "run commands": frozenset(["guest", "member", "admin", "owner"]),
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


def check_scope(person: Person, needs: Scope) -> None:
    """Raises `NotAllowed` if the person came with a token that lacks this scope."""
    if needs not in person.scopes:
        raise NotAllowed(f"This token lacks the scope {needs!r}.")


def require_agent(person: Person, limits: BotLimits | None) -> None:
    """Raises `NotAllowed` unless this is a bot with a list of rooms; `limits` are those of a bot.
    That its token is that of an agent is asked before."""
    if person.role != "bot" or limits is None or limits.rooms is None:
        raise NotAllowed("Only an agent can do this: a bot that has a list of rooms.")


def only_reads(person: Person) -> bool:
    """Whether the person came with a token that changes nothing in any room."""
    return PARTS_OF_WRITE.isdisjoint(person.scopes)


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


def require_may_edit(person: Person, message: Message) -> None:
    if not is_author(person, message):
        raise NotAllowed("Only the author can change a message's text.")
    if message.forwarded is not None:
        raise NotAllowed("A forwarded message has its author's words. Delete it instead.")


def require_may_forward(message: Message) -> None:
    """Raises an error if nobody can forward a message. Whoever can read another one can."""
    if message.system is not None:
        raise NotAllowed("The chat wrote this line; it cannot be forwarded.")
    if message.poll is not None:
        raise NotAllowed("A poll cannot be forwarded. Forward a link to it.")
    if message.deleted_by is not None:
        raise NotFound(f"Message {message.seq} has been deleted.")
    if message.erased_at is not None:
        raise NotFound(f"Message {message.seq} has been erased.")


def require_may_delete(person: Person, message: Message) -> None:
    if not is_author(person, message) and not may(person, "delete any message"):
        raise NotAllowed("Only the author or an admin can delete a message.")


def require_may_close(person: Person, poll: Message) -> None:
    if not is_author(person, poll) and not may(person, "close any poll"):
        raise NotAllowed("Only the author or an admin can close a poll.")


def require_may_title(person: Person, room: Room, root: Message) -> None:
    """Raises `NotAllowed` if somebody cannot name a thread. Whoever wrote its first message can,
    and whoever is in charge of the room."""
    if room.kind != "direct" and not is_author(person, root) and not may_change_room(person, room):
        raise NotAllowed("Only who began this thread, the room's creator or an admin can name it.")


def may_pin(person: Person, room: Room) -> bool:
    """Whether somebody who is in a room can pin its messages, and unpin them. Where only those in
    charge post, only they pin: the room reads who did."""
    if not may(person, "pin messages"):
        return False
    is_for_everyone = room.pinning == "everyone" and not room.read_only
    return is_for_everyone or room.kind == "direct" or may_change_room(person, room)


def require_may_pin(person: Person, room: Room) -> None:
    if not may(person, "pin messages"):
        raise NotAllowed("Pinning messages needs an account.")
    if not may_pin(person, room):
        raise NotAllowed("Only the room's creator or an admin can pin messages here.")


def require_may_move(
    person: Person, messages: Iterable[Message], room: Room, target: Room | None = None
) -> None:
    """Raises `NotAllowed` if somebody cannot move these messages of a room, within it or to a
    `target`. Whoever is in charge of the room can; others only their own, and only to people who
    can see them already."""
    if may_change_room(person, room):
        return
    if not all(is_author(person, message) for message in messages):
        raise NotAllowed("Only the room's creator, an admin or their author can move messages.")
    if target is not None and not is_seen_by_all_of(room, target):
        raise NotAllowed(
            f"Not everybody who can see {target.title} can see {room.title}; "
            "only who is in charge of it can move messages there."
        )


def require_may_erase(by: By, author: Actor | None) -> None:
    """Raises `NotAllowed` unless `by` is an admin, and has power over the author if that is another
    account."""
    require_admin(by)
    if author is not None and not (by is not None and by.id == author.id):
        require_power_over(by, author.role)


# Rooms


def may_see(person: Person, room: Room, limits: BotLimits | None = None) -> bool:
    """Everyone can see public rooms; only members can see other rooms; nobody a deleted one.
    `limits` are those of a bot."""
    if room.deleted_at is not None:
        return False
    if limits is not None and not is_within(limits, room):
        return False
    return room.kind == "public" or (not person.is_guest and person.id in room.members)


def is_within(limits: BotLimits, room: Room) -> bool:
    """Whether a bot's limits let it be in a room: only in those of its list, if it has one, and
    among others only together with its owner. With one person it may talk alone, as its owner
    could."""
    if limits.rooms is not None and room.name not in limits.rooms:
        return False
    is_of_two = room.kind == "direct" and not room.is_group
    return room.kind == "public" or is_of_two or limits.owner in room.members


def require_within(limits: BotLimits | None, bot: str, room: Room) -> None:
    """Raises `NotAllowed` if the bot with this name could not see the room that it would be in."""
    if limits is not None and not is_within(limits, room):
        raise NotAllowed(
            f"{bot} is a bot with limits: it cannot be in this room. "
            "Its owner and the admins can change that."
        )


def is_seen_by_everybody(room: Room) -> bool:
    """Whether a room may be named to everybody."""
    return room.kind == "public" and room.deleted_at is None


def is_seen_by_all_of(room: Room, other: Room) -> bool:
    """Whether everybody who can see the other room can see this one."""
    if room.kind == "public":
        return room.deleted_at is None
    return other.kind != "public" and other.members.keys() <= room.members.keys()


def may_change_room(person: Person, room: Room) -> bool:
    """Admins can change rooms, and creators with an account their own; nobody can change a direct
    room."""
    return room.kind != "direct" and _is_in_charge(person, room)


def may_remove_from(person: Person, room: Room) -> bool:
    """Admins and creators can remove others from private rooms and group conversations; everybody
    in it can add people, and name a group."""
    return (room.kind == "private" or room.is_group) and _is_in_charge(person, room)


def _is_in_charge(person: Person, room: Room) -> bool:
    made_it = is_own(person, by=room.owner, name=room.created_by, at=room.created_at)
    return may(person, "change any room") or (made_it and not person.is_guest)


def require_may_change_room(person: Person, room: Room) -> None:
    if room.kind == "direct":
        raise NotAllowed("A direct conversation has no settings.")
    if not may_change_room(person, room):
        raise NotAllowed("Only the room's creator or an admin can do that.")


def require_may_update(person: Person, room: Room, settings: Set[str]) -> None:
    """Raises `NotAllowed` if somebody who can see a room cannot change these settings of it."""
    if not room.is_group:
        require_may_change_room(person, room)
    elif not settings <= {"title"}:
        raise NotAllowed("A group conversation has a name, and no other settings.")


def require_may_remove_from(person: Person, room: Room) -> None:
    if not may_remove_from(person, room):
        raise NotAllowed("Only the creator or an admin can remove others.")


def require_joined(room: Room, is_in: bool) -> None:
    if not is_in:
        raise NotAMember(f"Join {room.name!r} first.")


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


# The chat's own emoji


def may_add_emoji(by: By, makers: EmojiMakers) -> bool:
    """Whether somebody can add emoji, if `makers` can. Whoever can use the command line can always:
    it can change the setting, too."""
    if by is None or makers == "nobody":
        return by is None
    return is_admin(by) if makers == "admins" else by.role != "guest"


def require_may_add_emoji(by: By, makers: EmojiMakers) -> None:
    if not may_add_emoji(by, makers):
        whom = {
            "nobody": "New emoji are switched off here.",
            "admins": "Only admins can add emoji here.",
            "members": "Only people with an account can add emoji.",
        }
        raise NotAllowed(whom[makers])


def require_may_remove_emoji(by: By, added_by: str | None) -> None:
    """Whoever added an emoji can remove it, and every admin."""
    if not is_admin(by) and (by is None or by.id != added_by):
        raise NotAllowed("Only who added this emoji or an admin can remove it.")


# Slash commands


def require_may_register_commands(by: Actor) -> None:
    if not may(by, "register commands"):
        raise NotAllowed("Only the account of a bot can register commands.")


def require_may_run_commands(by: Actor) -> None:
    """Bots that run each other's commands could go on for ever."""
    if not may(by, "run commands"):
        raise NotAllowed("Commands are for people; a bot cannot run them.")
