import { randomUUID } from "node:crypto";
import { uuidOf } from "@dais/contracts/kit/ids";
import { acknowledging, ingesting } from "./calls.ts";
import type { Effect } from "./equal.ts";
import { once } from "./load.ts";
import type { Tenant } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** Has a server report a signal, the same whoever is asked. */
export async function ingested(subject: Subject, tenant: Tenant): Promise<Effect> {
  const { body } = await once({ subject, next: () => ingesting(tenant, null, randomUUID()), status: 201 });
  const answer = JSON.parse(body);
  return { answer, uuid: uuidOf(answer.signal.id) };
}

export async function acknowledged(subject: Subject, tenant: Tenant, { uuid, answer }: Effect): Promise<Effect> {
  const { id } = answer.signal as { id: string };
  const { body } = await once({ subject, next: () => acknowledging(tenant, id, randomUUID()), status: 200 });
  return { answer: JSON.parse(body), uuid };
}
