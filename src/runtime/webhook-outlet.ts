/**
 * Sends one delivery over HTTP: to the very address that was judged, following nothing, for a bounded time, and reading
 * of the answer no more than its status.
 */

import { lookup as systemLookup, Resolver } from "node:dns/promises";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { DeliveryAnswer, DeliveryFault, Outlet } from "./contracts/webhooks.ts";
import {
  hostOf,
  isAllowedAddress,
  urlRefusal,
  isListedHost,
  type AllowedTarget,
} from "./webhook-target.ts";

interface Resolved {
  readonly address: string;
  readonly family: number;
}

/** Every address of a name; rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly Resolved[]>;

export interface OutletOptions {
  readonly allowed: readonly AllowedTarget[];
  readonly resolve?: Resolve;
  /** Certificates that are believed besides the system's. */
  readonly ca?: string;
}

/** What is read of an answer's body, so that the connection ends in peace; a longer one is cut. */
const MAX_ANSWER_BYTES = 65_536;

export function createOutlet({
  allowed,
  ca,
  resolve = resolverFor(allowed),
}: OutletOptions): Outlet {
  return {
    refusal: (url) => urlRefusal(url, allowed),
    deliver: async ({ url, headers, body, timeoutMs }, signal) => {
      if (urlRefusal(url, allowed) !== null) return failed("target-refused");
      const target = new URL(url);
      const late = AbortSignal.timeout(timeoutMs);
      const over = AbortSignal.any([signal, late]);
      const why = (fault: DeliveryFault): DeliveryFault =>
        signal.aborted ? "stopped" : late.aborted ? "timed-out" : fault;
      const addresses = await addressesOf(hostOf(target), resolve, over).catch(() => null);
      if (addresses === null) return failed(why("name-unresolved"));
      if (!addresses.every(({ address }) => isAllowed(target, address, allowed))) {
        return failed("target-refused");
      }
      try {
        const options = { method: "POST", headers, agent: false, signal: over } as const;
        const pinned = { ...options, lookup: pinnedTo(addresses) };
        const trust = ca === undefined ? {} : { ca };
        const sent =
          target.protocol === "https:"
            ? httpsRequest(target, { ...pinned, ...trust })
            : httpRequest(target, pinned);
        return await answered(sent, body);
      } catch (error) {
        return failed(why(faultOf(error)));
      }
    },
  };
}

function isAllowed(target: URL, address: string, allowed: readonly AllowedTarget[]): boolean {
  return isListedHost(hostOf(target), allowed) || isAllowedAddress(address, allowed);
}

async function addressesOf(
  host: string,
  resolve: Resolve,
  over: AbortSignal,
): Promise<readonly Resolved[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const aborted = new Promise<never>((_, reject) => {
    over.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  });
  const addresses = await Promise.race([resolve(host), aborted]);
  if (addresses.length === 0) throw new Error("no address");
  return addresses;
}

/**
 * Names of the internet are asked for by DNS itself, because the system's own way blocks one of the process's four
 * threads for as long as a name server is silent, and four silent ones would stop everything. A listed name may be one
 * that only the system knows.
 */
function resolverFor(allowed: readonly AllowedTarget[]): Resolve {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  return async (host) => {
    if (isListedHost(host, allowed)) return systemLookup(host, { all: true });
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(host),
      resolver.resolve6(host),
    ]);
    const found = (result: PromiseSettledResult<string[]>, family: number): readonly Resolved[] =>
      result.status === "fulfilled" ? result.value.map((address) => ({ address, family })) : [];
    return [...found(four, 4), ...found(six, 6)];
  };
}

/** Node connects where this says, and asks nobody else (DNS rebinding). */
function pinnedTo(addresses: readonly Resolved[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else if (first !== undefined) callback(null, first.address, first.family);
  };
}

function answered(sent: ClientRequest, body: string): Promise<DeliveryAnswer> {
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response: IncomingMessage) => {
      const { statusCode: status = 0, headers } = response;
      const retryAfter = headers["retry-after"] ?? null;
      let read = 0;
      response.on("data", (chunk: Buffer) => {
        read += chunk.length;
        if (read > MAX_ANSWER_BYTES) response.destroy();
      });
      const end = (): void => resolve({ kind: "answered", status, retryAfter });
      // The status is the answer, whatever becomes of the body.
      sent.off("error", reject).on("error", end);
      response.on("error", end);
      response.on("close", end);
    });
    sent.end(body);
  });
}

function failed(fault: DeliveryFault): DeliveryAnswer {
  return { kind: "failed", fault };
}

const TLS_CODE =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

function faultOf(error: unknown): DeliveryFault {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return TLS_CODE.test(code) ? "tls-failed" : "connection-failed";
}
