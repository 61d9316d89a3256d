/* One message on the page: the <li> of templates/_message.html, cloned and filled.

   Text from people becomes text nodes and links, never HTML. A row is the same node from the
   moment it is written: pending, then sent. */

import { flagOf } from "../lib/flags.js";
import { beginsDay, continues } from "../lib/grouping.js";
import { linkParts } from "../lib/links.js";
import { actionOf } from "../lib/texts.js";
import { clockOf, dayName, exactly } from "../lib/times.js";

const WAITS = "Waits for the connection.";

export class MessageRow {
  /** A new row, of a message or of an item of the outbox. */
  static of(message, template) {
    const row = new MessageRow(template.content.firstElementChild.cloneNode(true));
    row.show(message);
    return row;
  }

  /** The row of a message that the server rendered. */
  static adopt(node, room) {
    const row = new MessageRow(node);
    row.show({
      room,
      seq: Number(node.dataset.seq),
      cid: node.dataset.cid,
      sender: row.#part(".sender").textContent,
      at: row.#part(".at").getAttribute("datetime"),
      text: row.#part(".text").textContent,
    });
    return row;
  }

  constructor(node) {
    this.node = node;
  }

  show(message) {
    this.message = message;
    this.#showMark();
    this.#showFlag();
    this.#part(".sender").textContent = message.sender;
    this.#part(".text").replaceChildren(...textNodes(message.text));
    this.node.classList.toggle("action", actionOf(message.text) !== null);
    showTime(this.#part(".at"), message, clockOf(message.at));
    this.#showState();
  }

  /** Where it stands: under a new day, or under another message of the same person. */
  follow(previous) {
    const { message } = this;
    const day = this.#part(".day");
    day.hidden = !beginsDay(message, previous);
    if (!day.hidden) showTime(day.firstElementChild, message, dayName(message.at));
    this.node.classList.toggle("continued", continues(message, previous));
  }

  #showMark() {
    const { seq, cid } = this.message;
    if (cid) this.node.dataset.cid = cid;
    if (seq) {
      this.node.id = `message-${seq}`;
      this.node.dataset.seq = seq;
    }
  }

  #showFlag() {
    const flag = flagOf(this.message.sender);
    const node = this.#part(".flag");
    node.textContent = flag.letter;
    Object.assign(node.dataset, { hue: flag.hue, pattern: flag.pattern });
  }

  #showState() {
    const { state, reason } = this.message;
    const unsent = this.#part(".unsent");
    this.node.toggleAttribute("data-reason", Boolean(reason));
    if (state) this.node.dataset.state = state;
    else delete this.node.dataset.state;
    if (!unsent) return;
    unsent.hidden = state !== "waiting" && state !== "failed";
    unsent.querySelector(".reason").textContent =
      state === "failed" ? `Not sent. ${reason}` : (reason ?? WAITS);
    unsent.querySelector("[data-do=retry]").hidden = state !== "failed";
  }

  #part(selector) {
    return this.node.querySelector(selector);
  }
}

function showTime(node, { at, seq }, text) {
  node.dateTime = at;
  node.textContent = text;
  node.title = seq ? `${exactly(at)} · message ${seq}` : exactly(at);
}

function textNodes(text) {
  const action = actionOf(text);
  if (!action) return linkedNodes(text);
  const command = document.createElement("span");
  command.className = "command";
  command.textContent = action.command;
  return [command, ...linkedNodes(action.deed)];
}

function linkedNodes(text) {
  return linkParts(text).map(({ text, href }) => {
    if (!href) return document.createTextNode(text);
    const link = document.createElement("a");
    Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener noreferrer" });
    return link;
  });
}
