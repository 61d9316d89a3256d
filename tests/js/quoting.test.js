/* Messages as Markdown: quoted, and one after another. */

import assert from "node:assert/strict";
import test from "node:test";

import { quoted, transcript } from "../../static/js/lib/messages/quoting.js";

const saying = {
  shown: (name) => ({ bo: "Bo *the* Brave" })[name] ?? name,
  link: ({ room, seq }) => `https://chat/rooms/${room}?at=${seq}`,
  moment: (at) => at.slice(0, 16).replace("T", " "),
  file: ({ id, name }) => `https://chat/files/${id}/${encodeURIComponent(name)}`,
};
const AT = "2026-11-22T09:30:00.123Z";
const message = (text, more = {}) => ({ room: "tea", seq: 7, sender: "ana", at: AT, text, ...more });
const file = { id: "f1", name: "a [1].png", type: "image/png", bytes: 3, sha256: "" };

test("a quote has the author, a link and every line, and no line gets out of it", () => {
  assert.equal(
    quoted(message("cups?\n\n> two"), saying),
    "> **ana** [2026-11-22 09:30](https://chat/rooms/tea?at=7)\n> cups?\n>\n> > two",
  );
});

test("what was forwarded is quoted as its first author's", () => {
  const forwarded = { sender: "bo", at: "2026-11-20T08:00:00.000Z" };
  assert.equal(
    quoted(message("hi", { forwarded }), saying),
    "> **Bo \\*the\\* Brave** [2026-11-20 08:00](https://chat/rooms/tea?at=7)\n> hi",
  );
});

test("one message is copied as it was written", () => {
  assert.equal(transcript([message("**bold**\n")], saying), "**bold**\n");
});

test("several are a transcript with names, times and links to files", () => {
  const messages = [message("cups?"), message("", { sender: "bo", files: [file, { ...file, removed: true }] })];
  assert.equal(
    transcript(messages, saying),
    "**ana**, 2026-11-22 09:30\n\ncups?\n\n**Bo \\*the\\* Brave**, 2026-11-22 09:30\n\n" +
      "![a \\[1\\].png](https://chat/files/f1/a%20%5B1%5D.png)",
  );
});
