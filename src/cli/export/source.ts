/** Where an export comes from: the database that the environment names, or a server by its address and a token. */

import { createRebuild } from "../../audit/rebuild.ts";
import { createClient } from "../../client/client.ts";
import { adminTokenPath } from "../../http/data-folder.ts";
import { createLibrary } from "../../runtime/definitions.ts";
import type { ExportReading } from "../../runtime/exported-histories.ts";
import type { ExportRequest } from "../../runtime/export-text.ts";
import { FolderLocked } from "../../store/errors.ts";
import { readText } from "../../store/files.ts";
import { openStore } from "../../store/open.ts";
import { isWithoutDatabase } from "../../store/claim-folder.ts";
import { readEnvironment, type Variables } from "../environment.ts";
import type { Access } from "../histories/choose.ts";
import { NoHistories } from "../histories/histories.ts";
import { serverDefinition } from "../histories/server-definition.ts";
import { refusedBy, toldBy } from "../histories/told-by.ts";

export interface DatabaseSource {
  readonly kind: "database";
  readonly reading: ExportReading;
  readonly close: () => Promise<void>;
}

export interface ServerSource {
  readonly kind: "server";
  readonly text: (request: ExportRequest) => AsyncGenerator<string>;
  /** Its canonical text; null: the server has none with this digest. */
  readonly definition: (process: string, digest: string) => Promise<string | null>;
}

export type ExportSource = DatabaseSource | ServerSource;

/** Without an address the database; where a server has the embedded one open, that server. */
export async function exportSource(access: Access, variables: Variables): Promise<ExportSource> {
  const environment = readEnvironment(variables);
  const { databaseUrl, dataFolder, host, port } = environment;
  if (access.url !== undefined) return served(access.url, access, dataFolder);
  if (databaseUrl === undefined && isWithoutDatabase(dataFolder)) throw noServer(dataFolder);
  try {
    const store = await openStore({ ...environment, ports: { rebuild: createRebuild() } });
    await store.migrate();
    return {
      kind: "database",
      reading: { store, library: createLibrary(store) },
      close: () => store.close(),
    };
  } catch (error) {
    if (!(error instanceof FolderLocked)) throw error;
  }
  return served(`http://${host.includes(":") ? `[${host}]` : host}:${port}`, access, dataFolder);
}

async function served(
  url: string,
  { token: given }: Access,
  dataFolder: string,
): Promise<ExportSource> {
  const token = given ?? (await readText(adminTokenPath(dataFolder)));
  if (token === null) throw noServer(dataFolder);
  const { api, send } = createClient({ url, token: token.trim() });
  return {
    kind: "server",
    text: (request) => answered(send, request),
    definition: (process, digest) => serverDefinition(api, process, digest),
  };
}

async function* answered(
  send: ReturnType<typeof createClient>["send"],
  { format, from, to, process, centre }: ExportRequest,
): AsyncGenerator<string> {
  const query = new URLSearchParams({
    format,
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { to: new Date(to).toISOString() }),
    ...(process === undefined ? {} : { process }),
    ...(centre === undefined ? {} : { centre }),
  });
  const answer = await toldBy(() =>
    send(`/v1/audit/export?${query.toString()}`, { headers: { accept: "*/*" } }),
  );
  if (!answer.ok) throw refusedBy(await answer.json());
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) yield decoder.decode(piece, { stream: true });
}

function noServer(dataFolder: string): NoHistories {
  return new NoHistories(
    `no server has run in ${dataFolder}: name another by SEVENSTEP_DATA, or by --url and --token`,
  );
}
