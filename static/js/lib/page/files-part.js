/* The part of the page that is about files, static/js/files.js: it is loaded when there is a first one.
   chat.js says how. */

/** @typedef {Pick<typeof import("../../models/message/poll-acts.js"), "vote" | "closePoll"> & Pick<typeof import("../../elements/message/poll-voters.js"), "showVoters">} Polls */

/** @type {() => Promise<void>} */
let bring = () => Promise.reject(new Error("Nothing says how files.js comes."));
/** @type {Promise<void> | null} */
let loading = null;

export const filesPart = {
  isReady: false,
  /** Draws the previews of links under a message, and its poll, and over it who wrote it first, once it is there.
      @type {((row: import("../../elements/message/message-row.js").MessageRow) => void) | undefined} */
  showPreviews: undefined,

  /** @type {Polls | undefined} */
  pollActs: undefined,

  /** What people do with polls, when it is there. */
  async polls() {
    await filesPart.load();
    return /** @type {Polls} */ (filesPart.pollActs);
  },

  /** Uploads a file, once it is there.
      @type {import("../../models/files/uploads.js").Send | undefined} */
  send: undefined,

  /** @param {() => Promise<void>} step */
  comesBy(step) {
    bring = step;
  },

  /** Resolved when it is there; fails where the network is away, and tries again when asked again. */
  load() {
    loading ??= bring()
      .then(() => void (filesPart.isReady = true))
      .catch((error) => {
        loading = null;
        throw error;
      });
    return loading;
  },
};

/** What stands for files where there is no place for them: their names.
    @param {{ name: string }[]} [files] */
export function filesInShort(files = []) {
  const names = files.map(({ name }) => name).filter(Boolean); // Of one that was removed, there is none.
  return names.length > 0 ? `📎 ${names.join(", ")}` : "";
}
