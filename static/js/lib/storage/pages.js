/* The rooms' pages that the worker keeps for when there is no network (worker.js): which of them it
   must not keep any longer. Where there is no worker, nothing is kept. */

import { GENERAL_PATHS, pathOf } from "../page/routes.js";

export class Pages {
  /** @param {Pick<ServiceWorkerContainer, "ready">} [container] */
  constructor(container = navigator.serviceWorker) {
    this.container = container;
  }

  /** @param {string} room */
  forget(room) {
    this.#tell({ forget: pathOf(room) });
  }

  /** Pages of another epoch may have texts in them that are gone for good; and what one may not
      see any more, one may not read either.
      @param {string} epoch @param {string[]} [rooms] those that one sees, if they are known */
  keepOnly(epoch, rooms) {
    this.#tell({ epoch, paths: rooms && [...GENERAL_PATHS, ...rooms.map(pathOf)] });
  }

  /** @param {{ forget: string } | { epoch: string, paths?: string[] }} news */
  async #tell(news) {
    const worker = await this.container?.ready;
    worker?.active?.postMessage(news);
  }
}
