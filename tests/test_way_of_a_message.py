"""One message's way through the real server, step by step, as docs/protocol.md tells it."""

import json

from tests.support.cast import new_token, with_account, with_token


def call(client, event, payload=None):
    return client.call(event, payload)


def hear(client, event):
    """The payload of the next event of this name; others are passed over."""
    while True:
        name, *payload = client.receive()
        if name == event:
            return payload[0]


def hears_nothing_before(client, marker):
    """The messages that a client got before one with the text `marker`."""
    texts = []
    while (message := hear(client, "message"))["text"] != marker:
        texts.append(message["text"])
    return texts


def log_lines(server):
    """The records of whole lines: the last one may be half written at this moment."""
    files = sorted((server.data / "messages").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().split(b"\n")[:-1]]


def test_a_message_reaches_everyone_else_in_the_room_and_the_log(server, connect):
    ana, ben, eva = connect("ana"), connect("ben"), connect("eva")

    answer = call(ana, "message", {"text": "hola", "cid": "c-1"})

    message = answer["message"]
    assert answer == {"ok": True, "message": message}
    assert {k: message[k] for k in ("room", "seq", "sender", "text", "cid")} == {
        "room": "general",
        "seq": 1,
        "sender": "ana",
        "text": "hola",
        "cid": "c-1",
    }
    assert hear(ben, "message") == message
    assert hear(eva, "message") == message
    (record,) = log_lines(server)
    assert {k: record[k] for k in ("v", "n", "room", "seq", "type", "sender", "text", "cid")} == {
        "v": record["v"],
        "n": 1,
        "room": "general",
        "seq": 1,
        "type": "message",
        "sender": "ana",
        "text": "hola",
        "cid": "c-1",
    }
    assert record["at"] == message["at"]


def test_the_connection_that_sent_it_does_not_hear_it_but_the_senders_other_tab_does(connect):
    auth = {"name": "ana", "key": "a key that only ana has"}
    ana, tab, ben = connect("ana", auth=auth), connect("ana", auth=auth), connect("ben")

    call(ana, "message", {"text": "one"})
    call(ben, "message", {"text": "two"})

    assert hears_nothing_before(ana, "two") == []
    assert hear(tab, "message")["text"] == "one"


def test_a_bare_string_is_a_text_for_general(connect):
    ana, ben = connect("ana"), connect("ben")

    ana.emit("message", "hi")

    message = hear(ben, "message")
    assert (message["room"], message["text"]) == ("general", "hi")


def test_only_the_members_of_a_room_hear_it(connect):
    ana, ben, eva = connect("ana"), connect("ben"), connect("eva")
    assert call(ana, "create", {"room": "kitchen", "title": "The kitchen"})["ok"]
    assert call(ben, "join", {"room": "kitchen"})["room"]["members"] == ["ana", "ben"]

    call(ana, "message", {"room": "kitchen", "text": "soup is ready"})
    call(ana, "message", {"room": "general", "text": "hello all"})

    assert hear(ben, "message")["text"] == "soup is ready"
    assert hears_nothing_before(eva, "hello all") == []


def test_who_left_a_room_hears_it_no_more(connect):
    ana, ben = connect("ana"), connect("ben")
    call(ana, "create", {"room": "kitchen"})
    call(ben, "join", {"room": "kitchen"})
    call(ana, "message", {"room": "kitchen", "text": "one"})
    assert hear(ben, "message")["text"] == "one"

    assert call(ben, "leave", {"room": "kitchen"}) == {"ok": True}
    call(ana, "message", {"room": "kitchen", "text": "two"})
    call(ana, "message", {"text": "three"})

    assert hears_nothing_before(ben, "three") == []


def test_a_retry_with_the_same_cid_is_the_same_message(server, connect):
    ana, ben = connect("ana"), connect("ben")
    first = call(ana, "message", {"text": "once", "cid": "same"})

    again = call(ana, "message", {"text": "once", "cid": "same"})
    call(ana, "message", {"text": "the end"})

    assert again == {"ok": True, "message": first["message"], "duplicate": True}
    assert hears_nothing_before(ben, "the end") == ["once"]
    assert [record["text"] for record in log_lines(server)] == ["once", "the end"]


