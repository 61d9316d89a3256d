/* Sends the bytes of a file so that it can go on where it was cut off: by tus 1.0, whose client is loaded
   with the first file. What goes wrong is Lost, where it may be tried again, or Refused. */

import { Lost, Refused } from "../../models/refused.js";

const TUS = "../../../vendor/tus-js-client/tus.min.js";
const ENDPOINT = "/api/v1/files/tus";
const PASSING = new Set([0, 408, 409, 423, 425, 429]);
const PASSES = new Set(["unavailable", "rate_limited", "read_only", "wrong_offset"]);

/** @type {Promise<unknown> | null} */
let loading = null;

/** @type {import("../../models/files/uploads.js").Send} */
export async function sendFile({ blob, name, url, begun, sent, end }) {
  await client();
  try {
    return await upload({ blob, name, url, begun, sent, end, token: tokenOf(document) });
  } catch (error) {
    if (!(error instanceof Refused && error.code === "not_allowed")) throw error;
  }
  return await upload({ blob, name, url, begun, sent, end, token: await freshToken() }); // The page was kept longer than the session.
}

async function client() {
  try {
    loading ??= import(TUS);
    await loading;
  } catch {
    loading = null;
    throw new Lost();
  }
}

/** @param {Parameters<import("../../models/files/uploads.js").Send>[0] & { token: string }} file @returns {Promise<string>} */
function upload({ blob, name, url, begun, sent, end, token }) {
  return new Promise((resolve, reject) => {
    const upload = new globalThis.tus.Upload(blob, {
      endpoint: ENDPOINT,
      uploadUrl: url ?? null,
      metadata: { filename: name },
      headers: { "X-CSRF-Token": token },
      retryDelays: null, // models/files/uploads.js knows when the network is back.
      storeFingerprintForResuming: false,
      onUploadUrlAvailable: () => upload.url && begun(pathOf(upload.url)),
      onProgress: (bytes) => sent(bytes),
      onSuccess: () => resolve(pathOf(upload.url ?? "").split("/").at(-1) ?? ""),
      onError: (error) => reject(problemOf(error)),
    });
    end.addEventListener("abort", () => {
      upload.abort(Boolean(upload.url)).catch(() => {}); // It goes by itself after a day.
      reject(new Lost());
    });
    upload.start();
  });
}

/** @param {string} url */
function pathOf(url) {
  return new URL(url, location.href).pathname;
}

/** @param {Error | import("tus-js-client").DetailedError} error */
function problemOf(error) {
  const answer = "originalResponse" in error ? error.originalResponse : null;
  const status = answer?.getStatus() ?? 0;
  const problem = problemIn(answer?.getBody() ?? "");
  if (problem ? PASSES.has(problem.code) : PASSING.has(status) || status >= 500) return new Lost();
  return new Refused(problem ?? {});
}

/** @param {string} body @returns {import("../../wire.js").Problem | null} */
function problemIn(body) {
  try {
    return JSON.parse(body).error ?? null;
  } catch {
    return null; // A proxy's page, or nothing.
  }
}

/** @param {ParentNode} page */
function tokenOf(page) {
  return page.querySelector("input[name=csrf_token]")?.getAttribute("value") ?? "";
}

async function freshToken() {
  try {
    const answer = await fetch(location.href);
    return tokenOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    throw new Lost();
  }
}
