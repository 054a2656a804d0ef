import type { Operation } from "@dais/contracts/kit/derive";
import { type IdKind, idKinds, idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Sessions } from "@dais/kernel/sessions";
import { asOwner } from "../owner.ts";
import { type Call, nobodys, type Ref } from "./generate.ts";
import { opening, printed } from "./opening.ts";
import { type Seat, seat } from "./seat.ts";
import { type Face, overRpc, type Said } from "./speak.ts";

export type Difference = { at: number | "audit" | "events"; call?: Call; said: Record<string, unknown> };
/** The server's clock and sessions, a way to have everything written that is still buffered, and somebody who counts. */
export type Stage = {
  /** Whether one difference is enough: then nothing is sent after it. */
  any?: boolean;
  clock: { time: number };
  sessions: Sessions;
  settle: () => Promise<void>;
  tally: (operation: string, said: Said) => void;
};
/**
 * Sends the same calls over each face, to a tenant of the face's own that started out the same, and answers with every difference:
 * in output, problem or decision, and at the end in the audit trail and the events. Ids are compared by what they stand for.
 */
export async function differences(
  url: string,
  operations: ReadonlyMap<string, Operation>,
  calls: Call[],
  faces: Record<string, Face>,
  stage: Stage,
): Promise<Difference[]> {
  const { clock, sessions, settle, tally, any = false } = stage;
  const start = new Date(clock.time);
  const seats = await Promise.all(Object.entries(faces).map(([name, face], n) => seat(name, face, n, start, sessions)));
  for (const call of opening) {
    // The trail is read in the order of time: refusals are written behind what was done.
    clock.time += 1;
    const operation = operations.get(call.operation) as Operation;
    const said = await Promise.all(
      seats.map((one) => take(url, operation, call, { ...one, name: "rpc", face: overRpc })),
    );
    for (const one of said)
      if ("problem" in one) throw new Error(`the opening's ${call.operation}: ${JSON.stringify(one.problem)}`);
  }
  await Promise.all(seats.map(printed));
  const found: Difference[] = [];
  for (const [at, call] of calls.entries()) {
    clock.time += 1000;
    // What is told of the log depends on what is in it by now: refusals are written behind, and an open transaction of others hides the newest.
    if (call.operation.startsWith("audit.")) await settle();
    const said = await Promise.all(
      seats.map((one) => take(url, operations.get(call.operation) as Operation, call, one)),
    );
    const plain = said.map((one, n) => normal(one, seats[n] as Seat));
    tally(call.operation, said[0] as Said);
    if (differ(plain)) found.push({ at, call, said: named(seats, plain) });
    if (any && found.length > 0) return found;
  }
  await settle();
  for (const [at, rows] of [
    ["audit", trail],
    ["events", events],
  ] as const) {
    const all = await Promise.all(seats.map(async (one) => normal(await rows(one), one)));
    if (differ(all)) found.push({ at, said: named(seats, all) });
  }
  return found;
}

const differ = (all: unknown[]) => new Set(all.map((one) => JSON.stringify(one))).size > 1;
const named = (seats: Seat[], all: unknown[]) => Object.fromEntries(seats.map((one, n) => [one.name, all[n]]));

/** One call over one face. What a face doesn't have is done by another, so that the tenants stay alike; the face must refuse it. */
async function take(url: string, operation: Operation, call: Call, seat: Seat): Promise<Said> {
  const request = {
    operation,
    input: resolved(call.input, seat) as Record<string, unknown>,
    key: seat.actors[call.actor] ?? null,
    idempotencyKey: call.key,
    ifMatch: call.ifMatch,
  };
  const said = await seat.face(url, request);
  if (
    said &&
    !operation.meta.mcp &&
    seat.name === "mcp" &&
    !("problem" in said && said.problem.code === "unauthenticated")
  )
    return { problem: { code: "not a tool, and yet it answered" } };
  const done = said ?? ((await overRpc(url, request)) as Said);
  if (!said && operation.meta.mcp) return { problem: { code: "a tool, and yet it was refused as unknown" } };
  learn("output" in done ? done.output : {}, seat);
  return done;
}

