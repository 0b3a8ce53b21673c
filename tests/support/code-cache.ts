/** Where the processes that tests start keep their compiled code: the next one of the run starts in half the time. */

const FOLDER = new URL("../../node_modules/.cache/sevenstep/code/", import.meta.url).pathname;

/** Variables for their environment. */
export const codeCache = { NODE_COMPILE_CACHE: FOLDER } as const;
