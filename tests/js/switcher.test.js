import assert from "node:assert/strict";
import { test } from "node:test";

import { fit } from "../../static/js/lib/search/fuzzy.js";
import { keyNames } from "../../static/js/elements/page/shortcut-list.js";
import { messageShortcutOf } from "../../static/js/models/message/message-shortcuts.js";
import { shortcutOf } from "../../static/js/models/page/shortcuts.js";
import { Switcher } from "../../static/js/models/lists/switcher.js";
import { makeChat } from "./support/chat.js";

const NAMES = ["General", "Design", "Releases", "Kitchen & plants", "Café"];
const best = (typed) =>
  NAMES.filter((name) => fit(typed, name) !== null).sort((a, b) => fit(typed, b) - fit(typed, a))[0];

test("a few letters, typos and missing accents find the name", () => {
  for (const [typed, name] of [
    ["des", "Design"],
    ["plants", "Kitchen & plants"],
    ["dsg", "Design"],
    ["desgin", "Design"],
    ["relaeses", "Releases"],
    ["genral", "General"],
    ["cafe", "Café"],
  ]) {
    assert.equal(best(typed), name, typed);
  }
  assert.equal(best("xyz"), undefined);
});

test("a beginning is better than a middle, and the whole name best of all", () => {
  assert.ok(fit("des", "Design") > fit("des", "Old design"));
  assert.ok(fit("old", "Old design") > fit("sig", "Old design"));
  assert.ok(fit("design", "Design") > fit("design", "Designers"));
});

test("the rooms of late come first, and the open one last", async () => {
  const { chat } = makeChat({ rooms: ["a", "b", "c"].map((name) => ({ name, title: name })) });
  chat.isGuest = true;
  const switcher = new Switcher(chat);
  for (const name of ["b", "a", "general", "c"]) await chat.open(name);

  const names = switcher.find("").map(({ name }) => name);

  assert.deepEqual(names, ["general", "a", "b", "c"]);
});

test("people are places for who has an account", () => {
  const { chat } = makeChat({ guest: false });
  chat.current.members = ["ana", "bo"];
  const people = () => new Switcher(chat).find("bo").filter(({ kind }) => kind === "person");

  assert.deepEqual(people(), [{ kind: "person", name: "bo", title: "bo", sought: "bo" }]);
  assert.deepEqual(new Switcher(chat).find("Zoë"), [], "nobody whom neither the page nor the server knows");
  chat.isGuest = true;
  assert.deepEqual(people(), []);
});

test("as many places as before are news if others are among them", () => {
  const { chat } = makeChat({ guest: false });
  const found = (...members) => {
    chat.current.members = ["ana", ...members];
    return new Switcher(chat).find("person 19");
  };
  const sloppy = found("person 7");
  assert.equal(sloppy.length, 1);
  assert.equal(new Switcher(chat).isNews("person 19", sloppy), false);

  const exact = found("person 19");

  assert.equal(exact.length, sloppy.length);
  assert.equal(new Switcher(chat).isNews("person 19", sloppy), true);
});

const press = (key, modifiers = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

const WRITING = { isWriting: true, hasLetters: true, isMac: false };
const READING = { isWriting: false, hasLetters: true, isMac: false };

test("keys do what the list says, and letters are letters to who is writing", () => {
  assert.equal(shortcutOf(press("k", { ctrlKey: true }), WRITING), "switch");
  assert.equal(shortcutOf(press("?", { shiftKey: true }), READING), "shortcuts");
  assert.equal(shortcutOf(press("/"), READING), "search");
  assert.equal(shortcutOf(press("/"), WRITING), null);
  assert.equal(shortcutOf(press("Escape"), WRITING), "read");
  assert.equal(shortcutOf(press("ArrowUp", { altKey: true, shiftKey: true }), WRITING), "previous-unread");
  assert.equal(shortcutOf(press("k"), READING), null);
});

test("single letters are shortcuts only for who has asked for that", () => {
  const asked = (key, modifiers) => shortcutOf(press(key, modifiers), { ...READING, hasLetters: false });

  for (const key of ["g", "n", "/", ",", "?"]) assert.equal(asked(key), null, key);
  assert.equal(asked("/", { ctrlKey: true }), "shortcuts");
  assert.equal(asked("PageUp"), "scroll-up");
});

test("on a Mac, Ctrl edits the text and only ⌘ is for shortcuts", () => {
  const onMac = { ...WRITING, isMac: true };

  for (const key of ["k", "f"]) {
    assert.equal(shortcutOf(press(key, { ctrlKey: true }), onMac), null, key);
    assert.equal(shortcutOf(press(key, { metaKey: true }), WRITING), null, key);
  }
  assert.equal(shortcutOf(press("k", { metaKey: true }), onMac), "switch");
});

test("on a keyboard without Latin letters, those in their places are pressed", () => {
  const russian = (key, code, modifiers) => ({ ...press(key, modifiers), code });

  assert.equal(shortcutOf(russian("л", "KeyK", { ctrlKey: true }), WRITING), "switch");
  assert.equal(shortcutOf(russian("т", "KeyN"), READING), "create-room");
  assert.equal(messageShortcutOf(russian("к", "KeyR")).does, "reply");
  assert.equal(shortcutOf(russian("k", "KeyV", { ctrlKey: true }), WRITING), "switch", "Dvorak's k");
});

test("keys are called as they are on the keyboard", () => {
  assert.deepEqual(keyNames("Mod+K", true), ["⌘", "K"]);
  assert.deepEqual(keyNames("Alt+ArrowUp", false), ["Alt", "↑"]);
});
