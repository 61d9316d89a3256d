/* What stands above the oldest message that is here: that the room begins with it, that older
   ones are on their way, or why none come. */

import { part } from "../lib/parts.js";
import { t } from "../lib/words.js";
import { ignoreUnanswered } from "../models/refused.js";

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
    part(this.problem, "button").addEventListener("click", tryAgain);
  }

  get hasProblem() {
    return !this.problem.hidden;
  }

  /** `title` is that of the room, where it begins here; `isWaiting`: what there is comes with the
      connection.
      @param {{ title: string | null, kind: import("../types.js").RoomInfo["kind"], isEmpty: boolean, isWaiting: boolean, problem: string | null }} situation */
  show({ title, kind, isEmpty, isWaiting, problem }) {
    this.beginning.hidden = title === null;
    if (title !== null) this.title.textContent = title;
    this.text.textContent = isEmpty ? t("log.empty") : t("log.begins");
    this.who.textContent = kind === "public" ? "" : t(`readers.${kind}`);
    this.#complain(problem);
    this.waiting.hidden = !isWaiting || problem !== null;
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
