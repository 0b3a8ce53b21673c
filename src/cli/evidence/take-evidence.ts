/** Takes an order's evidence from a running server, or from the database itself. */

import { isJsonObject } from "../../../machines/json.ts";
import { createClient, NoAnswerError } from "../../client/client.ts";
import { adminTokenPath } from "../../http/data-folder.ts";
import type { Disclosure } from "../../runtime/contracts/evidence.ts";
import type { Caller } from "../../runtime/engine.ts";
import { createEvidence } from "../../runtime/evidence.ts";
import { createHistoryLog } from "../../runtime/history-log.ts";
import { systemClock } from "../../runtime/platform.ts";
import { isWithoutDatabase } from "../../store/claim-folder.ts";
import { FolderLocked } from "../../store/errors.ts";
import { readText } from "../../store/files.ts";
import { readEnvironment, type Environment, type Variables } from "../environment.ts";
import { ownDatabase } from "../own-database.ts";
import type { EvidenceWords } from "./words.ts";

export interface Wanted {
  readonly order: string;
  readonly disclose: Disclosure;
  readonly url?: string;
  readonly token?: string;
}

/** There is none to be had, for a reason that its reader can do something about. */
export class NoEvidence extends Error {
  override readonly name = "NoEvidence";
}

/**
 * Without an address it is the database that the environment names; where a server has the embedded one open, that server.
 * @throws {NoEvidence}
 */
export async function takeEvidence(
  wanted: Wanted,
  variables: Variables,
  words: EvidenceWords,
): Promise<string> {
  const environment = readEnvironment(variables);
  const { databaseUrl, dataFolder, host, port } = environment;
  if (wanted.url !== undefined) return fromServer(wanted.url, wanted, environment, words);
  if (databaseUrl === undefined && isWithoutDatabase(dataFolder)) {
    throw new NoEvidence(words.noServer(dataFolder));
  }
  try {
    return await fromDatabase(wanted, environment);
  } catch (error) {
    if (!(error instanceof FolderLocked)) throw error;
  }
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return fromServer(url, wanted, environment, words);
}

/** Whoever holds the database and the keys reads what an admin reads. */
const OPERATOR: Caller = { sub: "operator", roles: ["admin"], centres: null };

async function fromDatabase(
  { order, disclose }: Wanted,
  environment: Environment,
): Promise<string> {
  const { store, library, keyring, close } = await ownDatabase(environment);
  try {
    const deaf = { subscribe: () => () => undefined };
    const log = createHistoryLog({ store, bus: deaf, clock: systemClock });
    const found = await createEvidence({ store, library, keyring, log })(OPERATOR, order, disclose);
    if (found.kind === "refused") throw new NoEvidence(found.detail);
    return found.text;
  } finally {
    await close();
  }
}

async function fromServer(
  url: string,
  { order, disclose, token }: Wanted,
  { dataFolder }: Environment,
  words: EvidenceWords,
): Promise<string> {
  const own = token ?? (await readText(adminTokenPath(dataFolder)));
  if (own === null) throw new NoEvidence(words.noServer(dataFolder));
  const choice = encodeURIComponent(typeof disclose === "string" ? disclose : disclose.join(","));
  const path = `/v1/work-orders/${encodeURIComponent(order)}/evidence?disclose=${choice}`;
  try {
    const headers = { accept: "application/x-ndjson" };
    const answer = await createClient({ url, token: own.trim() }).send(path, { headers });
    if (answer.ok) return await answer.text();
    const problem: unknown = await answer.json();
    const detail = isJsonObject(problem) ? problem["detail"] : undefined;
    throw new NoEvidence(typeof detail === "string" ? detail : `${answer.status}`);
  } catch (error) {
    if (error instanceof NoAnswerError) throw new NoEvidence(words.unreachable(url));
    throw error;
  }
}
