/** Where an export comes from: the database that the environment names, or a server by its address and a token. */

import { isJsonObject } from "../../../machines/json.ts";
import { createRebuild } from "../../audit/rebuild.ts";
import { createClient, NoAnswerError } from "../../client/client.ts";
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

export type ExportSource =
  | {
      readonly kind: "database";
      readonly reading: ExportReading;
      readonly close: () => Promise<void>;
    }
  | { readonly kind: "server"; readonly text: (request: ExportRequest) => AsyncGenerator<string> };

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
  const { send } = createClient({ url, token: token.trim() });
  return { kind: "server", text: (request) => answered(send, request) };
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
  if (!answer.ok) {
    const body: unknown = await answer.json();
    const detail = isJsonObject(body) ? body["detail"] : undefined;
    throw new NoHistories(
      typeof detail === "string" ? detail : `the server answered ${answer.status}`,
    );
  }
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) yield decoder.decode(piece, { stream: true });
}

async function toldBy<T>(asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (error) {
    if (error instanceof NoAnswerError) throw new NoHistories(error.message);
    throw error;
  }
}

function noServer(dataFolder: string): NoHistories {
  return new NoHistories(
    `no server has run in ${dataFolder}: name another by SEVENSTEP_DATA, or by --url and --token`,
  );
}
