/**
 * Plays a first start through, on a folder that is thrown away: what Node compiled for it stays in the code cache, and the
 * real first start takes half as long. Whatever goes wrong here goes no further: a start without it is slow and nothing else.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const LAUNCHER = fileURLToPath(new URL("sevenstep.js", import.meta.url));
/** Where the definitions lie that the order is made by. */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LIMIT_MS = 60_000;

/** The first of its lines that has an address is the one that says that it listens. */
const listening = z.object({ url: z.url() });

/** @returns whether it went as it should */
export async function rehearse(): Promise<boolean> {
  const home = await mkdtemp(join(tmpdir(), "sevenstep-rehearsal-"));
  const dataFolder = join(home, "data");
  const server = spawn(process.execPath, [LAUNCHER, "serve"], {
    cwd: ROOT,
    env: environmentIn(dataFolder),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(server, "close").catch(() => null);
  const limit = setTimeout(() => server.kill("SIGKILL"), LIMIT_MS);
  try {
    const url = await addressOf(server);
    return url !== null && (await firstOrder(url, dataFolder));
  } catch {
    return false;
  } finally {
    // By its own end it keeps what it compiled.
    server.kill("SIGTERM");
    await ended;
    clearTimeout(limit);
    await rm(home, { recursive: true, force: true });
  }
}

/** Nothing of the operator's own: neither a database nor a port. */
function environmentIn(dataFolder: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(SEVENSTEP_|OIDC_|OTEL_|DATABASE_URL$|HOST$|PORT$|LOG_LEVEL$)/.test(name),
  );
  const ours = { HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "info", SEVENSTEP_DATA: dataFolder };
  return { ...Object.fromEntries(own), ...ours };
}

async function addressOf({ stdout }: ChildProcess): Promise<string | null> {
  if (stdout === null) return null;
  for await (const line of createInterface({ input: stdout })) {
    const said = listening.safeParse(JSON.parse(line));
    if (!said.success) continue;
    // What it says from now on is for nobody, and must not keep it waiting.
    stdout.resume();
    return said.data.url;
  }
  return null;
}

async function firstOrder(url: string, dataFolder: string): Promise<boolean> {
  const token = (await readFile(join(dataFolder, "admin-token"), "utf8")).trim();
  const answer = await fetch(new URL("/v1/work-orders", url), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      process: "service-visit",
      data: {
        customer: { name: "A", phone: "1" },
        vehicle: { plate: "A", vin: "B", model: "C" },
      },
    }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  await answer.arrayBuffer();
  return answer.ok;
}
