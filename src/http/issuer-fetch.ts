/** Asks an identity provider for documents: bounded in time and size, and left in peace for a while after a failure. */

/** The identity provider can't be asked now, or answers what can't be used. */
export class IssuerUnreachable extends Error {
  override readonly name = "IssuerUnreachable";
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_048_576;
/** So long after a failure nobody waits for the next one. */
const REST_MS = 5_000;

/** `read` takes what is expected out of the document, and throws for anything else. */
export type AskIssuer = <T>(url: string, read: (document: unknown) => T) => Promise<T>;

/** @param nowMs the clock that paces attempts */
export function askIssuer(fetch: Fetch, nowMs: () => number): AskIssuer {
  let restUntil = -Infinity;
  return async (url, read) => {
    if (nowMs() < restUntil) throw new IssuerUnreachable("it did not answer a moment ago");
    try {
      return read(await fetchJson(fetch, url));
    } catch (cause) {
      restUntil = nowMs() + REST_MS;
      throw new IssuerUnreachable("it does not answer as expected", { cause });
    }
  };
}

/** Redirects are not followed: where keys come from is what was configured, or what discovery says. */
async function fetchJson(fetch: Fetch, url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { Accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`expected 200 from ${url}, found ${response.status}`);
  }
  return JSON.parse(await boundedText(response));
}

async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`expected at most ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
