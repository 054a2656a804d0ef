import { operations } from "@dais/contracts";
import type { AuditEntry } from "@dais/contracts/audit";
import type { Ctx } from "@dais/kernel/context";

/** Of the schema that these events are written to. @see https://schema.ocsf.io/1.6.0/ */
const version = "1.6.0";

type Class = { uid: number; name: string; category: number; categoryName: string };
const apiActivity: Class = { uid: 6003, name: "API Activity", category: 6, categoryName: "Application Activity" };
const iam = { category: 3, categoryName: "Identity & Access Management" };
const authentication: Class = { uid: 3002, name: "Authentication", ...iam };
const accountChange: Class = { uid: 3001, name: "Account Change", ...iam };
type Activity = readonly [Class, number, string];

/** What is no ordinary call of the API: signing in and out, and what becomes of accounts. */
const special: Readonly<Record<string, Activity>> = {
  "person.sign_in": [authentication, 1, "Logon"],
  "session.step_up": [authentication, 1, "Logon"],
  "session.end": [authentication, 2, "Logoff"],
  "session.revoke": [authentication, 2, "Logoff"],
  "person.enable": [accountChange, 2, "Enable"],
  "person.disable": [accountChange, 5, "Disable"],
  "person.grant_role": [accountChange, 7, "Attach Policy"],
  "person.revoke_role": [accountChange, 8, "Detach Policy"],
};

/** What a call of the API does, by the method of its REST form. */
const byMethod = {
  GET: [2, "Read"],
  POST: [3, "Update"],
  PATCH: [3, "Update"],
  PUT: [3, "Update"],
  DELETE: [4, "Delete"],
};

/**
 * An entry as an event of the Open Cybersecurity Schema Framework. What the schema has no place for is in `unmapped`, under our own names.
 * @see https://schema.ocsf.io/1.6.0/classes/api_activity
 */
export const ocsf =
  (ctx: Pick<Ctx, "tenant" | "publicUrl">) =>
  (entry: AuditEntry): Record<string, unknown> => {
    const [its, activity, activityName] = activityOf(entry);
    const failed = entry.outcome === "refused";
    const user = userOf(entry.actorId, entry.actorKind);
    const session = entry.sessionId === null ? {} : { session: { uid: entry.sessionId } };
    const source = entry.address === null ? { name: "unknown" } : { ip: entry.address };
    return {
      class_uid: its.uid,
      class_name: its.name,
      category_uid: its.category,
      category_name: its.categoryName,
      activity_id: activity,
      activity_name: activityName,
      type_uid: its.uid * 100 + activity,
      type_name: `${its.name}: ${activityName}`,
      time: Date.parse(entry.at),
      severity_id: failed ? 2 : 1,
      severity: failed ? "Low" : "Informational",
      status_id: failed ? 2 : 1,
      status: failed ? "Failure" : "Success",
      ...(entry.problem !== null && { status_code: entry.problem }),
      ...(entry.reason !== null && { message: entry.reason }),
      metadata: {
        version,
        product: { name: "Dais", vendor_name: "Dais", url_string: ctx.publicUrl },
        uid: entry.id,
        event_code: entry.action,
        correlation_uid: entry.requestId,
        log_name: "audit",
        tenant_uid: ctx.tenant.slug,
        ...(entry.withheld || entry.erased ? { labels: [entry.withheld ? "withheld" : "erased"] } : {}),
      },
      actor: {
        user,
        ...session,
        authorizations: [{ decision: failed ? "Denied" : "Allowed", policy: { name: entry.action } }],
      },
      src_endpoint: source,
      ...(its === apiActivity ? apiOf(entry) : accountOf(entry)),
      unmapped: ownOf(entry),
    };
  };

function activityOf({ action, operation, outcome, resourceVersion, fromState, event }: AuditEntry): Activity {
  const one = special[action];
  if (one) return one;
  if (outcome === "read") return [apiActivity, 2, "Read"];
  const made = resourceVersion === 1 && fromState === null && (event !== null || /\.(create|add|make)/.test(action));
  if (made) return [apiActivity, 1, "Create"];
  const method = operations.get(operation)?.meta.openapi.method;
  const [id, name] = method ? byMethod[method] : [99, "Other"];
  return [apiActivity, id as number, name as string];
}

const apiOf = ({ operation, requestId, resourceId, resourceType, resourceVersion, problem }: AuditEntry) => ({
  api: {
    operation,
    service: { name: operation.split(".")[0] },
    request: { uid: requestId },
    ...(problem !== null && { response: { error: problem } }),
  },
  resources: [
    {
      type: resourceType,
      ...(resourceId !== null && { uid: resourceId }),
      ...(resourceVersion !== null && { version: String(resourceVersion) }),
    },
  ],
});

/** Whose sign-in or account it is: of a person's the person, otherwise whoever did it. */
const accountOf = ({ resourceId, actorId, actorKind, onBehalfOf }: AuditEntry) => ({
  user: resourceId?.startsWith("per_") ? userOf(resourceId, "user") : userOf(onBehalfOf ?? actorId, actorKind),
  service: { name: "Dais" },
});

/** `type_id`: 1 a person, 3 the system, 99 something else. */
const userOf = (uid: string, kind: AuditEntry["actorKind"]) =>
  kind === "user"
    ? { uid, type_id: 1, type: "User" }
    : kind === "system"
      ? { uid, type_id: 3, type: "System" }
      : { uid, type_id: 99, type: kind };

function ownOf(entry: AuditEntry) {
  const {
    operation,
    onBehalfOf,
    outcome,
    persons,
    agentModel,
    agentVersion,
    classification,
    event,
    fromState,
    toState,
    changed,
  } = entry;
  const { beforeDigest, afterDigest, changes, decision, traceId, idempotencyKey, erased, withheld } = entry;
  return {
    ...{
      operation,
      onBehalfOf,
      outcome,
      persons,
      agentModel,
      agentVersion,
      classification,
      event,
      fromState,
      toState,
      changed,
    },
    ...{ beforeDigest, afterDigest, changes, decision, traceId, idempotencyKey, erased, withheld },
  };
}
