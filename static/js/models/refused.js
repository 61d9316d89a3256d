/* The two ways in which a request comes to nothing. */

import { t } from "../lib/words.js";

/** The server said no: `code` is stable, `message` is for a person, `retryAfter` in seconds. */
export class Refused extends Error {
  /** @param {Partial<import("../wire.js").Problem>} [problem] */
  constructor({ code = "unavailable", message = t("problem.refused"), retry_after } = {}) {
    super(message);
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
