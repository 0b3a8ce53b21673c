/** The files that the documentation's pages load: a closed list, so that no name of a caller's ever becomes a path. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

export interface Asset {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const CSS = "text/css; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";

const FILES: ReadonlyMap<string, { readonly path: () => string; readonly mediaType: string }> =
  new Map([
    ["pages.css", { path: () => own("pages.css"), mediaType: CSS }],
    ["show-reference.js", { path: () => own("show-reference.js"), mediaType: JAVASCRIPT }],
    ["swagger-ui.css", { path: () => resolve("swagger-ui-dist/swagger-ui.css"), mediaType: CSS }],
    [
      "swagger-ui-bundle.js",
      { path: () => resolve("swagger-ui-dist/swagger-ui-bundle.js"), mediaType: JAVASCRIPT },
    ],
  ]);

export async function assetOf(name: string): Promise<Asset | null> {
  const file = FILES.get(name);
  if (file === undefined) return null;
  return { mediaType: file.mediaType, bytes: new Uint8Array(await readFile(file.path())) };
}

function own(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
