/* The dialogs and panels that open over the page: their HTML is not needed before. It is the same for
   everybody, and comes from our own server: chatapp/web/fixed_parts.py. */

/** @type {HTMLMetaElement | null} */
const named = document.querySelector("meta[name=later-part]");
export const LATER_PART = new URL(named?.content ?? "", location.href).href;

let isThere = false;

/** Gives what puts it at the end of the page, or into the part that data-in names, once: when its styles are
    there. Fails where the network is away. */
export async function laterPart() {
  const answer = await fetch(LATER_PART);
  if (!answer.ok) throw new Error(`${LATER_PART} did not come.`);
  const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
  return () => {
    if (isThere) return;
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll("[data-in]"))) {
      document.getElementById(node.dataset.in ?? "")?.append(node);
    }
    document.body.append(...body.childNodes);
    isThere = true;
  };
}
