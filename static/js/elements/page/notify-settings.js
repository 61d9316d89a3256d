/* <notify-settings>: one's keywords and quiet hours, on all of one's devices, and in words what notifies one
   here. What is changed holds at once. */

import { part } from "../../lib/page/parts.js";
import { clockOf } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { NotifyRules } from "../../models/page/notify-rules.js";
import { problemOf } from "../../models/refused.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Connection } from "../../types.js" */
/** @import { QuietHours } from "../../wire.js" */

const SEPARATOR = /[,;\n،、，]/u;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const A_MONDAY = Date.UTC(2026, 10, 30);
const DAY_MS = 86_400_000;
const language = document.documentElement.lang;
const short = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
const long = new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" });
const list = new Intl.ListFormat(language);

class NotifySettings extends HTMLElement {
  keywords = part(this, "[name=keywords]", HTMLInputElement);
  quiet = part(this, "[name=quiet]", HTMLInputElement);
  hours = part(this, ".quiet-hours");
  start = part(this, "[name=start]", HTMLInputElement);
  end = part(this, "[name=end]", HTMLInputElement);
  mentions = part(this, "[name=mentions]", HTMLInputElement);
  zone = part(this, ".quiet-zone");
  summary = part(this, ".notify-summary");
  problem = part(this, ".problem");
  /** @type {Chat} */
  chat;
  /** @type {NotifyRules} */
  rules;

  /** @param {Chat} chat @param {Connection} connection */
  attend(chat, connection) {
    this.chat = chat;
    const { notifications: known } = JSON.parse(part(document, "#begin").textContent ?? "");
    const { me, now, people } = chat;
    this.rules = chat.rules = new NotifyRules({ connection, me, names: people.mentionable, now, known });
    this.#nameDays();
    this.rules.on("changed", () => this.#show());
    chat.wishes.on("changed", () => this.#summarize());
    this.addEventListener("change", (event) => this.#changed(/** @type {HTMLInputElement} */ (event.target)));
    this.#show();
  }

  /** @returns {HTMLInputElement[]} */
  get #days() {
    return [...this.querySelectorAll("input")].filter(({ name }) => name === "day");
  }

  #nameDays() {
    for (const [index, box] of this.#days.entries()) {
      const day = A_MONDAY + index * DAY_MS;
      box.ariaLabel = long.format(day);
      part(/** @type {HTMLElement} */ (box.parentElement), "span").textContent = short.format(day);
    }
  }

  #show() {
    const { keywords, quiet } = this.rules.rules;
    if (document.activeElement !== this.keywords) this.keywords.value = keywords.join(", ");
    this.quiet.checked = quiet !== null;
    this.hours.hidden = quiet === null;
    if (quiet) this.#showHours(quiet);
    this.problem.textContent = "";
    this.#summarize();
  }

  /** @param {QuietHours} quiet */
  #showHours({ start, end, days, zone, mentions = false }) {
    this.start.value = start;
    this.end.value = end;
    this.mentions.checked = mentions;
    this.zone.textContent = t("notify.zone", { zone });
    for (const box of this.#days) box.checked = days.includes(Number(box.value));
  }

  /** @param {HTMLInputElement} field */
  async #changed({ name }) {
    try {
      if (name === "keywords") await this.rules.change({ keywords: this.#typed });
      else await this.rules.change({ quiet: this.quiet.checked ? this.#chosen : null });
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
  }

  get #typed() {
    return this.keywords.value.split(SEPARATOR).map((word) => word.trim()).filter(Boolean);
  }

  /** In the time zone of this device, for whoever changes them here.
      @returns {QuietHours} */
  get #chosen() {
    const days = this.#days.filter(({ checked }) => checked).map(({ value }) => Number(value));
    return {
      start: this.start.value || "22:00",
      end: this.end.value || "07:00",
      days: this.rules.rules.quiet ? days : EVERY_DAY,
      zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      mentions: this.mentions.checked,
    };
  }

  // In words

  #summarize() {
    const { keywords, quiet } = this.rules.rules;
    const { wishes } = this.chat;
    const ways = [wishes.notifies && t("notify.by-notice"), wishes.sound && t("notify.by-sound")].filter(Boolean);
    if (ways.length === 0) return void (this.summary.textContent = t("notify.off"));
    const sentences = [t("notify.what", { how: list.format(/** @type {string[]} */ (ways)) })];
    if (keywords.length) sentences.push(t("notify.words", { words: list.format(keywords) }));
    if (quiet) sentences.push(this.#quietInWords(quiet));
    this.summary.textContent = sentences.join(" ");
  }

  /** @param {QuietHours} quiet */
  #quietInWords({ start, end, days, mentions }) {
    const key = mentions ? "notify.quiet.mentions" : "notify.quiet.nothing";
    const on = days.length === EVERY_DAY.length ? t("notify.daily") : list.format(days.map((day) => short.format(A_MONDAY + (day - 1) * DAY_MS)));
    return t(key, { start: shown(start), end: shown(end), days: on });
  }
}

/** A time of the day, as the reader writes it.
    @param {string} time */
function shown(time) {
  return clockOf(new Date(`2026-11-30T${time}`).toISOString());
}

customElements.define("notify-settings", NotifySettings);
