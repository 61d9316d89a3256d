/* The two ways in which a request comes to nothing. */

import { isSaid, t } from "../lib/text/words.js";

/** The server said no: `code` is stable, `message` is for a person, `retryAfter` in seconds. The
    server's sentence is English and exact; the catalogue says what its readers get instead. */
export class Refused extends Error {
  /** @param {Partial<import("../wire.js").Problem>} [problem] */
  constructor({ code = "unavailable", message = t("problem.refused"), retry_after } = {}) {
    const key = `refused.${code}`;
    super(isSaid(key) ? t(key, { message, seconds: Math.ceil(retry_after ?? 0) }) : message);
    this.code = code;
    this.retryAfter = retry_after;
  }
}

/** Nobody answered: whether it was done is not known, asking again is safe. */
export class Lost extends Error {
  constructor() {
    super(t("problem.lost"));
  }
}

/** What to tell a person of a request that came to nothing, `lost` where nobody answered. Whatever
    else went wrong is thrown on.
    @param {unknown} error @param {string} [lost] */
export function problemOf(error, lost = t("offline.try-again")) {
  ignoreUnanswered(error);
  return error instanceof Lost ? lost : error.message;
}

/** Where it is tried again anyway. Whatever else went wrong is thrown on.
    @param {unknown} error @returns {asserts error is Lost | Refused} */
export function ignoreUnanswered(error) {
  if (!(error instanceof Lost || error instanceof Refused)) throw error;
}

/** A break in the middle is nothing to report: coming online does it again.
    @param {unknown} error */
export function ignoreLost(error) {
  if (!(error instanceof Lost)) throw error;
}
