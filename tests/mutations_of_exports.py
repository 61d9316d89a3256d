"""Breaks what exports for other chats promise; see mutations.py."""

from tests.support.mutating import Mutation

OF_TO_MATTERMOST = "tests/transfer/test_to_mattermost.py"
OF_TO_SLACK = "tests/transfer/test_to_slack.py"
OF_MRKDWN = "tests/text/test_to_mrkdwn.py"

OF_EXPORTS = [
    Mutation(
        "an export for another chat: a deleted room is in it",
        "chatapp/transfer/targets/rooms.py",
        "            if name not in rows or not rows[name].deleted_at\n",
        "",
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for another chat: an unknown room is public",
        "chatapp/transfer/targets/rooms.py",
        'title=name, kind="private")',
        "title=name)",
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for another chat: who votes is named",
        "chatapp/transfer/targets/people.py",
        " and event.vote is None",
        "",
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for another chat: two people have one address",
        "chatapp/transfer/targets/people.py",
        "        self._emails.add(email)\n",
        "",
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for Mattermost: a private room is public",
        "chatapp/transfer/targets/mattermost.py",
        '"O" if room.kind == "public" else "P"',
        '"O"',
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for Mattermost: a reply without its root is left out",
        "chatapp/transfer/targets/mattermost.py",
        " or self._gathered.time_of(room.here, message.thread) is None",
        "",
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for Slack: a deleted root is not there, but its replies",
        "chatapp/transfer/targets/slack_messages.py",
        "return told | gone if replies else None",
        "return None",
        OF_TO_SLACK,
    ),
    Mutation(
        "an export for Slack: messages are in the order of their numbers",
        "chatapp/transfer/folded_messages.py",
        "AND NOT follows ORDER BY at, message",
        "AND NOT follows ORDER BY message",
        OF_TO_SLACK,
    ),
    Mutation(
        "an export for Slack: damaged files are in it",
        "chatapp/transfer/targets/slack.py",
        "        if found.hexdigest() == digest:\n",
        "        if True:\n",
        OF_TO_SLACK,
    ),
    Mutation(
        "an export for Slack: a file's name is a path",
        "chatapp/transfer/targets/slack_messages.py",
        "        name = _within_a_folder(file.name)\n",
        "        name = file.name\n",
        OF_TO_SLACK,
    ),
    Mutation(
        "an export for Slack: an archive is written to standard output",
        "chatapp/cli/log_commands/export.py",
        "if output is None or not _has_place_beside(output):",
        "if output is None:",
        OF_TO_SLACK,
    ),
    Mutation(
        "mrkdwn: what somebody typed is an entity",
        "chatapp/text/to_mrkdwn.py",
        '.replace("<", "&lt;")',
        "",
        OF_MRKDWN,
    ),
    Mutation(
        "an export as Parquet: the last part is missing",
        "chatapp/transfer/parquet_export.py",
        "            if not rows:\n",
        "            if len(rows) < MESSAGES_OF_A_PART:\n",
        "tests/transfer/test_parquet.py",
    ),
    Mutation(
        "an export for another chat: what was unpinned is pinned",
        "chatapp/transfer/folded_messages.py",
        "message = ? AND pinned",
        "message = ?",
        f"{OF_TO_MATTERMOST} {OF_TO_SLACK}",
    ),
    Mutation(
        "an export for Mattermost: a reaction that was taken back has the first time",
        "chatapp/transfer/folded_messages.py",
        "                    times.pop(key, None)\n",
        "                    pass\n",
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for Mattermost: a pin of a reply is lost in silence",
        "chatapp/transfer/targets/mattermost.py",
        '                self._losses.count("pins of replies", made.pop("is_pinned", False))\n',
        "",
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for Mattermost: emoji come without their pictures",
        "chatapp/transfer/targets/mattermost.py",
        '{"name": name, "image": files.path_of(picture)}',
        '{"name": name, "image": picture.sha256}',
        OF_TO_MATTERMOST,
    ),
    Mutation(
        "an export for Slack: a quote names another message",
        "chatapp/transfer/targets/slack_messages.py",
        '                "ts": _ts(answered.at, answered.seq),\n',
        '                "ts": _ts(message.at, message.seq),\n',
        OF_TO_SLACK,
    ),
    Mutation(
        "a table of messages takes people for bots",
        "chatapp/transfer/export.py",
        '        "true" if message.by in bots else None,\n',
        '        "true" if message.by else None,\n',
        "tests/log/commands/test_export.py",
    ),
]
