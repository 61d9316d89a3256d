/* What stands above the oldest message that is here: that the room begins with it, that older
   ones are on their way, or why none come. */

import { around, part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered } from "../../models/refused.js";

/** @import { Chat } from "../../models/chat.js" */

const DOES = /** @type {const} */ ({ topic: "do-details", invite: "do-invite", notices: "do-notices" });

export class LogTop {
  /** @param {HTMLElement} log @param {() => void} tryAgain */
  constructor(log, tryAgain) {
    this.beginning = part(log, ".beginning");
    this.title = part(log, ".beginning-title");
    this.text = part(log, ".beginning-text");
    this.who = part(log, ".beginning-who");
    this.loading = part(log, ".loading");
    this.waiting = part(log, ".waits-for-connection");
    this.problem = part(log, ".load-problem");
    this.reason = part(log, ".load-problem span");
    this.beginWith = part(log, ".begin-with");
    part(this.problem, "button").addEventListener("click", tryAgain);
    this.beginWith.addEventListener("click", (event) => this.#begin(around(event, "[data-begin]")?.dataset.begin));
  }

  get hasProblem() {
    return !this.problem.hidden;
  }

  /** `title` is that of the room, where it begins here; `isWaiting`: what there is comes with the
      connection.
      @param {{ title: string | null, kind: import("../../types.js").RoomInfo["kind"], isEmpty: boolean, isWaiting: boolean, problem: string | null }} situation */
  show({ title, kind, isEmpty, isWaiting, problem }) {
    this.beginning.hidden = title === null;
    if (title !== null) this.title.textContent = title;
    this.text.textContent = isEmpty ? t("log.empty") : t("log.begins");
    this.who.textContent = kind === "public" ? "" : t(`readers.${kind}`);
    this.#complain(problem);
    this.waiting.hidden = !isWaiting || problem !== null;
  }

  /** It is called otherwise by now.
      @param {string} title */
  call(title) {
    if (!this.beginning.hidden) write(this.title, title);
  }

  /** What one can do with a room in which nobody has said anything: what is not done yet, and one may do.
      @param {Chat} chat @param {boolean} isEmpty */
  offer({ current, wishes }, isEmpty) {
    const { kind, group, topic, mayChange } = current;
    const offered = { topic: mayChange && !topic && kind !== "direct", invite: kind === "private" || Boolean(group), notices: !wishes.any };
    this.beginWith.hidden = !isEmpty;
    for (const [what, isOffered] of Object.entries(offered)) part(this.beginWith, `[data-begin=${what}]`).hidden = !isOffered;
  }

  /** @param {string | undefined} what */
  #begin(what) {
    if (what === "topic" || what === "invite" || what === "notices") document.dispatchEvent(new CustomEvent(DOES[what]));
  }

  /** Older messages are on their way until `step` is done.
      @param {() => Promise<unknown>} step may throw Refused or Lost */
  async load(step) {
    this.loading.hidden = false;
    this.#complain(null);
    try {
      await step();
    } catch (error) {
      ignoreUnanswered(error);
      this.#complain(t("log.problem", { reason: error.message }));
    }
    this.loading.hidden = true;
  }

  /** @param {string | null} problem */
  #complain(problem) {
    this.problem.hidden = problem === null;
    this.reason.textContent = problem ?? "";
  }
}
