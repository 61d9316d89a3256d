"""Group conversations of an import: who is in them, and their names, as their lines tell.

A group begins with the line that says who started it with whom. From then on, each change of its
people or its name is a line too. A group whose beginning is not in the file is a room like others.
"""

import msgspec

from chatapp.domain.model import Draft, quoted


class ImportedGroup(msgspec.Struct, kw_only=True):
    """`by` started it `at` a time. `people` are the names of those in it, in the order in which
    they came; `title` is empty if it has no name."""

    by: str
    at: str
    people: list[str]
    title: str = ""


class ImportedGroups:
    """The groups of an import by the names of their rooms here."""

    def __init__(self) -> None:
        self.by_room: dict[str, ImportedGroup] = {}

    def see(self, draft: Draft, at: str) -> None:
        line = draft.system
        if line is None:
            return
        if line.what == "started" and draft.room not in self.by_room:
            people = list(dict.fromkeys([draft.sender, *(line.people or ())]))
            self.by_room[draft.room] = ImportedGroup(by=draft.sender, at=at, people=people)
            return
        group = self.by_room.get(draft.room)
        if group is None:
            return
        if line.what == "renamed":
            group.title = quoted(draft) or ""
        elif line.what == "invited" and line.who and line.who not in group.people:
            group.people.append(line.who)
        elif line.what in ("removed", "left"):
            gone = draft.sender if line.what == "left" else line.who
            group.people = [name for name in group.people if name != gone]
