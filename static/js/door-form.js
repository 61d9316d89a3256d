/* A form that makes an account is sent without leaving the page: what was typed, the password too, is
   still there when the server has something against it. Without a script the page comes anew, with
   the name. */

import { part } from "./lib/page/parts.js";

const form = part(document, "form.form", HTMLFormElement);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = part(form, ".primary", HTMLButtonElement);
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type === "opaqueredirect") location.assign("/");
    else showProblem(await answer.text());
  } catch {
    form.submit(); // The browser says itself that the network is away.
  }
  button.disabled = false;
});

/** @param {string} html the page as it would come */
function showProblem(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const again = page.querySelector("form.form");
  if (!again) return form.submit(); // Another page: the link does not work any more.
  form.querySelector("#problem")?.remove();
  const problem = again.querySelector("#problem");
  if (problem) form.prepend(problem);
  const wrong = again.querySelector("[autofocus]")?.getAttribute("name") ?? "name";
  part(form, `[name=${wrong}]`, HTMLInputElement).select();
}
