import { uuidOf } from "@dais/contracts/kit/ids";
import { acknowledging, creating } from "./calls.ts";
import type { Effect } from "./equal.ts";
import { once } from "./load.ts";
import type { Tenant } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** Has a server add an entity, the same whoever is asked, but for its key. */
export async function created(subject: Subject, tenant: Tenant): Promise<Effect> {
  const { body } = await once({ subject, next: () => creating(tenant), status: 201 });
  const answer = JSON.parse(body);
  return { table: "entities", answer, uuid: uuidOf(answer.id) };
}

/** Has a server acknowledge the new signal with this uuid. */
export async function acknowledged(subject: Subject, tenant: Tenant, uuid: string): Promise<Effect> {
  const { body } = await once({ subject, next: () => acknowledging(tenant, uuid), status: 200 });
  return { table: "signals", answer: JSON.parse(body), uuid };
}
