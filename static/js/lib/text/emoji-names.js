/* lib/text/emoji.js, with the emoji of the chat's own: loaded when somebody looks for one. */

import { ownEmoji } from "../../models/own-emoji.js";

/** Rejects where the network is away. */
export async function emojiNames() {
  const names = await import("./emoji.js");
  await names.takeOwn(await ownEmoji.all());
  return names;
}
