"""What guards the chat's own emoji, and the tests that must notice when it is broken: see
mutations.py."""

from tests.support.mutating import Mutation

HERE = "tests/features/emoji"

OF_EMOJI = [
    Mutation(
        "everybody adds emoji, whatever the setting says",
        "chatapp/features/emoji/manager.py",
        "        require_may_add_emoji(by, self._makers())\n",
        "",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "anybody removes an emoji",
        "chatapp/features/emoji/manager.py",
        "        require_may_remove_emoji(by, row.by)\n",
        "",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "an emoji takes the name of a standard emoji",
        "chatapp/features/emoji/manager.py",
        "if each in self._standard():",
        "if False:",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "two processes give a name of an emoji to two pictures",
        "chatapp/features/emoji/rows.py",
        "self.table.change(name, each, expected=None)",
        "self.table.change(name, each)",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "an alias counts as a reaction of its own",
        "chatapp/features/emoji/manager.py",
        'return f":{row.name}:" if row else emoji',
        "return emoji",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "reactions have emoji that the chat does not have",
        "chatapp/features/emoji/manager.py",
        "if name and on and row is None:",
        "if False:",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "an emoji whose name was taken meanwhile leaves its bytes",
        "chatapp/features/files/small_pictures.py",
        "            if not self._has_bytes(digest):\n",
        "            if False:\n",
        f"{HERE}/test_rules.py",
    ),
    Mutation(
        "an emoji has the frames of a film",
        "chatapp/features/files/emoji_picture.py",
        "if count > MAX_FRAMES:",
        "if False:",
        f"{HERE}/test_pictures.py",
    ),
    Mutation(
        "the frames of an emoji take the memory of a thousand pictures",
        "chatapp/features/files/emoji_picture.py",
        "if count * picture.width * picture.height > most_pixels:",
        "if False:",
        f"{HERE}/test_pictures.py",
    ),
    Mutation(
        "an emoji has any number of bytes",
        "chatapp/features/files/emoji_picture.py",
        "if Path(asked.smaller).stat().st_size <= MAX_EMOJI_BYTES:",
        "if True:",
        f"{HERE}/test_pictures.py",
    ),
    Mutation(
        "an emoji is seen by whoever has its address",
        "chatapp/features/emoji/views.py",
        "        who()\n",
        "",
        "tests/test_routes.py",
    ),
    Mutation(
        "an emoji that was removed is still served",
        "chatapp/features/emoji/views.py",
        "files.size(digest + ending) if emoji.has_bytes(digest) else None",
        "files.size(digest + ending)",
        f"{HERE}/test_emoji.py",
    ),
    Mutation(
        "an emoji goes with a file that has its bytes",
        "chatapp/features/files/keeping.py",
        "            if self._is_held(sha256):\n                return\n",
        "",
        "tests/features/files/test_sweeping.py",
    ),
    Mutation(
        "emoji are swept as bytes without a file",
        "chatapp/features/files/sweeping.py",
        " - self._held()",
        "",
        "tests/features/files/test_sweeping.py",
    ),
    Mutation(
        "a command erases an emoji that has the bytes of a file",
        "chatapp/cli/log_commands/file_rows.py",
        "        files |= {row.sha256 for _, row in emoji.items()}\n",
        "",
        "tests/log/test_emoji_bytes.py",
    ),
    Mutation(
        "a backup lacks the emoji",
        "chatapp/upkeep/backup.py",
        'with_small_pictures(references(making / "messages"), making / "directory")',
        'references(making / "messages")',
        "tests/log/test_emoji_bytes.py",
    ),
    Mutation(
        "a picture stands in the middle of a word",
        "chatapp/text/tokens.py",
        "if name not in emoji or not _may_begin(text, at):",
        "if name not in emoji:",
        "tests/text/test_markdown.py",
    ),
    Mutation(
        "emoji move before those who want nothing to move",
        "static/js/elements/page/emoji-picture.js",
        "animated && isCalm()",
        "false",
        "tests/page/test_own_emoji.py",
    ),
    Mutation(
        "the server draws no emoji in reactions",
        "templates/_message.html",
        "{%- if own %}",
        "{%- if false %}",
        "tests/page/test_own_emoji.py",
    ),
    Mutation(
        "another server does not tell its clients of an emoji",
        "chatapp/app/followed_tables.py",
        "    directory.table(EMOJI_TABLE, OwnEmoji).on_followed(services.emoji.followed)\n",
        "",
        "tests/cluster/test_emoji.py",
    ),
]
