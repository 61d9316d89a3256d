/* <local-time data-form="…">: the time in it, in the reader's time zone. Without this script it stays
   UTC, which its title says exactly.

     moment   22 Nov, 10:30       day   22 Nov       clock   10:30

   Bars of a chart have titles with a time too; an SVG cannot contain elements of ours. */

import { part } from "../lib/page/parts.js";
import { clockOf } from "../lib/text/times.js";

const LANGUAGE = document.documentElement.lang || "en";
const DATE_ONLY = "2026-11-22".length;

class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = part(this, "time", HTMLTimeElement);
    time.textContent = local(time.dateTime, this.dataset.form);
  }
}

/** @param {string} at @param {string} [form] */
function local(at, form = at.length > DATE_ONLY ? "clock" : "day") {
  if (form === "clock") return clockOf(at);
  return form === "day" ? dayOf(at) : `${dayOf(at)}, ${clockOf(at)}`;
}

/** A date without a clock is a day in UTC for every reader.
    @param {string} at */
function dayOf(at) {
  const date = new Date(at);
  return new Intl.DateTimeFormat(LANGUAGE, {
    day: "numeric",
    month: "short",
    year: date.getFullYear() === new Date().getFullYear() ? undefined : "numeric",
    timeZone: at.length > DATE_ONLY ? undefined : "UTC",
  }).format(date);
}

customElements.define("local-time", LocalTime);

for (const title of document.querySelectorAll("title[data-at]")) {
  if (!(title instanceof SVGTitleElement)) continue;
  const { at = "", says = "" } = title.dataset;
  title.textContent = says.replace("{when}", local(at));
}
