/** Names a request: by its caller's own id where that can stand in logs and headers as it is, else by a new one. */

export function requestIdFor(given: string | readonly string[] | undefined): string {
  return typeof given === "string" && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}

const REQUEST_ID = /^[\w\-=]{1,255}$/;
