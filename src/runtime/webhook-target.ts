/**
 * Where webhooks may be sent: by `https` to addresses that anybody on the internet may have, so that nobody makes the
 * server ask its own network (SSRF, CWE-918); and to what the operator allows besides.
 */

import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ReturnType<typeof ipaddr.process>;
type Range = readonly [address: Address, bits: number];

/** What is allowed although it is not public, `http` included. */
export type AllowedTarget =
  | { readonly kind: "range"; readonly range: Range }
  | { readonly kind: "host"; readonly host: string };

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/;

/** @param text a CIDR range, an address or a host's name @returns null when it is none of these */
export function allowedTarget(text: string): AllowedTarget | null {
  const entry = text.toLowerCase();
  if (ipaddr.isValidCIDR(entry)) return { kind: "range", range: ipaddr.parseCIDR(entry) };
  if (isIP(entry) !== 0) {
    const address = ipaddr.process(entry);
    return { kind: "range", range: [address, address.kind() === "ipv4" ? 32 : 128] };
  }
  // What is all digits and dots would be read as an address by some, and as a name by others.
  return HOST.test(entry) && !/^[\d.]+$/.test(entry) ? { kind: "host", host: entry } : null;
}

/** Of the URL alone; where a name leads is judged when it is resolved. */
export function urlRefusal(text: string, allowed: readonly AllowedTarget[]): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return "expected an absolute `https` URL";
  }
  if (url.username !== "" || url.password !== "") {
    return "expected a URL without a user name or password: the signature proves who sends";
  }
  if (text.includes("#")) return "expected a URL without a fragment";
  const host = hostOf(url);
  const isAddress = isIP(host) !== 0;
  if (isAddress && !isAllowedAddress(host, allowed)) {
    return "expected a public address, or one that SEVENSTEP_WEBHOOK_ALLOW names";
  }
  if (url.protocol === "https:") return null;
  const isListed = isAddress ? isListedAddress(host, allowed) : isListedHost(host, allowed);
  return isListed ? null : "expected `https`, or a host that SEVENSTEP_WEBHOOK_ALLOW names";
}

/** The name or the address, without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

export function isAllowedAddress(address: string, allowed: readonly AllowedTarget[]): boolean {
  return isPublic(ipaddr.process(address)) || isListedAddress(address, allowed);
}

/** A name that the operator listed is trusted, wherever it leads. */
export function isListedHost(host: string, allowed: readonly AllowedTarget[]): boolean {
  return allowed.some((each) => each.kind === "host" && each.host === host);
}

function isListedAddress(address: string, allowed: readonly AllowedTarget[]): boolean {
  const parsed = ipaddr.process(address);
  return allowed.some((each) => {
    if (each.kind === "host") return false;
    const [range, bits] = each.range;
    return range.kind() === parsed.kind() && parsed.match(range, bits);
  });
}

const GLOBAL_UNICAST: Range = [ipaddr.parse("2000::"), 3];

/** Not in any special-purpose range of IANA's registries; of IPv6, what is handed out at all (RFC 4291 section 2.4). */
function isPublic(address: Address): boolean {
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv4" || address.match(...GLOBAL_UNICAST);
}
