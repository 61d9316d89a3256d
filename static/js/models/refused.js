/* The two ways in which a request comes to nothing. */

import { isSaid, t } from "../lib/words.js";

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
