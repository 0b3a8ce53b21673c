/**
 * Judges definitions in threads of their own, bounded in time and memory: a hostile text ends its thread and holds up no
 * request. Threads are started when they are needed, and stay for the next judgement.
 */

import { Worker } from "node:worker_threads";
import type { FromJudge, Judge, Judgement } from "./judgement.ts";
import type { DefinitionSource } from "./published.ts";

export interface JudgePool {
  readonly judge: Judge;
  /** Ends every thread; what waits is answered `busy`. */
  readonly close: () => Promise<void>;
}

export interface JudgeLimits {
  readonly threads: number;
  /** Judgements that may wait for a thread. */
  readonly waiting: number;
  /** Of the thread's own work: on a busy machine it takes longer by the clock, and that is not the text's fault. */
  readonly cpuMs: number;
  /** By the clock, for a thread to start, and for a judgement on the busiest machine. */
  readonly patienceMs: number;
  /** Of the thread's heap, its code and the document in it included. */
  readonly memoryMb: number;
}

const LIMITS: JudgeLimits = {
  threads: 2,
  waiting: 16,
  cpuMs: 2_000,
  patienceMs: 20_000,
  memoryMb: 96,
};

interface Task {
  readonly source: DefinitionSource;
  readonly settle: (judgement: Judgement) => void;
  readonly fail: (error: Error) => void;
}

/** How often a judgement's work is measured. */
const LOOK_MS = 50;

/** As the main thread has: what a judge could bear, the server must bear when it compiles what was published. */
const STACK_MB = 1;

/** A file of this very kind: `.ts` as it is written, `.js` once the package was built. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const FILE = new URL(`./judge-worker.${EXTENSION}`, import.meta.url);

export function createJudgePool(limits: JudgeLimits = LIMITS): JudgePool {
  const idle: Worker[] = [];
  const waiting: Task[] = [];
  let running = 0;
  let closed = false;

  const next = (): void => {
    while (waiting.length > 0 && running < limits.threads && !closed) {
      const task = waiting.shift();
      if (task === undefined) return;
      running += 1;
      void run(task);
    }
  };

  const keep = (worker: Worker): void => {
    idle.push(worker);
    worker.on("exit", () => {
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
    });
    worker.unref();
  };

  const run = async (task: Task): Promise<void> => {
    const known = idle.pop();
    const worker = known ?? start(limits);
    try {
      const judgement = await judgedBy(worker, known !== undefined, task.source, limits);
      task.settle(judgement);
      if (judgement.kind === "judged" && !closed) keep(worker);
      else await worker.terminate();
    } catch (error) {
      await worker.terminate();
      task.fail(error instanceof Error ? error : new Error("a judgement failed", { cause: error }));
    }
    running -= 1;
    next();
  };

  return {
    judge: (source) =>
      new Promise((resolve, reject) => {
        if (closed || waiting.length >= limits.waiting) {
          resolve({ kind: "busy" });
          return;
        }
        waiting.push({ source, settle: resolve, fail: reject });
        next();
      }),
    close: async () => {
      closed = true;
      for (const { settle } of waiting.splice(0)) settle({ kind: "busy" });
      await Promise.all(idle.splice(0).map((worker) => worker.terminate()));
    },
  };
}

function start({ memoryMb }: JudgeLimits): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: memoryMb, stackSizeMb: STACK_MB };
  const worker = new Worker(FILE, { resourceLimits });
  // What comes when nobody waits for it is nobody's loss; an error that nobody hears would end the process.
  worker.on("error", () => {});
  return worker;
}

/** @param isReady false: it has just been started; its time counts from when it says that it is there */
function judgedBy(
  worker: Worker,
  isReady: boolean,
  source: DefinitionSource,
  { cpuMs, patienceMs }: JudgeLimits,
): Promise<Judgement> {
  return new Promise((resolve, reject) => {
    const watches: NodeJS.Timeout[] = [];
    const end = (settle: () => void): void => {
      for (const each of watches) clearTimeout(each);
      // One by one: without all its listeners, Node's own among them, a thread is heard no more.
      worker.off("message", hear).off("error", fail).off("exit", vanish);
      settle();
    };
    const costly = (): void => end(() => resolve({ kind: "costly" }));
    const ask = (): void => {
      watches.push(setTimeout(costly, patienceMs));
      // Copied, with nothing handed over.
      worker.postMessage(source, []);
    };
    /** @param before what the thread had worked when it began to judge, in microseconds */
    const watch = (before: number): void => {
      const look = async (): Promise<void> => {
        const { user, system } = await worker.cpuUsage();
        if (user + system - before >= cpuMs * 1000) costly();
      };
      // Asked of a thread that has just ended, it fails; its end is told by itself.
      watches.push(setInterval(() => void look().catch(() => {}), LOOK_MS));
    };
    const hear = (message: FromJudge): void => {
      clearTimeout(starting);
      if (message === "ready") ask();
      else if (message.kind === "judging") watch(message.workedUs);
      else end(() => resolve(message));
    };
    const fail = (error: Error): void =>
      end(() => (isExhausted(error) ? resolve({ kind: "costly" }) : reject(error)));
    const vanish = (): void => end(() => reject(new Error("a judge ended before its judgement")));
    const late = new Error(`Expected a judge to start within ${patienceMs} ms, found none.`);
    const starting = setTimeout(() => end(() => reject(late)), patienceMs);
    watches.push(starting);
    worker.on("message", hear).on("error", fail).on("exit", vanish);
    // Whoever waits for the judgement keeps the process alive; a thread with nothing to do does not.
    worker.ref();
    if (!isReady) return;
    clearTimeout(starting);
    ask();
  });
}

/** Out of heap, or of stack. */
function isExhausted(error: Error): boolean {
  return (
    error instanceof RangeError || ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY")
  );
}
