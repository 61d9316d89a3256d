"""Breaks what slash commands promise; see mutations.py."""

from tests.support.mutating import Mutation

FEATURE = "chatapp/features/slash_commands"
SERVER = "tests/features/slash_commands/test_at_a_server.py"
CLUSTER = "tests/cluster/test_slash_commands.py"
BOT = "tests/client/bot/test_slash_calls.py"
PAGE = "tests/page/test_bot_commands.py"
WEBHOOKS = "tests/features/slash_commands/test_webhooks.py"

OF_SLASH_COMMANDS = [
    Mutation(
        "a slash command belongs to whoever asked last",
        f"{FEATURE}/manager.py",
        "        if not is_own:\n            raise",
        "        if False:\n            raise",
        SERVER,
    ),
    Mutation(
        "a bot takes the name of a command of the chat's own",
        f"{FEATURE}/manager.py",
        "        if name in self._own_names:\n            raise",
        "        if False:\n            raise",
        SERVER,
    ),
    Mutation(
        "two servers give one slash command to two bots",
        f"{FEATURE}/manager.py",
        "        kept = self.rows.table.put(name, command, expected=before)\n",
        "        kept = self.rows.table.put(name, command)\n",
        CLUSTER,
    ),
    Mutation(
        "a slash command is offered where its bot is not",
        f"{FEATURE}/manager.py",
        "        return self._is_in(account.id, room)\n",
        "        return True\n",
        SERVER,
    ),
    Mutation(
        "a bot removes another bot's slash command",
        f"{FEATURE}/manager.py",
        "        if command is None or command.bot != bot.id or command.webhook:\n",
        "        if command is None:\n",
        SERVER,
    ),
    Mutation(
        "who may not post runs slash commands",
        f"{FEATURE}/runs.py",
        "        self._rules.check_post(person, room)\n",
        "",
        SERVER,
    ),
    Mutation(
        "bots run slash commands of bots",
        f"{FEATURE}/runs.py",
        "        require_may_run_commands(person)\n",
        "",
        SERVER,
    ),
    Mutation(
        "two connections of a bot take one slash command",
        f"{FEATURE}/runs.py",
        "        if run.taken:\n            raise NotAllowed",
        "        if False:\n            raise NotAllowed",
        SERVER,
    ),
    Mutation(
        "a slash command runs although it timed out",
        f"{FEATURE}/runs.py",
        "            return self._runs.delete(id, expected=run).then(lambda _: None)\n",
        "            return Future.of(None)\n",
        SERVER,
    ),
    Mutation(
        "a retry of a slash command runs it again",
        f"{FEATURE}/runs.py",
        "        known = self._runs.get(id)\n        if known is not None:\n",
        "        known = self._runs.get(id)\n        if False:\n",
        SERVER,
    ),
    Mutation(
        "a bot answers the slash commands of another one",
        f"{FEATURE}/runs.py",
        " or run.bot != bot.id or ",
        " or ",
        SERVER,
    ),
    Mutation(
        "a private answer needs no command that was taken",
        f"{FEATURE}/runs.py",
        "        if not run.taken:\n",
        "        if False:\n",
        SERVER,
    ),
    Mutation(
        "later requests wait for a slash command",
        "chatapp/transport/receiver.py",
        " handler.slow and self._slow < MAX_SLOW:\n",
        " False:\n",
        SERVER,
    ),
    Mutation(
        "other servers do not hear of a slash command",
        f"{FEATURE}/events.py",
        "        self._broker.publish(CALLS, _encode(CallElsewhere(bot, call)))\n",
        "",
        CLUSTER,
    ),
    Mutation(
        "a bot hears of a slash command before it can take it",
        f"{FEATURE}/events.py",
        "            seen = self._reach()\n",
        "            seen = Future.of(None)\n",
        "tests/features/slash_commands/test_telling.py",
    ),
    Mutation(
        "other servers do not hear of a private answer",
        f"{FEATURE}/events.py",
        "        self._broker.publish(ANSWERS, _encode(AnswerElsewhere(person, answer)))\n",
        "",
        CLUSTER,
    ),
    Mutation(
        "a bot that works takes no slash command",
        "chatapp/client/bot/slash_calls.py",
        "                self._taken.put(call)\n",
        "                self._handle(call)\n",
        BOT,
    ),
    Mutation(
        "nobody learns that a slash command has failed",
        "chatapp/client/bot/bot.py",
        'event.reply_privately(f"/{call.name} failed.',
        'str(f"/{call.name} failed.',
        BOT,
    ),
    Mutation(
        "a bot keeps the slash commands of an older program",
        "chatapp/client/bot/slash_calls.py",
        "                self._chat.remove_command(name)\n",
        "                pass\n",
        BOT,
    ),
    Mutation(
        "a slash command that did not run is gone from the composer",
        "static/js/elements/composer/slash-commands.js",
        "    if (isBack) composer.done(value);\n",
        "",
        PAGE,
    ),
    Mutation(
        "private answers of one room are seen in another",
        "static/js/elements/composer/command-answers.js",
        "card.hidden = card.dataset.room !== this.#chat.current.name;",
        "card.hidden = false;",
        PAGE,
    ),
    Mutation(
        "anybody answers the command of a webhook",
        f"{FEATURE}/webhook_calls.py",
        "        return hmac.compare_digest(self.token(run).encode(), token.encode())\n",
        "        return True\n",
        WEBHOOKS,
    ),
    Mutation(
        "a webhook answers a command for ever",
        f"{FEATURE}/webhook_runs.py",
        " or run.uses >= MAX_RESPONSES:\n",
        ":\n",
        WEBHOOKS,
    ),
    Mutation(
        "a retry calls a webhook that has failed again",
        f"{FEATURE}/runs.py",
        "        if run.problem:\n            raise NoAnswer(run.problem)\n        call",
        "        is_new = is_new or bool(run.problem)\n        call",
        WEBHOOKS,
    ),
    Mutation(
        "a webhook's command mentions everybody",
        f"{FEATURE}/webhook_runs.py",
        "        if given is None or webhook.calls_all:\n",
        "        if True:\n",
        WEBHOOKS,
    ),
    Mutation(
        "a webhook that is paused runs commands",
        f"{FEATURE}/webhook_calls.py",
        "        if not webhook.is_on:\n",
        "        if False:\n",
        WEBHOOKS,
    ),
    Mutation(
        "a webhook of all public rooms has its command in private ones",
        f"{FEATURE}/manager.py",
        "            return command.rooms is not None or is_seen_by_everybody(room)\n",
        "            return True\n",
        WEBHOOKS,
    ),
    Mutation(
        "two webhooks have one command",
        f"{FEATURE}/manager.py",
        '            self._require_free(now.name, before, new.replies_as or "", id)\n',
        "",
        WEBHOOKS,
    ),
]