/** References become the face's own ids, or an id that nothing has. */
function resolved(value: unknown, seat: Seat): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, seat));
  if (value === null || typeof value !== "object") return value;
  if ("$version" in value) return value;
  if ("$cursor" in value) return seat.cursor.newest;
  if ("$place" in value) return seat.cursor.place;
  if ("$line" in value) return seat.line;
  if ("$directory" in value) return seat.place.slug;
  if ("$ref" in value) {
    const { $ref, n } = value as Ref;
    const own = n === nobodys ? [] : (seat.ids.get($ref) ?? []);
    return own[n % own.length] ?? idOf($ref as IdKind, `01890a5d-ac96-774b-bcce-0000000000${10 + n}`);
  }
  // A cursor that nobody gave yet is left out.
  const said = Object.entries(value).map(([name, one]) => [name, resolved(one, seat)] as const);
  const fields = Object.fromEntries(said.filter(([name, one]) => one !== null || !/^(cursor|lastEventId)$/.test(name)));
  const seen = seat.versions.get(String(fields.id)) ?? 1;
  return isSeen(fields.version) ? { ...fields, version: seen } : fields;
}

const isSeen = (version: unknown) => typeof version === "object" && version !== null && "$version" in version;

const anId = new RegExp(`\\b(${Object.keys(idKinds).join("|")})_[0-7][0-9a-hjkmnp-tv-z]{25}\\b`, "g");

/** Remembers ids in the order in which they are first seen, the newest cursor, and each thing's version. */
function learn(output: Record<string, unknown>, seat: Seat): void {
  if (typeof output.nextCursor === "string") seat.cursor.newest = output.nextCursor;
  if (typeof output.lastEventId === "string") seat.cursor.place = output.lastEventId;
  JSON.stringify(output, (_, one) => {
    if (one?.id && one.version) seat.versions.set(one.id, one.version);
    return one;
  });
  for (const [id, kind] of JSON.stringify(output).matchAll(anId)) {
    const ids = seat.ids.get(kind as string) ?? [];
    if (!ids.includes(id)) seat.ids.set(kind as string, [...ids, id]);
  }
}

/** What is said, without what must differ: ids by their number, no request ids, slugs, secrets, cursors, or numbers of transactions. */
function normal(value: unknown, seat: Seat): unknown {
  if (value && typeof value === "object" && "problem" in value) {
    const { code, status, title, type, version, state, event, permission, permissions, errors } = (
      value as { problem: Record<string, unknown> }
    ).problem;
    // REST says of a field also where in the request it lies; a document is the whole body.
    const field = (pointer: string) => {
      if (seat.name !== "rest") return pointer;
      return pointer === "/body" ? "/xml" : pointer.replace(/^\/(body|query|path)(?=\/|$)/, "");
    };
    const where = (errors as { pointer: string; code: string }[] | undefined)
      ?.map((one) => `${field(one.pointer)} ${code === "invalid_input" ? "" : one.code}`)
      .sort();
    return normal({ code, status, title, type, version, state, event, permission, permissions, where }, seat);
  }
  const text = JSON.stringify(value, (name, one) =>
    (apart.has(name) && one) || name === "lastUsedAt" ? `<${name}>` : one,
  );
  return JSON.parse(
    text
      .replaceAll(seat.place.slug, "<slug>")
      .replace(/\bthrough=\d+/, "through=<transaction>")
      // Whose copy it is stands on each page of it.
      .replace(/"size":\d+(?=[^{}]*marked=true)/g, '"size":"<size>"')
      .replace(/\/r\/<slug>\/[\w-]{43}/g, "/r/<slug>/<token>")
      .replace(anUuid, (uuid) => nameOf(uuid, seat))
      .replace(anId, (id, kind: string) => `<${kind} ${(seat.ids.get(kind) ?? []).indexOf(id)}>`),
  );
}

const anUuid = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** What an id of the database stands for, where a call has told of it. */
function nameOf(uuid: string, { ids }: Seat): string {
  for (const [kind, known] of ids) {
    const n = known.findIndex((id) => uuidOf(id) === uuid);
    if (n >= 0) return `<${kind} ${n}>`;
  }
  return uuid;
}

/**
 * What differs by chance, by request, by signature, with the ids that lie in a file or that it is a digest of or, where Redis measures it, by
 * time. A last use is written behind the calls.
 */
const apart = new Set([
  ...["secret", "nextCursor", "lastEventId", "lastSeenAt", "requestId", "requestid"],
  ...["sha256", "inputHash", "effectHash", "contentSha256", "entriesSha256", "beforeDigest", "afterDigest"],
  ...["root", "note", "hashes", "proof", "facts", "factsSalt", "contentSalt", "keyId", "vkey", "former"],
]);

const trail = (seat: Seat) => asOwner()`
  select at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_version, classification, event, from_state, to_state, changed, changes, reason, problem, decision, idempotency_key
  from audit where tenant_id = ${seat.place.tenantId} order by at, seq`;
const events = (seat: Seat) => asOwner()`
  select name, occurred_at, resource_type, resource_version, classification, payload, actor_id from outbox where tenant_id = ${seat.place.tenantId} order by seq`;
