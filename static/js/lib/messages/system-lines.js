/* The lines that the chat itself writes into a room, said in the reader's language. The text in the
   log is an English sentence: it begins with who did it, and a new title or topic stands in it
   between “ and ”. chatapp/features/pages/system_lines.py says the same for the first render. */

import { quotedIn } from "./folding.js";
import { t } from "../text/words.js";

/** @import { Message } from "../../types.js" */

/** @param {Pick<Message, "system" | "sender" | "text">} message @param {{ shown(name: string): string }} people */
export function sentenceOf({ system, sender, text }, people) {
  const { what = "joined", who = "", people: others = [who], thread, seqs = [], room } = system ?? {};
  const value = quotedIn(text, sender);
  const says = { name: people.shown(sender), who: others.map((name) => people.shown(name)).join(", "), value: value ?? "" };
  if (what === "moved") return t(`system.moved.${room !== undefined ? "room" : thread ? "in" : "out"}`, { ...says, count: seqs.length });
  if (what === "titled" && !value) return t("system.titled.none", says);
  if (value !== undefined || (what !== "topic" && what !== "renamed")) return t(`system.${what}`, says);
  return t(`system.${what}.${text ? "cleared" : "erased"}`, says);
}
