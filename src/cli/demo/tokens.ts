/** Tokens for the people of a story, made with the server's own key: the demo runs where the server's folder is. */

import { readFile } from "node:fs/promises";
import { adminTokenPath, existingTokenKey } from "../../http/data-folder.ts";
import { mintToken } from "../../http/token.ts";
import { NoStory } from "./story-file.ts";
import type { Story } from "./story.ts";

const TTL_S = 7 * 86_400;

/** @returns by name, one token each, good for a week and for one centre */
export async function castTokens(
  story: Story,
  dataFolder: string,
  centre: string,
): Promise<ReadonlyMap<string, string>> {
  const key = await existingTokenKey(dataFolder);
  if (key === null) throw noServer(dataFolder);
  const issuedAt = Math.floor(Date.now() / 1000);
  const times = { issuedAt, expiresAt: issuedAt + TTL_S };
  const minted = [...story.cast].map(async ([name, roles]) => {
    const claims = { sub: name, roles, centres: [centre] };
    return [name, await mintToken(key, claims, times)] as const;
  });
  return new Map(await Promise.all(minted));
}

export async function givenAdminToken(dataFolder: string): Promise<string> {
  const text = await readFile(adminTokenPath(dataFolder), "utf8").catch(() => null);
  if (text === null) throw noServer(dataFolder);
  return text.trim();
}

function noServer(dataFolder: string): NoStory {
  return new NoStory(
    `no server has run in ${dataFolder}: start one there first, or set SEVENSTEP_DATA`,
  );
}
