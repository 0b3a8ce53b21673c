/** Written from the OpenAPI document by `npm run generate`. */

import type { ApiKeysPaths } from "./paths/api-keys.ts";
import type { AuditPaths } from "./paths/audit.ts";
import type { DefinitionsPaths } from "./paths/definitions.ts";
import type { HistoryPaths } from "./paths/history.ts";
import type { IncidentsPaths } from "./paths/incidents.ts";
import type { JobsPaths } from "./paths/jobs.ts";
import type { MessagesPaths } from "./paths/messages.ts";
import type { OperatingPaths } from "./paths/operating.ts";
import type { PersonalDataPaths } from "./paths/personal-data.ts";
import type { StreamsPaths } from "./paths/streams.ts";
import type { TasksPaths } from "./paths/tasks.ts";
import type { TestClocksPaths } from "./paths/test-clocks.ts";
import type { WebhooksPaths } from "./paths/webhooks.ts";
import type { WorkOrdersPaths } from "./paths/work-orders.ts";

/** Every operation of the API. */
export interface Paths extends ApiKeysPaths, AuditPaths, DefinitionsPaths, HistoryPaths, IncidentsPaths, JobsPaths, MessagesPaths, OperatingPaths, PersonalDataPaths, StreamsPaths, TasksPaths, TestClocksPaths, WebhooksPaths, WorkOrdersPaths {}
