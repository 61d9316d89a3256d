/* What the server writes before worker.js: the version of all files. */

declare const VERSION: string;
