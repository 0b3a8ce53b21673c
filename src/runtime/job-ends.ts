/** A worker outside ends its job: completed with an output, failed for now, or failed for good. */

import type { Job, Rejected } from "../../machines/order.ts";
import type { JobLease } from "../store/contracts/jobs.ts";
import { applyEvent, orderOf, type Applied, type Attempt } from "./apply.ts";
import { actorsOf } from "./caller.ts";
import type { CompleteJob, FailJob } from "./contracts/jobs.ts";
import { claimName, endedJob, endOf, isSameEnd } from "./ended-job.ts";
import type { Caller, OrderResult, WriteOptions } from "./engine.ts";
import { jobNotFound } from "./job-answers.ts";
import { isHeld, roleRefusal } from "./job-claims.ts";
import { backoffMs, jobContract, workersOf } from "./job-contract.ts";
import { failing } from "./job-failure.ts";
import { parseJobId, type JobId } from "./job-id.ts";
import type { Random } from "./ports.ts";
import { keyOf, recordRefusal } from "./recorded.ts";
import { refusedBy } from "./refusal.ts";
import type { OpenDecision } from "./seals.ts";
import {
  answerNow,
  leaseLost,
  refusing,
  writeOrder,
  type On,
  type OrderWriting,
  type Verdict,
} from "./write-order.ts";

export interface JobEnding extends OrderWriting {
  readonly random: Random;
}

interface Asked {
  readonly caller: Caller;
  readonly id: string;
  readonly options: WriteOptions;
}

/** An output that the order can't take is refused, and the lease goes on: the worker may correct itself. */
export function completeJob(
  ports: JobEnding,
  asked: Asked,
  { output = {}, leaseToken }: CompleteJob,
): Promise<OrderResult> {
  const { caller, id } = asked;
  const before = async (job: JobId): Promise<OrderResult> => {
    const end = await endOf(ports.store, job);
    const claim = { sub: caller.sub, leaseToken, output };
    return (await isSameEnd(ports, job.orderId, end, claim))
      ? answerNow(ports, caller, job.orderId, jobNotFound(id))
      : endedJob(end, id);
  };
  return endJob(ports, asked, { leaseToken, before }, (held, on) => {
    const payload = { job: held.job.id, output, claim: claimName(held.lease) };
    const applied = apply(ports, asked, held, on, { type: "job.completed", payload });
    if (applied.kind === "rejected") return refusing(refusedBy(applied));
    return { kind: "write", write: applied.write, result: { kind: "applied", applied } };
  });
}

export function failJob(
  ports: JobEnding,
  asked: Asked,
  { error, retryable, retryAfterSeconds, leaseToken }: FailJob,
): Promise<OrderResult> {
  const before = async (job: JobId): Promise<OrderResult> =>
    endedJob(await endOf(ports.store, job), asked.id);
  return endJob(ports, asked, { leaseToken, before }, (held, on) => {
    const { job, lease, attempts } = held;
    const contract = jobContract(on.executable, job.type);
    if (retryable && attempts <= contract.retries) {
      const retryInMs =
        retryAfterSeconds === undefined ? backoffMs(contract, attempts) : retryAfterSeconds * 1_000;
      return { kind: "release", lease, retryInMs, result: { kind: "aside" } };
    }
    const { type, payload, incident } = failing(job, error, { claim: claimName(lease) });
    const applied = apply(ports, asked, held, on, { type, payload });
    return applied.kind === "rejected"
      ? { kind: "incident", incident: incident(applied), lease, result: { kind: "aside" } }
      : { kind: "write", write: applied.write, result: { kind: "applied", applied } };
  });
}

/** The job and the claim that ends it. */
interface Held {
  readonly job: Job;
  readonly lease: JobLease;
  readonly attempts: number;
}

interface End {
  readonly leaseToken: string | undefined;
  /** What is answered when the job has ended before. */
  readonly before: (job: JobId) => Promise<OrderResult>;
}

/**
 * The claim is looked up before the order is locked, and held by its token when it is written: whoever claims in between
 * has it, and this end is refused.
 */
async function endJob(
  ports: JobEnding,
  { caller, id, options }: Asked,
  { leaseToken, before }: End,
  decide: (held: Held, on: On) => OpenDecision<Verdict>,
): Promise<OrderResult> {
  const parsed = parseJobId(id);
  if (parsed === null) {
    const key = options.idempotency && keyOf(caller, options.idempotency);
    return recordRefusal(ports, caller, key, jobNotFound(id));
  }
  const last = await ports.store.jobs.lastClaim(parsed.orderId, parsed.id);
  const request = { caller, orderId: parsed.orderId, options, absent: jobNotFound(id) };
  return writeOrder(ports, request, (on) => {
    const job = orderOf(on.current).snapshot.jobs.find((open) => open.id === parsed.id);
    if (job === undefined) {
      return { kind: "leave", result: { kind: "asked", ask: () => before(parsed) } };
    }
    const refusal = roleRefusal(caller, job.type, jobContract(on.executable, job.type));
    if (refusal !== null) return refusing(refusal);
    if (last === null || !isHeld(last, caller, leaseToken)) return refusing(leaseLost());
    const lease: JobLease = { ...last.lease, must: "be last" };
    return decide({ job, lease, attempts: last.attempts }, on);
  });
}

function apply(
  { random }: JobEnding,
  { caller }: Asked,
  { job, lease }: Held,
  { executable, current, now }: On,
  event: Pick<Attempt, "type" | "payload">,
): Applied | Rejected {
  const actors = actorsOf(caller, workersOf(jobContract(executable, job.type)), current.centre);
  return applyEvent(executable, current, now, { ...event, actors, lease }, random);
}
