import type { Operation } from "@dais/contracts/kit/derive";
import { type IdKind, idKinds, idOf } from "@dais/contracts/kit/ids";
import { asOwner } from "../owner.ts";
import { type Place, place } from "../place.ts";
import { aSignal } from "../samples.ts";
import type { Call, Ref } from "./generate.ts";
import { type Face, overRpc, type Said } from "./speak.ts";

export type Difference = { at: number | "audit" | "events"; call?: Call; said: Record<string, unknown> };
/** The server's clock, a way to have everything written that is still buffered, and somebody who counts. */
export type Stage = {
  clock: { time: number };
  settle: () => Promise<void>;
  tally: (operation: string, said: Said) => void;
};
type Seat = {
  name: string;
  face: Face;
  place: Place;
  actors: (string | null)[];
  ids: Map<string, string[]>;
  cursor: { newest: string };
  versions: Map<string, number>;
};

/** How many actors take part: all permissions, a reader, a low clearance, an agent, a stranger, nobody. */
export const actors = 6;

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
  const { clock, settle, tally } = stage;
  const start = new Date(clock.time);
  const seats = await Promise.all(Object.entries(faces).map(([name, face], n) => seat(name, face, n, start)));
  await Promise.all(
    seats.map((one) =>
      take(url, operations.get("signals.ingestBatch") as Operation, opening, { ...one, face: overRpc }),
    ),
  );
  const found: Difference[] = [];
  for (const [at, call] of calls.entries()) {
    clock.time += 1000;
    const said = await Promise.all(
      seats.map((one) => take(url, operations.get(call.operation) as Operation, call, one)),
    );
    const plain = said.map((one, n) => normal(one, seats[n] as Seat));
    tally(call.operation, said[0] as Said);
    if (differ(plain)) found.push({ at, call, said: named(seats, plain) });
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

/** Some signals to begin with. */
const opening: Call = {
  operation: "signals.ingestBatch",
  input: {
    items: ["public", "internal", "internal", "secret", "internal"].map((classification) =>
      aSignal({ classification }),
    ),
  },
  actor: 0,
  key: null,
  ifMatch: false,
};

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

async function seat(name: string, face: Face, n: number, now: Date): Promise<Seat> {
  let made = 0;
  const run = crypto.randomUUID().slice(24);
  const newId = () => {
    made += 1;
    return `01890a5d-ac96-7${String(made).padStart(3, "0")}-8${n}00-${run}`;
  };
  const home = await place({ now, newId });
  const sql = asOwner();
  for (const [days, level] of [
    [2, "normal"],
    [1, "elevated"],
  ] as const)
    await sql`insert into posture (id, tenant_id, level, rank, reason, source, since) values (${newId()}, ${home.tenantId}, ${level}, 1, 'test', 'test', ${new Date(now.getTime() - days * 86_400_000)})`;
  const reader = ["signal.read", "posture.read", "entity.read", "organisation.read", "api_key.read"];
  return {
    name,
    face,
    place: home,
    actors: [
      await home.key(),
      await home.key({ permissions: reader }),
      await home.key({ clearance: "internal" }),
      await home.key({ kind: "agent" }),
      `dais_${home.slug}_${"A".repeat(49)}`,
      null,
    ],
    ids: new Map([
      ["org", [idOf("org", home.tenantId)]],
      ["ent", Object.values(home.entities)],
    ]),
    cursor: { newest: "none yet" },
    versions: new Map(),
  };
}

/** References become the face's own ids; past the last one, an id that nothing has. */
function resolved(value: unknown, seat: Seat): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, seat));
  if (value === null || typeof value !== "object") return value;
  if ("$version" in value) return value;
  if ("$cursor" in value) return seat.cursor.newest;
  if ("$ref" in value) {
    const { $ref, n } = value as Ref;
    return seat.ids.get($ref)?.[n] ?? idOf($ref as IdKind, `01890a5d-ac96-774b-bcce-0000000000${10 + n}`);
  }
  const fields = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, seat)]));
  const seen = seat.versions.get(String(fields.id)) ?? 1;
  return isSeen(fields.version) ? { ...fields, version: seen } : fields;
}

const isSeen = (version: unknown) => typeof version === "object" && version !== null && "$version" in version;

const anId = new RegExp(`\\b(${Object.keys(idKinds).join("|")})_[0-7][0-9a-hjkmnp-tv-z]{25}\\b`, "g");

/** Remembers ids in the order in which they are first seen, the newest cursor, and each thing's version. */
function learn(output: Record<string, unknown>, seat: Seat): void {
  if (typeof output.nextCursor === "string") seat.cursor.newest = output.nextCursor;
  JSON.stringify(output, (_, one) => {
    if (one?.id && one.version) seat.versions.set(one.id, one.version);
    return one;
  });
  for (const [id, kind] of JSON.stringify(output).matchAll(anId)) {
    const ids = seat.ids.get(kind as string) ?? [];
    if (!ids.includes(id)) seat.ids.set(kind as string, [...ids, id]);
  }
}

/** What is said, without what must differ: ids by their number, no request ids, slugs, secrets and cursors. */
function normal(value: unknown, seat: Seat): unknown {
  if (value && typeof value === "object" && "problem" in value) {
    const { code, status, title, type, version, state, event, permission, permissions, errors } = (
      value as { problem: Record<string, unknown> }
    ).problem;
    // REST says of a field also where in the request it lies.
    const field = (pointer: string) =>
      seat.name === "rest" ? pointer.replace(/^\/(body|query|path)(?=\/|$)/, "") : pointer;
    const where = (errors as { pointer: string; code: string }[] | undefined)
      ?.map((one) => `${field(one.pointer)} ${code === "invalid_input" ? "" : one.code}`)
      .sort();
    return normal({ code, status, title, type, version, state, event, permission, permissions, where }, seat);
  }
  const text = JSON.stringify(value, (name, one) =>
    name === "secret" && one ? "<secret>" : name === "nextCursor" && one ? "<cursor>" : one,
  );
  return JSON.parse(
    text
      .replaceAll(seat.place.slug, "<slug>")
      .replace(anId, (id, kind: string) => `<${kind} ${(seat.ids.get(kind) ?? []).indexOf(id)}>`),
  );
}

const trail = (seat: Seat) => asOwner()`
  select at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_version, classification, event, from_state, to_state, changed, changes, reason, problem, decision, idempotency_key
  from audit where tenant_id = ${seat.place.tenantId} order by at, seq`;
const events = (seat: Seat) => asOwner()`
  select name, occurred_at, resource_type, resource_version, classification, payload, actor_id from outbox where tenant_id = ${seat.place.tenantId} order by seq`;
