/* The first tab of <room-details>: what the room is, and how one wants to hear of it. */

import { around, part } from "../../lib/page/parts.js";
import { ago, clockOf, dayName } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { endOf } from "../../models/rooms/mute-spans.js";
import { isInForce } from "../../models/rooms/muting.js";

/** @import { Room } from "../../models/rooms/room.js" */
/** @import { RoomInfo } from "../../types.js" */
/** @import { Span } from "../../models/rooms/mute-spans.js" */
/** @import { Details } from "./room-details.js" */

export class RoomAbout {
  /** @type {Room} */
  room;

  /** @param {HTMLElement} panel @param {Details} details */
  constructor(panel, details) {
    this.panel = panel;
    this.details = details;
    this.favourite = part(panel, "[name=favourite]", HTMLInputElement);
    this.muted = part(panel, ".muted-until");
    this.spans = part(panel, ".mute-spans");
    this.favourite.addEventListener("change", () => this.#prefer({ favourite: this.favourite.checked }));
    panel.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "level") {
        this.#prefer({ level: /** @type {RoomInfo["level"]} */ (target.value) });
      }
    });
    panel.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {Room} room */
  begin(room) {
    this.room = room;
  }

  show() {
    const { room, panel } = this;
    const { chat } = this.details;
    const isDirect = room.kind === "direct";
    part(panel, ".details-topic").hidden = isDirect;
    part(panel, ".details-topic").textContent = room.topic || t("room.no-topic");
    part(panel, ".details-who").textContent = t(`readers.${room.kind}`);
    part(panel, ".details-made").textContent = this.#made();
    const { viewed_at: viewedAt, retention_days: kept, published } = room.facts;
    part(panel, ".details-web").hidden = !published;
    part(panel, ".details-web a", HTMLAnchorElement).href = `/web/${room.name}/`;
    part(panel, ".details-kept").textContent = kept ? t("room.keeps", { count: kept }) : "";
    part(panel, ".details-viewed").textContent = viewedAt ? t("room.viewed", { when: ago(viewedAt, chat.now()) }) : "";
    this.favourite.checked = room.favourite;
    part(panel, `[name=level][value="${room.ownLevel}"]`, HTMLInputElement).checked = true;
    this.#showMute();
  }

  focus() {
    part(this.panel, "[name=level]:checked").focus();
  }

  #made() {
    const { facts, kind, group } = this.room;
    const { created_by: createdBy, created_at: createdAt } = facts;
    if (!createdBy || !createdAt || (kind === "direct" && !group)) return "";
    return t("room.created", { name: this.details.chat.people.shown(createdBy), day: dayName(createdAt) });
  }

  #showMute() {
    const { mutedUntil } = this.room;
    const isMuted = isInForce(mutedUntil, this.details.chat.now());
    const isOther = isMuted === this.muted.hidden;
    const hadFocus = isOther && this.spans.parentElement?.contains(document.activeElement);
    this.muted.hidden = !isMuted;
    this.spans.hidden = isMuted;
    if (isMuted) {
      const isForGood = mutedUntil === "always";
      part(this.muted, "span").textContent = isForGood ? t("room.muted") : t("room.muted.until", whenOf(mutedUntil ?? ""));
    }
    if (hadFocus) part(isMuted ? this.muted : this.spans, "button").focus();
  }

  /** @param {Event} event */
  #pressed(event) {
    const button = around(event, "button");
    if (button?.dataset.do === "unmute") return this.#prefer({ muted_until: "" });
    const span = /** @type {Span | undefined} */ (button?.dataset.span);
    if (span) return this.#prefer({ muted_until: endOf(span, this.details.chat.now()) });
  }

  /** @param {Omit<import("../../wire.js").Prefs, "room">} prefs */
  #prefer(prefs) {
    return this.details.attempt(() => this.details.desk.prefer(this.room, prefs));
  }
}

/** @param {string} until */
function whenOf(until) {
  const today = dayName(new Date().toISOString());
  const day = dayName(until);
  return { when: day === today ? clockOf(until) : `${day}, ${clockOf(until)}` };
}
