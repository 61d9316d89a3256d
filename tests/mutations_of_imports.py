"""Breaks what imports from other chats promise; see mutations.py."""

from tests.support.mutating import Mutation

OF_ACCOUNTS = "tests/features/accounts/test_imported.py"
OF_SLACK = "tests/transfer/test_slack.py"
OF_ROWS = "tests/log/commands/test_import_.py"
OF_MATRIX = "tests/transfer/test_matrix.py"
OF_MATTERMOST = "tests/transfer/test_mattermost.py"

OF_IMPORTS = [
    Mutation(
        "an import: posts are in the order of the file",
        "chatapp/transfer/sources/mattermost/export.py",
        "            sorted_records = by_room_and_time(lines.records(file, progress), scratch)\n",
        "            sorted_records = lines.records(file, progress)\n",
        OF_MATTERMOST,
    ),
    Mutation(
        "an import: two posts of one moment are one",
        "chatapp/transfer/sources/mattermost/export.py",
        '                record.id = f"{record.id}-{digest[:8]}"\n',
        "                pass\n",
        OF_MATTERMOST,
    ),
    Mutation(
        "an import: a line of any length is read",
        "chatapp/transfer/sources/line_reading.py",
        "        if size > MAX_LINE_BYTES:\n",
        "        if False:\n",
        OF_MATTERMOST,
    ),
    Mutation(
        "an import: nothing is the password of an unclaimed account",
        "chatapp/features/accounts/sign_in/passwords.py",
        "        right: bool = self._run(self._verify, (hashed or self._decoy, password))\n"
        "        return right and bool(hashed)\n",
        "        right: bool = not hashed or self._run(self._verify, (hashed, password))\n"
        "        return right\n",
        OF_ACCOUNTS,
    ),
    Mutation(
        "an import: an invitation gives an account that somebody has",
        "chatapp/features/accounts/manager.py",
        "        if not self.registry.is_open(link):\n",
        "        if False:\n",
        OF_ACCOUNTS,
    ),
    Mutation(
        "an import: an admin invites to an account above them",
        "chatapp/features/accounts/people.py",
        "        account = self.registry.find(name)\n"
        "        require_power_over(by, account.role)\n"
        "        if not account.is_unclaimed:\n",
        "        account = self.registry.find(name)\n        if not account.is_unclaimed:\n",
        OF_ACCOUNTS,
    ),
    Mutation(
        "an import: a link gives an account whose role was raised since",
        "chatapp/features/accounts/manager.py",
        "        self._require_maker(link, account.role if account else link.role)\n",
        "        self._require_maker(link, link.role)\n",
        OF_ACCOUNTS,
    ),
    Mutation(
        "an import: older invitations to an account go on",
        "chatapp/features/accounts/people.py",
        '        links.revoke_all("invite", account.key)\n',
        "",
        OF_ACCOUNTS,
    ),
    Mutation(
        "an import: a bot can be claimed",
        "chatapp/features/accounts/model.py",
        '        return not self.password and self.role != "bot"\n',
        "        return not self.password\n",
        OF_ACCOUNTS,
    ),
    Mutation(
        "an import: whoever has the same name is the same person",
        "chatapp/features/accounts/imported.py",
        "        if name_key(name) in _RESERVED or self._registry.is_taken(name):\n"
        "            return False\n",
        "",
        f"{OF_ACCOUNTS} {OF_SLACK}",
    ),
    Mutation(
        "an import: people are known by their names",
        "chatapp/transfer/sources/people.py",
        '        if origin := self._origins.get("person", person.id):\n',
        '        if origin := self._origins.get("person", person.name):\n',
        OF_SLACK,
    ),
    Mutation(
        "an import: a private room is merged with one of the same name",
        "chatapp/transfer/sources/rooms.py",
        "        return name not in self._rooms and name not",
        "        return name not",
        OF_SLACK,
    ),
    Mutation(
        "an import: a conversation is shared by fewer people than there",
        "chatapp/transfer/sources/rooms.py",
        '        if room.kind == "direct" and len(members) == len(room.members or ()) > 1:\n',
        '        if room.kind == "direct" and len(members) > 1:\n',
        OF_SLACK,
    ),
    Mutation(
        "an import: reactions come twice",
        "chatapp/transfer/sources/changes.py",
        "        known = {(event.type, event.by, event.emoji) for event in there}\n",
        "        known: set[object] = set()\n",
        OF_SLACK,
    ),
    Mutation(
        "an import: a dry run appends",
        "chatapp/transfer/sources/appending.py",
        "        if self._dry_run:\n            self._plan(",
        "        if False:\n            self._plan(",
        OF_SLACK,
    ),
    Mutation(
        "an import: a dry run counts reactions that are there",
        "chatapp/transfer/sources/appending.py",
        "        asked = [at for at in changed if sent[at].is_known]\n",
        "        asked = [at for at in changed if sent[at].is_known and not self._dry_run]\n",
        OF_SLACK,
    ),
    Mutation(
        "an import: people and rooms of two organizations of Zulip are the same",
        "chatapp/transfer/sources/zulip/export.py",
        "        self.chat = _organization(tar)\n",
        "",
        "tests/transfer/test_zulip.py",
    ),
    Mutation(
        "an import: people and rooms of two chats are the same though they have names",
        "chatapp/cli/log_commands/import_source.py",
        "lambda: from_source.chat or source.chat",
        "lambda: source.chat",
        "tests/transfer/test_csv.py",
    ),
    Mutation(
        "an import: a dry run counts a message twice",
        "chatapp/transfer/sources/appending.py",
        "        self._planned.add(key)\n",
        "",
        OF_SLACK,
    ),
    Mutation(
        "an import: what happened to a message that comes twice is added twice",
        "chatapp/transfer/sources/appending.py",
        "        if key in self._keys:  # the export has it twice\n",
        "        if False:\n",
        OF_SLACK,
    ),
    Mutation(
        "an import: the seq of a reply's message does not count reactions",
        "chatapp/transfer/sources/appending.py",
        "        self._ahead.clear()\n",
        "",
        OF_SLACK,
    ),
    Mutation(
        "an import: a message of somebody else with the same cid is the same",
        "chatapp/index/lookup.py",
        '    f" AND author IN ({NOBODY}, {_ASKED[3]}, {_ASKED[4]})"\n',
        "",
        "tests/log/test_cids.py",
    ),
    Mutation(
        "an import: a line of somebody else with the same cid is the same",
        "chatapp/index/reader.py",
        "            if is_certain or self._event(found).by in (by, None):\n",
        "            if True:\n",
        "tests/log/test_cids.py",
    ),
    Mutation(
        "an import: a name of the export commands the terminal",
        "chatapp/transfer/sources/report.py",
        "{visible(there)} is called",
        "{there} is called",
        OF_SLACK,
    ),
    Mutation(
        "an import: a bomb is unpacked",
        "chatapp/transfer/sources/archives.py",
        "        if info.file_size > MAX_MEMBER_BYTES or _is_bomb(info):\n",
        "        if False:\n",
        OF_SLACK,
    ),
    Mutation(
        "an import: the secret of a file's link is imported",
        "chatapp/transfer/sources/slack/export.py",
        '        is_plain = link.startswith("https://") and "?" not in link\n',
        "        is_plain = True\n",
        OF_SLACK,
    ),
    Mutation(
        "an import: a file of another chat is merged with the first",
        "chatapp/cli/log_commands/import_source.py",
        "    if before and file not in before and not from_source.same_chat:\n",
        "    if False:\n",
        "tests/transfer/test_csv.py",
    ),
    Mutation(
        "an import: a dry run is remembered as an import",
        "chatapp/cli/log_commands/import_source.py",
        "    if not dry_run:\n        chat.wait(origins.note_file(file))\n",
        "    chat.wait(origins.note_file(file))\n",
        "tests/transfer/test_csv.py",
    ),
    Mutation(
        "an import: a dry run of our own export appends a message",
        "chatapp/transfer/adding_events.py",
        "        if self._dry_run:\n            self._plan(",
        "        if False:\n            self._plan(",
        OF_ROWS,
    ),
    Mutation(
        "an import: a dry run of our own export appends an edit",
        "chatapp/transfer/adding_events.py",
        "        elif self._dry_run:\n            self._count(",
        "        elif False:\n            self._count(",
        OF_ROWS,
    ),
    Mutation(
        "an import: a dry run of our own export takes what is there for new",
        "chatapp/transfer/adding_events.py",
        "            known = self._log.find_cids([draft])[0]\n",
        "            pass\n",
        OF_ROWS,
    ),
    Mutation(
        "an import: a dry run makes rooms",
        "chatapp/cli/log_commands/import_rows.py",
        "        if not options.dry_run:\n            rerun(",
        "        if True:\n            rerun(",
        OF_ROWS,
    ),
    Mutation(
        "an import: a name of a file leads out of the folder of files",
        "chatapp/transfer/sources/media_folder.py",
        "        return path if path.is_relative_to(self._folder) and path.is_file() else None\n",
        "        return path if path.is_file() else None\n",
        "tests/transfer/test_media_folder.py",
    ),
    Mutation(
        "an import: a file of Element's archive is of two events",
        "chatapp/transfer/sources/matrix/media.py",
        "            self._taken.add(found)\n",
        "",
        OF_MATRIX,
    ),
    Mutation(
        "an import: a file of Element's archive is of any size",
        "chatapp/transfer/sources/matrix/media.py",
        "            return self._archive.size_of(name) == size\n",
        "            return True\n",
        OF_MATRIX,
    ),
    Mutation(
        "an import: a file of Element's archive is of any time",
        "chatapp/transfer/sources/matrix/media.py",
        "[-2:] == [at.minute, at.second]\n",
        "[-2:] != [at]\n",
        OF_MATRIX,
    ),
]
