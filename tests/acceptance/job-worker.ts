/**
 * A process of several workers, to be killed at any moment: each claims jobs of one type and completes them.
 * It says one line of JSON for each answer that it got: `{ "done": <job> }` or `{ "lost": <job> }`.
 */

import { setTimeout as sleep } from "node:timers/promises";

/** What the process is started with, as JSON in its first argument. */
export interface WorkerOrders {
  readonly urls: readonly string[];
  readonly token: string;
  readonly type: string;
  readonly name: string;
  readonly workers: number;
  /** So many of the workers stop for ever in the middle of their third claim, and tell nobody. */
  readonly vanishing: number;
  readonly max: number;
  readonly leaseSeconds: number;
}

const RETRY_MS = 100;
const MAX_WORK_MS = 20;

const { urls, token, type, name, workers, vanishing, max, leaseSeconds }: WorkerOrders = JSON.parse(
  process.argv[2] ?? "",
);

await Promise.all(Array.from({ length: workers }, (_, index) => work(index)));

async function work(index: number): Promise<void> {
  for (let claims = 1; ; claims += 1) {
    const body = { types: [type], worker: `${name}-${index}`, max, leaseSeconds, waitSeconds: 5 };
    const { body: claimed } = await post(index + claims, "/v1/jobs/claim", body);
    for (const [place, job] of (claimed.items ?? []).entries()) {
      await sleep(Math.random() * MAX_WORK_MS);
      if (index < vanishing && claims >= 3 && place === 0) return;
      const output = { by: `${name}-${index}` };
      const end = { output, leaseToken: job.leaseToken };
      const { status } = await post(index + place, `/v1/jobs/${job.id}/complete`, end);
      process.stdout.write(
        `${JSON.stringify(status === 200 ? { done: job.id } : { lost: job.id })}\n`,
      );
    }
  }
}

/** Asks until an answer comes, of any server: what was sent may have taken effect without one. */
async function post(first: number, path: string, body: object) {
  for (let turn = first; ; turn += 1) {
    try {
      const response = await fetch(new URL(path, urls[turn % urls.length]), {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      if (response.status < 500 && response.status !== 429) {
        return { status: response.status, body: await response.json() };
      }
    } catch {
      // The server is gone, or was killed amid the answer.
    }
    await sleep(RETRY_MS);
  }
}
