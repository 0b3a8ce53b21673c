/** Chooses where histories come from: what was named on the command line, else what the environment names. */

import { stat } from "node:fs/promises";
import { adminTokenPath } from "../../http/data-folder.ts";
import { isWithoutDatabase } from "../../store/claim-folder.ts";
import { FolderLocked } from "../../store/errors.ts";
import { readText } from "../../store/files.ts";
import { readEnvironment, type Environment, type Variables } from "../environment.ts";
import { NoHistories, type Histories } from "./histories.ts";
import { ownHistories } from "./own-histories.ts";
import { serverHistories } from "./server-histories.ts";

export interface Access {
  readonly url?: string;
  readonly token?: string;
}

/**
 * With an address, that server, as its admin or by another token. Without one the database that the environment names;
 * where a server has the embedded one open, that server.
 */
export async function chosenHistories(access: Access, variables: Variables): Promise<Histories> {
  const environment = readEnvironment(variables);
  const { databaseUrl, dataFolder } = environment;
  if (access.url !== undefined) return served(access.url, access, environment);
  if (databaseUrl === undefined && isWithoutDatabase(dataFolder)) {
    throw new NoHistories(noServer(dataFolder));
  }
  try {
    return await ownHistories(environment);
  } catch (error) {
    if (!(error instanceof FolderLocked)) throw error;
  }
  const { host, port } = environment;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return served(url, access, environment);
}

async function served(url: string, { token }: Access, { dataFolder }: Environment) {
  const text = token ?? (await readText(adminTokenPath(dataFolder)));
  if (text === null) throw new NoHistories(noServer(dataFolder));
  return serverHistories({ url, token: text.trim() });
}

function noServer(dataFolder: string): string {
  return `no server has run in ${dataFolder}: name another by SEVENSTEP_DATA, or by --url and --token`;
}

export async function kindOf(path: string): Promise<"file" | "folder" | null> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  return found.isDirectory() ? "folder" : "file";
}
