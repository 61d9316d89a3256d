/* <message-poll>: the poll of a message, in place of its text. Its options are radio buttons or checkboxes while
   it is open; a vote is sent when one is chosen. The server renders the same outline: templates/_polls.html. */

import { newFlag } from "../../lib/page/flag.js";
import { node } from "../../lib/page/nodes.js";
import { part, write } from "../../lib/page/parts.js";
import { inShort } from "../../lib/text/texts.js";
import { clockOf, dayName, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { closePoll, vote } from "../../models/message/poll-acts.js";
import { problemOf } from "../../models/refused.js";
import { showVoters } from "./poll-voters.js";
import { writeText } from "./message-text.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Poll } from "../../wire.js" */
/** @import { MessageRow } from "./message-row.js" */

/** Arrow keys go over several options: only the last one is meant. */
const CHOSEN_AFTER_MS = 350;

export class MessagePoll extends HTMLElement {
  /** @type {Chat} */
  static chat;
  /** @type {MessageRow} */
  row;
  /** What of it stands there already. */
  #drawn = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  connectedCallback() {
    this.addEventListener("change", () => this.#changed());
    this.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {MessageRow} row */
  show(row) {
    this.row = row;
    const { poll } = this;
    const drawn = JSON.stringify([poll.question, poll.options, poll.multiple, Boolean(poll.closed_at)]);
    if (drawn !== this.#drawn) this.replaceChildren(...this.#parts());
    this.#drawn = drawn;
    this.#showVotes();
    this.#showFoot();
  }

  get poll() {
    return /** @type {Poll} */ (this.row.message.poll);
  }

  get isOpen() {
    return !this.poll.closed_at;
  }

  #parts() {
    const { poll, row } = this;
    const question = node("p", { className: "poll-question", dir: "auto" });
    writeText(question, poll.question, { me: row.me, names: row.people.mentionable, rooms: row.rooms });
    const options = node("fieldset", { className: "poll-options" }, ...poll.options.map((text, place) => this.#option(text, place)));
    options.ariaLabel = inShort(poll.question);
    if (!poll.multiple) options.role = "radiogroup";
    return [question, options, node("p", { className: "poll-foot" })];
  }

  /** @param {string} text @param {number} place */
  #option(text, place) {
    const option = node(this.isOpen ? "label" : "div", { className: "poll-option" });
    const type = this.poll.multiple ? "checkbox" : "radio";
    if (this.isOpen) option.append(node("input", { type, name: `poll-${this.row.node.id}`, value: String(place) }));
    const bar = node("progress", { max: 1, value: 0, ariaHidden: "true" });
    option.append(
      node("span", { className: "poll-words", dir: "auto" }, text),
      node("span", { className: "poll-by", ariaHidden: "true" }),
      node("span", { className: "poll-count", ariaHidden: "true" }),
      node("span", { className: "visually-hidden" }),
      bar,
    );
    return option;
  }

  #showVotes() {
    const { votes, options } = this.poll;
    const counts = votes?.counts ?? (this.poll.hidden && this.isOpen ? undefined : options.map(() => 0));
    const most = Math.max(...(counts ?? [0]));
    for (const [place, option] of this.querySelectorAll(".poll-option").entries()) {
      const count = counts?.[place];
      const isOwn = votes?.own?.includes(place) ?? false;
      option.classList.toggle("is-own", isOwn);
      option.classList.toggle("is-first", Boolean(count) && count === most);
      const input = option.querySelector("input");
      if (input && this.#timer === undefined) input.checked = isOwn;
      write(part(option, ".poll-count"), count === undefined ? "" : String(count));
      write(part(option, ".visually-hidden"), count === undefined ? "" : t("poll.votes", { count }));
      const bar = part(option, "progress", HTMLProgressElement);
      bar.hidden = count === undefined;
      bar.value = count && votes?.voters ? count / votes.voters : 0;
      this.#showNames(part(option, ".poll-by"), votes?.names?.[place] ?? []);
    }
  }

  /** @param {HTMLElement} place @param {string[]} names */
  #showNames(place, names) {
    const { people } = this.row;
    place.replaceChildren(...names.map((name) => newFlag(people.flag(name))));
    place.title = names.map((name) => people.shown(name)).join(", ");
  }

  #showFoot() {
    const { poll } = this;
    const voters = poll.votes?.voters ?? 0;
    const says = [node("span", {}, t("poll.voters", { count: voters }))];
    for (const what of /** @type {const} */ (["multiple", "anonymous"])) if (poll[what]) says.push(node("span", {}, t(`poll.${what}`)));
    if (poll.closed_at) {
      const words = poll.closed_by ? t("poll.closed-by", { name: this.row.people.shown(poll.closed_by) }) : t("poll.closed");
      says.push(node("span", { title: exactly(poll.closed_at) }, words));
    } else {
      if (poll.hidden) says.push(node("span", {}, t("poll.hidden")));
      if (poll.closes_at) says.push(node("span", { title: exactly(poll.closes_at) }, t("poll.closes", { when: whenOf(poll.closes_at) })));
    }
    const foot = part(this, ".poll-foot");
    const focused = foot.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.do : undefined;
    foot.replaceChildren(...says, ...this.#acts(voters));
    if (focused) /** @type {HTMLElement | null} */ (foot.querySelector(`[data-do=${focused}]`) ?? this.querySelector("input"))?.focus();
  }

  /** @param {number} voters */
  #acts(voters) {
    const { poll, isOpen } = this;
    const acts = [];
    if (poll.votes?.names?.some((names) => names.length)) acts.push(act("poll-voters"));
    if (isOpen && poll.votes?.own?.length) acts.push(act("poll-withdraw"));
    if (isOpen && MessagePoll.chat.changes.mayDelete(this.row.message)) acts.push(act("poll-close"));
    return voters || isOpen ? acts : [];
  }

  // What people do

  #changed() {
    const chosen = this.#chosen; // It may be drawn again meanwhile, with the votes from before.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#vote(chosen), CHOSEN_AFTER_MS);
  }

  get #chosen() {
    return Array.from(this.querySelectorAll("input:checked"), (input) => Number(/** @type {HTMLInputElement} */ (input).value));
  }

  /** @param {number[]} options */
  async #vote(options) {
    this.#timer = undefined;
    await this.#try(() => vote(MessagePoll.chat, this.row.message, options));
    this.#showVotes(); // What was refused is not chosen any more.
  }

  /** @param {Event} event */
  #pressed(event) {
    const what = event.target instanceof Element ? event.target.closest("[data-do]")?.getAttribute("data-do") : undefined;
    if (!what?.startsWith("poll-")) return;
    event.stopPropagation();
    if (what === "poll-voters") void showVoters(MessagePoll.chat, this.row.message);
    if (what === "poll-withdraw") void this.#vote([]);
    if (what === "poll-close") this.#askToClose();
  }

  #askToClose() {
    const go = () => this.#try(() => closePoll(MessagePoll.chat, this.row.message));
    const detail = { heading: t("poll.close.ask"), means: t("poll.close.means"), act: t("poll.close"), go };
    document.dispatchEvent(new CustomEvent("ask-first", { detail }));
  }

  /** @param {() => Promise<void>} step */
  async #try(step) {
    try {
      await step();
    } catch (error) {
      part(document, "toast-note", ToastNote).say(problemOf(error));
    }
  }
}

/** In place of the text of a row that has a poll.
    @param {MessageRow} row */
export function showPoll(row) {
  const there = row.node.querySelector(":scope > message-poll");
  const { poll } = row.message;
  row.node.classList.toggle("polled", Boolean(poll));
  if (!poll) return there?.remove();
  const shown = /** @type {MessagePoll} */ (there ?? document.createElement("message-poll"));
  shown.classList.add("poll");
  if (!there) part(row.node, ".said").after(shown);
  shown.show(row);
}

/** @param {"poll-voters" | "poll-withdraw" | "poll-close"} what */
function act(what) {
  const words = { "poll-voters": t("poll.who"), "poll-withdraw": t("poll.withdraw"), "poll-close": t("poll.close") };
  const button = node("button", { type: "button", className: "word-button" }, words[what]);
  button.dataset.do = what;
  return button;
}

/** Today at 17:00
    @param {string} at */
function whenOf(at) {
  return t("poll.when", { day: dayName(at), time: clockOf(at) });
}

customElements.define("message-poll", MessagePoll);