def test_a_cid_is_remembered_over_a_restart(server, connect):
    auth = {"name": "ana", "key": "a key of sixteen characters"}
    ana = connect("ana", auth=auth)
    first = call(ana, "message", {"text": "once", "cid": "same"})
    ana.disconnect()
    server.kill9()
    server.start()

    again = call(connect("ana", auth=auth), "message", {"text": "once", "cid": "same"})

    assert again == {"ok": True, "message": first["message"], "duplicate": True}


def test_pipelined_messages_keep_their_order(connect, wait_until):
    ana, ben = connect("ana"), connect("ben")
    answers = []

    for number in range(100):
        ana.client.emit("message", {"text": str(number)}, callback=answers.append)

    wait_until(lambda: len(answers) == 100, what="every message to be acked")
    expected = [str(number) for number in range(100)]
    acked = [answer["message"] for answer in answers]
    assert [message["text"] for message in acked] == expected
    assert [message["seq"] for message in acked] == list(range(1, 101))
    heard = [hear(ben, "message") for _ in range(100)]
    assert [message["text"] for message in heard] == expected


def test_a_question_behind_pipelined_messages_sees_them(connect, wait_until):
    ana = connect("ana")
    answers = []

    for number in range(20):
        ana.client.emit("message", {"text": str(number)})
    ana.client.emit("history", {"room": "general"}, callback=answers.append)

    wait_until(lambda: answers, what="the history")
    assert [message["text"] for message in answers[0]["messages"]] == [str(n) for n in range(20)]


def test_history_is_read_in_pages_and_after_a_restart(server, connect):
    ana = connect("ana")
    for number in range(1, 11):
        call(ana, "message", {"text": f"m{number}"})
    ana.disconnect()
    assert server.stop() == 0
    server.start()
    ana = connect("ana")

    def page(**bounds):
        answer = call(ana, "history", {"room": "general", **bounds})
        return [message["seq"] for message in answer["messages"]], answer["more"]

    assert page(limit=3) == ([8, 9, 10], {"before": True, "after": False})
    assert page(before=8, limit=3) == ([5, 6, 7], {"before": True, "after": True})
    assert page(after=8) == ([9, 10], {"before": True, "after": False})
    assert page(around=5, limit=3) == ([4, 5, 6], {"before": True, "after": True})


def test_resume_brings_exactly_what_was_missed(connect):
    ana, ben = connect("ana"), connect("ben")
    epoch = call(ben, "join", {"room": "general"})["room"]["epoch"]
    call(ana, "message", {"text": "one"})
    ben.disconnect()
    call(ana, "message", {"text": "two"})
    call(ana, "message", {"text": "three"})

    ben = connect("ben")
    missed = call(ben, "resume", {"room": "general", "epoch": epoch, "after": 1})

    assert [event["text"] for event in missed["events"]] == ["two", "three"]
    assert (missed["recovered"], missed["more"], missed["head"]) == (True, False, 3)


def test_resume_with_another_epoch_or_from_the_future_recovers_nothing(connect):
    ana = connect("ana")
    epoch = call(ana, "join", {"room": "general"})["room"]["epoch"]
    call(ana, "message", {"text": "one"})

    other = call(ana, "resume", {"room": "general", "epoch": "another", "after": 0})
    ahead = call(ana, "resume", {"room": "general", "epoch": epoch, "after": 2})

    for answer in (other, ahead):
        assert (answer["ok"], answer["recovered"], answer["events"]) == (True, False, [])


def test_coming_and_going_is_told_to_the_room(connect):
    ana = connect("ana")
    ben = connect("ben")

    arrived = hear(ana, "presence")
    while "ben" not in arrived["joined"]:
        arrived = hear(ana, "presence")
    ben.disconnect()
    left = hear(ana, "presence")

    assert (arrived["room"], arrived["count"]) == ("general", 2)
    assert left == {"room": "general", "joined": [], "left": ["ben"], "count": 1}


def test_typing_is_told_to_the_others(connect):
    ana, ben = connect("ana"), connect("ben")

    ana.emit("typing", {"room": "general"})

    assert hear(ben, "typing") == {"room": "general", "name": "ana"}


def test_a_new_room_is_announced_and_listed(connect):
    ana, ben = connect("ana"), connect("ben")

    created = call(ana, "create", {"room": "Küche", "title": "Die Küche"})

    assert created["room"]["name"] == "küche"
    assert created["room"]["members"] == ["ana"]
    assert hear(ben, "room")["title"] == "Die Küche"
    listed = [room["name"] for room in call(ben, "rooms")["rooms"]]
    assert listed == ["general", "küche"]


