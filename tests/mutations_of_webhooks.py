"""Breaks what incoming webhooks promise; see mutations.py."""

from tests.support.mutating import Mutation

FOLDER = "chatapp/features/incoming_webhooks"
RECEIVING = "tests/features/incoming_webhooks/test_receiving.py"
FORMATS = "tests/features/incoming_webhooks/test_formats.py"
LABELS = "tests/features/incoming_webhooks/test_labels.py"
ANY_PAYLOAD = "tests/features/incoming_webhooks/test_any_payload.py"

OF_WEBHOOKS = [
    Mutation(
        "a webhook without a signature is taken",
        f"{FOLDER}/manager.py",
        "        if hook.signed:\n",
        "        if False:\n",
        RECEIVING,
    ),
    Mutation(
        "a webhook's token is taken beside a wrong signature",
        f"{FOLDER}/signatures.py",
        "                return\n            break\n",
        "                return\n",
        RECEIVING,
    ),
    Mutation(
        "a signature with a time is taken for ever",
        f"{FOLDER}/signatures.py",
        "    return abs(now.timestamp() - int(at)) <= TOLERANCE_SECONDS\n",
        "    return True\n",
        RECEIVING,
    ),
    Mutation(
        "a webhook calls everybody",
        f"{FOLDER}/manager.py",
        "return text if hook.calls_all else",
        "return text if True else",
        RECEIVING,
    ),
    Mutation(
        "people of another site are mentioned by a webhook",
        f"{FOLDER}/manager.py",
        "        if message.is_elsewhere:\n            return without_mentions(",
        "        if False:\n            return without_mentions(",
        RECEIVING,
    ),
    Mutation(
        "a webhook's delivery that is sent again is another message",
        f"{FOLDER}/manager.py",
        "    if not told:\n",
        "    if True:\n",
        RECEIVING,
    ),
    Mutation(
        "webhooks share the ids of deliveries",
        f"{FOLDER}/manager.py",
        "f'{key} {told}'",
        "told",
        RECEIVING,
    ),
    Mutation(
        "a webhook has no rate",
        f"{FOLDER}/manager.py",
        "            self._pace.check(key)\n",
        "",
        RECEIVING,
    ),
    Mutation(
        "a webhook's bot posts though it is banned",
        f"{FOLDER}/manager.py",
        "        self._check_stay(person)\n",
        "",
        RECEIVING,
    ),
    Mutation(
        "webhooks of a removed account stay",
        f"{FOLDER}/rows.py",
        "        for key in self.of(account):\n",
        "        for key in ():\n",
        RECEIVING,
    ),
    Mutation(
        "a webhook posts as a person",
        f"{FOLDER}/manager.py",
        '        if known.role != "bot":\n',
        "        if False:\n",
        RECEIVING,
    ),
    Mutation(
        "a webhook's huge body is read",
        f"{FOLDER}/views.py",
        "        body = None\n    if body is None or len(body) > MAX_BODY_BYTES:\n",
        '        body = b""\n    if False:\n',
        RECEIVING,
    ),
    Mutation(
        "what a payload has besides is not named",
        f"{FOLDER}/formats/payload.py",
        "            if name not in self._taken:\n",
        "            if False:\n",
        f"{FORMATS} {RECEIVING}",
    ),
    Mutation(
        "words of others format a webhook's message",
        f"{FOLDER}/formats/writing.py",
        'return _MARKS.sub(r"\\\\\\g<0>", ',
        'return _MARKS.sub(r"\\g<0>", ',
        FORMATS,
    ),
    Mutation(
        "a backslash undoes an escape in a webhook's message",
        f"{FOLDER}/formats/writing.py",
        '_ESCAPES.sub("", seen(text))',
        "seen(text)",
        FORMATS,
    ),
    Mutation(
        "a webhook's message turns the direction of a line",
        f"{FOLDER}/formats/writing.py",
        '    return _UNSEEN.sub("", text.replace("\\r\\n", "\\n"))\n',
        '    return text.replace("\\r\\n", "\\n")\n',
        FORMATS,
    ),
    Mutation(
        "a webhook links to any address",
        f"{FOLDER}/formats/writing.py",
        "    if not _WEB.match(url) or ",
        "    if ",
        FORMATS,
    ),
    Mutation(
        "the label of a webhook's message stays out of the log",
        "chatapp/log/format.py",
        "    more = files + previews + poll + via\n",
        "    more = files + previews + poll\n",
        LABELS,
    ),
    Mutation(
        "any label of a webhook's message is imported",
        "chatapp/transfer/importing.py",
        "        name=checked_display_name(via.name),\n",
        "        name=via.name,\n",
        LABELS,
    ),
    Mutation(
        "what another program posts by a webhook has the label of the one before",
        "chatapp/text/grouping.py",
        " and one.via == other.via\n",
        "\n",
        "tests/text/test_grouping.py",
    ),
    Mutation(
        "a label of a webhook's message can be invisible",
        f"{FOLDER}/manager.py",
        "        name = checked_display_name(message.name)\n",
        "        name = message.name\n",
        RECEIVING,
    ),
    Mutation(
        "a deep payload of a webhook fails the server",
        f"{FOLDER}/formats/detection.py",
        "(msgspec.DecodeError, RecursionError, ValueError)",
        "ValueError",
        ANY_PAYLOAD,
    ),
    Mutation(
        "the log has the address of a webhook",
        "chatapp/web/app.py",
        "request.url_rule or",
        "request.path or",
        RECEIVING,
    ),
    Mutation(
        "a webhook's form has any number of fields",
        f"{FOLDER}/formats/detection.py",
        "    except ValueError:\n",
        "    except ZeroDivisionError:\n",
        RECEIVING,
    ),
    Mutation(
        "backslashes keep a webhook busy",
        f"{FOLDER}/formats/writing.py",
        'r"(?<!\\\\)\\\\++(?=',
        'r"\\\\+(?=',
        ANY_PAYLOAD,
    ),
]
