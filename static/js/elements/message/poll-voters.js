/* Who voted for what in a poll that is not anonymous: a dialog with the options, and the people who chose each,
   in the order in which they did. */

import { newFlag } from "../../lib/page/flag.js";
import { drawnButton, node } from "../../lib/page/nodes.js";
import { inShort } from "../../lib/text/texts.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Shown } from "../../types.js" */

/** @param {Chat} chat @param {Shown} message */
export async function showVoters(chat, { room, seq, poll }) {
  if (!poll || !seq) return;
  const title = node("h2", { id: "voters-title", dir: "auto" }, inShort(poll.question));
  const close = drawnButton("close", t("close"), "close");
  const list = node("div", { className: "voters", tabIndex: 0 });
  const dialog = node("dialog", { className: "dialog" }, node("div", { className: "dialog-head" }, title, close), list);
  dialog.setAttribute("aria-labelledby", title.id);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  for (const [option, text] of poll.options.entries()) {
    const count = poll.votes?.counts?.[option] ?? 0;
    const names = node("ul", { className: "voters-names" });
    list.append(node("section", {}, node("h3", { dir: "auto" }, text, " ", node("span", { className: "hint" }, t("poll.votes", { count }))), names));
    if (count) await addNames(chat, { room, seq, option }, names);
  }
}

/** The next of them, and a button where there are more.
    @param {Chat} chat @param {{ room: string, seq: number, option: number, after?: number }} wanted @param {HTMLElement} list */
async function addNames(chat, wanted, list) {
  try {
    const { names, after } = await chat.connection.request("voters", wanted);
    list.append(...names.map((name) => person(chat, name)));
    if (!after) return;
    const more = node("button", { type: "button", className: "button small" }, t("poll.more"));
    const item = node("li", {}, more);
    more.addEventListener("click", () => {
      item.remove();
      void addNames(chat, { ...wanted, after }, list);
    });
    list.append(item);
  } catch (error) {
    list.append(node("li", { className: "problem" }, problemOf(error)));
  }
}

/** @param {Chat} chat @param {string} name */
function person(chat, name) {
  const flag = newFlag(chat.people.flag(name));
  return node("li", { title: `@${name}` }, flag, node("bdi", {}, chat.people.shown(name)));
}