def test_rooms_are_there_after_a_restart(server, connect):
    ana = connect("ana")
    call(ana, "create", {"room": "kitchen", "title": "The kitchen"})
    call(ana, "message", {"room": "kitchen", "text": "soup"})
    ana.disconnect()
    server.kill9()
    server.start()

    room = call(connect("ana"), "join", {"room": "kitchen"})["room"]

    assert (room["title"], room["head"]) == ("The kitchen", 1)


def test_the_same_cid_twice_in_a_row_is_one_message(server, connect, wait_until):
    ana = connect("ana")
    answers = []

    for _ in range(2):
        ana.client.emit("message", {"text": "once", "cid": "same"}, callback=answers.append)

    wait_until(lambda: len(answers) == 2, what="both answers")
    assert [answer.get("duplicate", False) for answer in answers] == [False, True]
    assert answers[0]["message"] == answers[1]["message"]
    assert len(log_lines(server)) == 1


def test_an_edit_is_told_to_the_room_and_read_back(server, connect):
    ana, ben = connect("ana"), connect("ben")
    seq = call(ana, "message", {"text": "helo"})["message"]["seq"]

    event = call(ana, "edit", {"room": "general", "seq": seq, "text": "hello"})["event"]

    assert (event["type"], event["seq"], event["target"]) == ("edit", 2, 1)
    assert hear(ben, "edit") == event
    (message,) = call(ben, "history", {"room": "general"})["messages"]
    assert (message["text"], message["edited_at"]) == ("hello", event["at"])
    assert [record["type"] for record in log_lines(server)] == ["message", "edit"]


def test_a_deleted_message_keeps_its_place_but_not_its_text(connect):
    ana, ben = connect("ana"), connect("ben")
    seq = call(ana, "message", {"text": "oops"})["message"]["seq"]

    event = call(ana, "delete", {"room": "general", "seq": seq})["event"]

    assert hear(ben, "delete") == event
    (message,) = call(ben, "history", {"room": "general"})["messages"]
    assert (message["seq"], message["text"], message["deleted_by"]) == (1, "", "ana")


def test_reactions_are_given_and_taken_back(connect):
    ana, ben = connect("ana"), connect("ben")
    call(ana, "message", {"text": "soup is ready"})
    like = {"room": "general", "seq": 1, "emoji": "\U0001f44d"}

    def reactions():
        return call(ana, "history", {"room": "general"})["messages"][0].get("reactions")

    assert call(ben, "react", {**like, "on": True})["event"]["emoji"] == "\U0001f44d"
    assert hear(ana, "react")["on"] is True
    assert call(ben, "react", {**like, "on": True})["event"] is None
    assert reactions() == {"\U0001f44d": ["ben"]}
    assert call(ben, "react", {**like, "on": False})["event"]["on"] is False
    assert not reactions()


def test_only_the_writer_may_change_a_message(connect):
    ana, ben = connect("ana"), connect("ben")
    call(ana, "message", {"text": "mine"})
    mine = {"room": "general", "seq": 1}

    edited = call(ben, "edit", {**mine, "text": "yours"})
    deleted = call(ben, "delete", mine)

    assert edited["error"]["code"] == deleted["error"]["code"] == "not_allowed"
    (message,) = call(ben, "history", {"room": "general"})["messages"]
    assert message["text"] == "mine"


def test_what_was_sent_again_after_a_lost_answer_changes_nothing(server, connect):
    ana = connect("ana")
    call(ana, "message", {"text": "one"})
    edit = {"room": "general", "seq": 1, "text": "two"}
    delete = {"room": "general", "seq": 1}

    assert call(ana, "edit", edit)["event"] is not None
    assert call(ana, "edit", edit) == {"ok": True, "event": None}
    assert call(ana, "delete", delete)["event"] is not None
    assert call(ana, "delete", delete) == {"ok": True, "event": None}
    assert len(log_lines(server)) == 3


def test_what_was_acked_is_found_at_once(connect):
    ana, ben = connect("ana"), connect("ben")
    call(ana, "create", {"room": "kitchen"})
    call(ana, "message", {"text": "The soup is ready"})
    call(ana, "message", {"room": "kitchen", "text": "Soupe à l'oignon"})

    def found(query, **more):
        answer = call(ben, "search", {"query": query, **more})
        assert answer["more"] is False
        return [(message["room"], message["seq"]) for message in answer["messages"]]

    assert found("soup") == [("kitchen", 1), ("general", 1)]
    assert found('"soup is"') == [("general", 1)]
    assert found("OIGNON from:ana") == [("kitchen", 1)]
    assert found("soup", room="general") == [("general", 1)]
    assert found("salad") == []


