/* The sound of a notice: lib/browser/sound.js, loaded when there is a first one. */

export async function ring() {
  try {
    (await import("./sound.js")).ring();
  } catch {
    // The network is away: no sound. What there is to read is on the page.
  }
}
