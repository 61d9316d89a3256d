/* The lines that the chat itself writes into a room, said in the reader's language. The text in the
   log is an English sentence: it begins with who did it, and a new title or topic stands in it
   between “ and ”. chatapp/features/pages/system_lines.py says the same for the first render. */

import { t } from "./words.js";

/** @import { Message } from "../types.js" */

/** @param {Pick<Message, "system" | "sender" | "text">} message @param {{ shown(name: string): string }} people */
export function sentenceOf({ system, sender, text }, people) {
  const { what = "joined", who = "" } = system ?? {};
  const value = /“(.*)”/su.exec(text.slice(sender.length))?.[1];
  const says = { name: people.shown(sender), who: people.shown(who), value: value ?? "" };
  if (value !== undefined || (what !== "topic" && what !== "renamed")) return t(`system.${what}`, says);
  return t(what === "topic" && text ? "system.topic.cleared" : `system.${what}.erased`, says);
}
