/* What only one tab of the browser may do at a time. A tab that is closed, or dies, gives up its
   turn. Locks exist on https and on localhost; elsewhere nobody waits, and what is done must not
   be harmed by being done twice. */

/** @template T @param {string} name @param {() => Promise<T>} step @param {LockManager} [locks] @returns {Promise<T>} */
export function inTurn(name, step, locks = globalThis.navigator?.locks) {
  return locks ? locks.request(`chatapp.${name}`, step) : step();
}
