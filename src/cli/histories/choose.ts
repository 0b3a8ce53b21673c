/** Chooses where histories come from: what was named on the command line, else what the environment names. */

import { stat } from "node:fs/promises";
import { givenAdminToken } from "../demo/tokens.ts";
import { NoStory } from "../demo/story-file.ts";
import { readEnvironment, type Variables } from "../environment.ts";
import { NoHistories, type Histories } from "./histories.ts";
import { serverHistories } from "./server-histories.ts";

export interface Access {
  readonly url?: string;
  readonly token?: string;
}

/** The server that the environment names, or another one; as its admin, or by another token. */
export async function chosenHistories(access: Access, variables: Variables): Promise<Histories> {
  const { dataFolder, host, port } = readEnvironment(variables);
  const url = access.url ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return serverHistories({ url, token: access.token ?? (await adminTokenIn(dataFolder)) });
}

export async function kindOf(path: string): Promise<"file" | "folder" | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  return found.isDirectory() ? "folder" : "file";
}

async function adminTokenIn(dataFolder: string): Promise<string> {
  try {
    return await givenAdminToken(dataFolder);
  } catch (error) {
    if (error instanceof NoStory) throw new NoHistories(error.message);
    throw error;
  }
}
