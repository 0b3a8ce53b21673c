/** The closed set of chapters into which the OpenAPI document and `/docs` sort the operations, in reading order. */

export const TAGS = [
  {
    name: "Work orders",
    description:
      "A work order is one run of a process: it is created, moved by events, and read. Every accepted event is one revision.",
  },
  {
    name: "History",
    description:
      "What happened, entry by entry, hash-chained; the order as it was at any revision; and the proof that both agree.",
  },
  {
    name: "Audit",
    description:
      "For whoever trusts nobody: the log that all entries stand in, and exports of whole histories for process mining.",
  },
  {
    name: "Personal data",
    description:
      "A person's data as a whole: erased, restricted, or opened although they are restricted, each as a case on the record.",
  },
  { name: "Tasks", description: "What waits for a person, and who has taken it." },
  {
    name: "Jobs",
    description:
      "Service tasks for workers outside: claimed under a lease, then completed, failed or extended.",
  },
  {
    name: "Messages",
    description:
      "News from outside, brought to the one order that waits for it, or kept until one does.",
  },
  {
    name: "Incidents",
    description: "What could not go on by itself, and the person who decides how it does.",
  },
  {
    name: "Streams",
    description: "History entries as they happen, as server-sent events that resume without a gap.",
  },
  {
    name: "Webhooks",
    description:
      "CloudEvents sent to your address, signed by the Standard Webhooks rules, at least once, in order per work order.",
  },
  {
    name: "Definitions",
    description: "Processes and their versions: judged, published, and made the default.",
  },
  { name: "API keys", description: "Long-lived keys for systems, stored as hashes only." },
  {
    name: "Test clocks",
    description: "Virtual clocks: a month of an order's timers in a second.",
  },
  { name: "Operating", description: "Health, metrics, and what problem codes mean." },
] as const;
