/** Says from which address a request came, as far as it can be believed. */

import ipaddr from "ipaddr.js";
import type { Context } from "hono";
import type { HttpEnv } from "./context.ts";

/** A block of addresses in CIDR notation, such as `10.0.0.0/8`; an address alone is a block of one. */
export interface AddressBlock {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  readonly bits: number;
}

/** @returns null when the text is no such block */
export function addressBlock(text: string): AddressBlock | null {
  if (ipaddr.isValidCIDR(text)) {
    const [address, bits] = ipaddr.parseCIDR(text);
    return { address, bits };
  }
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return { address, bits: address.kind() === "ipv4" ? 32 : 128 };
}

/**
 * What a proxy says in `X-Forwarded-For` counts only when the proxy is one of ours, and of it only the last address that
 * none of ours added: everything before that may be the caller's own invention.
 *
 * @returns an IPv4 address or an IPv6 /64, which is what one customer of a provider has; null when there is no socket
 */
export function remoteAddress(
  c: Context<HttpEnv>,
  proxies: readonly AddressBlock[],
): string | null {
  const peer = c.env?.incoming?.socket.remoteAddress;
  if (peer === undefined) return null;
  const forwarded = (c.req.header("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  let nearest = peer;
  while (isOneOf(nearest, proxies)) {
    const before = forwarded.pop();
    if (before === undefined || !ipaddr.isValid(before)) break;
    nearest = before;
  }
  return network(nearest);
}

function isOneOf(text: string, blocks: readonly AddressBlock[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return blocks.some((block) => within(address, block));
}

function within(address: ipaddr.IPv4 | ipaddr.IPv6, block: AddressBlock): boolean {
  return address.kind() === block.address.kind() && address.match(block.address, block.bits);
}

const NETWORK_HEXTETS = 4;

function network(text: string): string {
  const address = ipaddr.process(text);
  return address.kind() === "ipv4"
    ? address.toString()
    : address.toNormalizedString().split(":").slice(0, NETWORK_HEXTETS).join(":");
}
