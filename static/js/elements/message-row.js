/* One message on the page: the <li> of templates/_message.html, cloned and filled.

   A row is the same node from the moment it is written: pending, sent, changed, deleted. */

import { flagOf } from "../lib/flags.js";
import { beginsDay, continues } from "../lib/grouping.js";
import { cloned, part } from "../lib/parts.js";
import { actionOf } from "../lib/texts.js";
import { clockOf, dayName, exactly } from "../lib/times.js";
import { t } from "../lib/words.js";
import { showReactions } from "./message-reactions.js";
import { showText } from "./message-text.js";

/** @import { Message, Shown } from "../types.js" */

const QUOTED_CHARACTERS = 200;

export class MessageRow {
  /** Whether the text is all that it could be. */
  isFormatted = true;
  /** @type {Shown} */
  message;

  /** A new row, of a message or of an item of the outbox, for the reader `me`.
      @param {Shown} message @param {HTMLTemplateElement} template @param {string} me */
  static of(message, template, me) {
    const row = new MessageRow(cloned(template), me);
    row.show(message);
    return row;
  }

  /** The row of a message that the server rendered.
      @param {HTMLElement} node @param {string} room @param {string} me */
  static adopt(node, room, me) {
    const row = new MessageRow(node, me);
    const { seq, cid, editedAt, deletedBy, erasedAt, replyTo, reactions } = node.dataset;
    row.show({
      room,
      seq: Number(seq),
      cid,
      sender: row.#part(".sender").textContent ?? "",
      at: row.#time(".at").dateTime,
      text: deletedBy || erasedAt ? "" : (row.#part(".text").textContent ?? ""),
      edited_at: editedAt,
      deleted_by: deletedBy,
      erased_at: erasedAt,
      reply_to: replyTo ? Number(replyTo) : undefined,
      reactions: reactions ? JSON.parse(reactions) : undefined,
    });
    return row;
  }

  /** @param {HTMLElement} node @param {string} me */
  constructor(node, me) {
    this.node = node;
    this.me = me;
  }

  /** @param {Shown} message */
  show(message) {
    this.message = message;
    this.#showMark();
    this.#showFlag();
    this.#part(".sender").textContent = message.sender;
    this.#showText();
    showTime(this.#time(".at"), message, clockOf(message.at));
    this.#showQuote();
    this.#showFoot();
    this.#showState();
  }

  /** The formatter is loaded. */
  format() {
    if (!this.isFormatted) this.#showText();
  }

  /** Where it stands: under a new day, or under another message of the same person.
      @param {Shown | undefined} previous */
  follow(previous) {
    const { message } = this;
    const day = this.#part(".day");
    day.hidden = !beginsDay(message, previous);
    if (!day.hidden) showTime(this.#time(".day time"), message, dayName(message.at));
    this.node.classList.toggle("continued", continues(message, previous));
  }

  /** What it answers: the original message, or null if that cannot be had.
      @param {Message | null} original */
  quote(original) {
    this.#part(".quoted-sender").textContent = original?.sender ?? "";
    this.#part(".quoted-text").textContent = quoted(original);
  }

  #showMark() {
    const { seq, cid } = this.message;
    if (cid) this.node.dataset.cid = cid;
    if (seq) {
      this.node.id = `message-${seq}`;
      this.node.dataset.seq = String(seq);
    }
  }

  #showFlag() {
    const flag = flagOf(this.message.sender);
    const node = this.#part(".flag");
    node.textContent = flag.letter;
    Object.assign(node.dataset, { hue: flag.hue, pattern: flag.pattern });
  }

  #showText() {
    const { text } = this.message;
    const gone = goneBecause(this.message);
    this.node.classList.toggle("deleted", gone !== null);
    this.node.classList.toggle("action", actionOf(text) !== null);
    const node = this.#part(".text");
    this.isFormatted = showText(node, text, this.me);
    if (gone !== null) node.textContent = gone;
  }

  #showQuote() {
    const { reply_to: seq } = this.message;
    const quote = this.#part(".quote");
    quote.hidden = !seq;
    if (seq) quote.setAttribute("href", `?at=${seq}`);
  }

  #showFoot() {
    const { edited_at: at, reactions } = this.message;
    this.#part(".edited").hidden = !at;
    if (at) Object.assign(this.#time(".edited time"), { dateTime: at, title: exactly(at) });
    showReactions(this.#part(".reactions"), reactions, this.me);
    this.#part(".foot").hidden = !at && Object.keys(reactions ?? {}).length === 0;
  }

  #showState() {
    const { state, reason } = this.message;
    const unsent = this.node.querySelector(".unsent");
    this.node.toggleAttribute("data-reason", Boolean(reason));
    if (state) this.node.dataset.state = state;
    else delete this.node.dataset.state;
    if (!(unsent instanceof HTMLElement)) return;
    unsent.hidden = state !== "waiting" && state !== "failed";
    part(unsent, ".reason").textContent =
      state === "failed" ? t("unsent.failed", { reason: reason ?? "" }) : (reason ?? t("unsent.waits"));
    part(unsent, "[data-do=retry]").hidden = state !== "failed";
  }

  /** @param {string} selector */
  #part(selector) {
    return part(this.node, selector);
  }

  /** @param {string} selector */
  #time(selector) {
    return part(this.node, selector, HTMLTimeElement);
  }
}

/** @param {HTMLTimeElement} node @param {Pick<Shown, "at" | "seq">} message @param {string} text */
function showTime(node, { at, seq }, text) {
  node.dateTime = at;
  node.textContent = text;
  node.title = seq ? `${exactly(at)} · message ${seq}` : exactly(at);
}

/** What stands in the place of a text that is gone; null where it is there.
    @param {{ deleted_by?: string, erased_at?: string }} message */
function goneBecause({ deleted_by: by, erased_at: at }) {
  if (by) return t("message.deleted", { name: by });
  return at ? t("message.erased") : null;
}

/** @param {Message | null} original */
function quoted(original) {
  if (!original) return "…";
  return goneBecause(original) ?? original.text.slice(0, QUOTED_CHARACTERS);
}
