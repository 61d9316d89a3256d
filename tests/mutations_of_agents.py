"""Breaks the brakes of agents; see mutations.py."""

from tests.support.mutating import Mutation

BRAKES = "tests/features/agents/test_brakes.py"
READING = "tests/features/agents/test_reading.py"
DRAFTS = "tests/features/agents/test_drafts.py"
APPROVALS = "tests/features/agents/test_approvals.py"
CALLS = "tests/features/agents/test_calls.py"
MCP = "tests/features/agents/test_mcp.py"

OF_AGENTS = [
    Mutation(
        "the token of an agent opens every door of the API",
        "chatapp/features/api/authentication.py",
        '"agent" if environ["PATH_INFO"].startswith(AGENT_ROOT) else "read"',
        '"agent" if "agent" in person.scopes else "read"',
        BRAKES,
    ),
    Mutation(
        "the token of an agent can have more scopes",
        "chatapp/features/accounts/sign_in/tokens.py",
        '    if given & OF_AGENTS and not {"agent"} <= given <= OF_AGENTS:\n',
        "    if False:\n",
        BRAKES,
    ),
    Mutation(
        "people call the tools of agents",
        "chatapp/domain/rights.py",
        '    if person.role != "bot" or limits is None or limits.rooms is None:\n',
        "    if False:\n",
        BRAKES,
    ),
    Mutation(
        "an agent is made without a list of rooms",
        "chatapp/features/agents/setting_up.py",
        "    if OF_AGENTS & set(scopes) and not rooms:\n",
        "    if False:\n",
        BRAKES,
    ),
    Mutation(
        "an agent lists the topics of private rooms",
        "chatapp/features/agents/manager.py",
        'room.topic if room.kind == "public" else ""',
        "room.topic",
        READING,
    ),
    Mutation(
        "a room as it was has what was deleted since",
        "chatapp/features/agents/manager.py",
        "            if message.seq in gone\n",
        "            if False\n",
        READING,
    ),
    Mutation(
        "a call of an agent is answered before it is in the audit log",
        "chatapp/features/agents/events.py",
        "        noted.chain(lambda _: done).pass_on(outcome)\n",
        "        done.pass_on(outcome)\n",
        CALLS,
    ),
    Mutation(
        "what was read in a private room is written elsewhere",
        "chatapp/features/agents/drafts.py",
        "        self._reads.require_free(agent, room, self._titled)\n",
        "",
        BRAKES,
    ),
    Mutation(
        "a search of a private room is no reading",
        "chatapp/features/agents/manager.py",
        "for room in rooms if room.name in hit]",
        "for room in rooms if False]",
        BRAKES,
    ),
    Mutation(
        "a private read is forgotten at once",
        "chatapp/features/agents/private_reads.py",
        "KEPT = timedelta(days=1)",
        "KEPT = timedelta(0)",
        APPROVALS,
    ),
    Mutation(
        "anybody approves a draft",
        "chatapp/features/agents/approvals.py",
        "return is_person and event.by == self._registry.owner_of(row.by) and event.by != row.by",
        "return True",
        APPROVALS,
    ),
    Mutation(
        "who may not post there approves",
        "chatapp/features/agents/approvals.py",
        "                self._may_post(as_person(account), row.room)\n",
        "                pass\n",
        f"{APPROVALS} {DRAFTS}",
    ),
    Mutation(
        "an approval that did not count counts later",
        "chatapp/features/agents/approvals.py",
        "is_in_time = row.answered_to < event.seq and",
        "is_in_time =",
        APPROVALS,
    ),
    Mutation(
        "a draft waits for ever",
        "chatapp/features/agents/rows.py",
        "    return timestamp(now + EXPIRES_AFTER)\n",
        "    return timestamp(now + 365 * EXPIRES_AFTER)\n",
        APPROVALS,
    ),
    Mutation(
        "a draft is posted once more after a crash",
        "chatapp/features/agents/rows.py",
        "            cid=cid_of(id),\n",
        "",
        f"{APPROVALS} {DRAFTS}",
    ),
    Mutation(
        "an answer is heard without the lease",
        "chatapp/features/agents/approvals.py",
        "            if id is not None and self._lease.is_held:\n",
        "            if id is not None:\n",
        APPROVALS,
    ),
    Mutation(
        "a draft closes its own code block",
        "chatapp/features/agents/draft_texts.py",
        'fence = "`" * max(3, longest + 1)',
        'fence = "`" * 3',
        BRAKES,
    ),
    Mutation(
        "a draft hides characters from its owner",
        "chatapp/features/agents/draft_texts.py",
        '"\\n".join(visible_lines((row.emoji if row.text is None else row.text) or ""))',
        '(row.emoji if row.text is None else row.text) or ""',
        BRAKES,
    ),
    Mutation(
        "the HTTP door of MCP takes any token",
        "chatapp/client/agent/http_door.py",
        "len(shown) == 1 and hmac.compare_digest(shown[0], self._expected)",
        "len(shown) == 1",
        MCP,
    ),
    Mutation(
        "the HTTP door of MCP answers under any name",
        "chatapp/client/agent/http_door.py",
        "        allowed_hosts=[f",
        "        enable_dns_rebinding_protection=False,\n        allowed_hosts=[f",
        MCP,
    ),
    Mutation(
        "an agent that only reads is offered drafts",
        "chatapp/client/agent/mcp_server.py",
        "    if listed.may_draft:\n",
        "    if True:\n",
        MCP,
    ),
]