def test_who_was_away_does_not_get_the_text_of_a_message_that_was_deleted_since(connect):
    ana, ben = connect("ana"), connect("ben")
    epoch = call(ben, "join", {"room": "general"})["room"]["epoch"]
    call(ana, "message", {"text": "my password is hunter2"})
    call(ana, "edit", {"room": "general", "seq": 1, "text": "my password was hunter2"})
    call(ana, "message", {"text": "hello"})
    call(ana, "delete", {"room": "general", "seq": 1})

    missed = call(ben, "resume", {"room": "general", "epoch": epoch, "after": 0})

    assert "hunter2" not in str(missed)
    assert [event["seq"] for event in missed["events"]] == [1, 2, 3, 4]
    assert missed["events"][2]["text"] == "hello"


def test_typing_is_told_once_in_a_while(connect):
    ana, ben = connect("ana"), connect("ben")

    for _ in range(20):
        ana.emit("typing", {"room": "general"})
    call(ana, "message", "done")

    heard = []
    while "message" not in heard:
        heard.append(ben.receive()[0])
    assert heard.count("typing") == 1


def test_a_changed_room_is_told_without_its_members(server, connect):
    owner = with_account(server, "Ruth", "owner")
    ana = connect("ana")

    answer = call(owner, "update", {"room": "general", "topic": "Tea"})

    news = hear(ana, "room")
    assert news["topic"] == "Tea"
    assert news["count"] == len(answer["room"]["members"]) == 2
    assert not {"members", "states", "read", "unread", "joined", "place"} & news.keys()
    assert not news["may_change"]
    owner.disconnect()


def test_a_room_is_marked_as_read_by_its_own_name(connect):
    ana, ben = connect("ana"), connect("ben")
    call(ben, "message", "one")

    for spelled in ("general", "General", "GENERAL"):
        answer = call(ana, "read", {"room": spelled, "seq": 1})
        assert answer["read"]["room"] == "general"

    (general,) = (r for r in call(ana, "rooms")["rooms"] if r["name"] == "general")
    assert general["read"] == 1


def test_a_guest_who_takes_another_name_stays_in_their_rooms(connect):
    ben, key = connect("ben"), "k" * 24
    call(ben, "create", {"room": "kitchen"})
    before = connect("gus", auth={"name": "gus", "key": key})
    now = connect("gustav", auth={"name": "gustav", "key": key})
    call(now, "join", {"room": "kitchen"})
    while "gus" not in hear(ben, "presence")["joined"]:
        continue

    before.disconnect()
    while "gus" not in hear(ben, "presence")["left"]:
        continue

    assert call(now, "message", {"room": "kitchen", "text": "I am still here"})["ok"]


def test_all_devices_of_a_person_are_in_the_rooms_that_one_of_them_joins(server, connect):
    ben, token = connect("ben"), new_token(server, "Ana", "member")
    desk, phone = with_token(server, token), with_token(server, token)
    call(ben, "create", {"room": "kitchen"})
    for device in (desk, phone):
        assert "joined" not in hear(device, "room")

    joined = call(desk, "join", {"room": "kitchen"})["room"]
    call(ben, "message", {"room": "kitchen", "text": "soup is ready"})

    assert (joined["joined"], joined["members"]) == (True, ["Ana", "ben"])
    assert hear(phone, "room")["joined"]
    texts = [hear(phone, "message")["text"] for _ in range(2)]
    assert texts == ["Ana joined", "soup is ready"]
    assert call(phone, "message", {"room": "kitchen", "text": "coming"})["ok"]
    texts = [hear(desk, "message")["text"] for _ in range(3)]
    assert texts == ["Ana joined", "soup is ready", "coming"]

    assert call(phone, "leave", {"room": "kitchen"}) == {"ok": True}
    call(ben, "message", {"room": "kitchen", "text": "all gone"})
    call(ben, "message", {"text": "the end"})

    assert hear(desk, "room")["joined"] is False
    assert hears_nothing_before(desk, "the end") == []
    refused = call(desk, "message", {"room": "kitchen", "text": "any left?"})
    assert refused["error"]["code"] == "not_a_member"
