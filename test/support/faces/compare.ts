import { permissions } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { type IdKind, idKinds, idOf } from "@dais/contracts/kit/ids";
import type { Sessions } from "@dais/kernel/sessions";
import { makeAgent } from "../agents.ts";
import { asOwner } from "../owner.ts";
import { type Place, place } from "../place.ts";
import { aSignal } from "../samples.ts";
import { setDeadLetter, setJob } from "../things.ts";
import { agentActor, type Call, type Ref } from "./generate.ts";
import { type Face, overRpc, type Said } from "./speak.ts";

export type Difference = { at: number | "audit" | "events"; call?: Call; said: Record<string, unknown> };
/** The server's clock and sessions, a way to have everything written that is still buffered, and somebody who counts. */
export type Stage = {
  clock: { time: number };
  sessions: Sessions;
  settle: () => Promise<void>;
  tally: (operation: string, said: Said) => void;
};
type Seat = {
  name: string;
  face: Face;
  place: Place;
  actors: (string | null)[];
  ids: Map<string, string[]>;
  /** The newest that it was given; null where it was given none yet. */
  cursor: { newest: string | null; place: string | null };
  versions: Map<string, number>;
};

/**
 * How many actors take part: all permissions, a reader, a low clearance, an agent that nobody registered, a stranger, nobody, a registered
 * agent, a person who proved no second factor, and last an administrator who just did.
 */
export const actors = 9;

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
  const { clock, sessions, settle, tally } = stage;
  const start = new Date(clock.time);
  const seats = await Promise.all(Object.entries(faces).map(([name, face], n) => seat(name, face, n, start, sessions)));
  for (const call of opening) {
    const operation = operations.get(call.operation) as Operation;
    await Promise.all(seats.map((one) => take(url, operation, call, { ...one, name: "rpc", face: overRpc })));
  }
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

/** Two groups of three signals, which are near each other, some other signals, two feeds, and two groups of people to begin with. */
const opening: Call[] = [
  {
    operation: "signals.ingestBatch",
    input: {
      items: [
        ...[10, 10, 10, 20, 20, 20].map((lat, n) =>
          aSignal({ title: `Flood watch ${n}`, place: { points: [{ lat, lon: 55 }] } }),
        ),
        ...["public", "internal", "internal", "secret", "internal"].map((classification) =>
          aSignal({ classification }),
        ),
      ],
    },
  },
  { operation: "signalGroups.list", input: {} },
  ...signalWork(),
  ...feeds(),
  ...["Floods", "Fires", "Roads"].map((name) => ({
    operation: "signalViews.create",
    input: { name, filters: { text: name } },
  })),
  ...["Crisis team", "Executive committee"].map((en) => ({
    operation: "groups.create",
    input: { name: { en }, ownerId: { $ref: "per", n: 0 } },
  })),
  ...credentials(),
  ...proposals(),
  {
    operation: "delegations.create",
    input: {
      ...{ fromId: { $ref: "per", n: 1 }, toId: { $ref: "per", n: 2 }, moves: ["signal.acknowledge"] },
      ...{ startsAt: "2031-01-12T04:00:00.000Z", until: "2031-01-19T04:00:00.000Z", reason: "A test." },
    },
  },
  ...[5, 7, 8].map((n) => ({
    operation: "signals.acknowledge",
    input: { id: { $ref: "sig", n }, version: { $version: true } },
    actor: agentActor,
  })),
].map((call) => ({ actor: 0, ...call, key: null, ifMatch: false }));

/** Changes of posture that somebody may decide about: of the organisation, and of each entity. */
function proposals() {
  const said = { level: "critical", reason: "Water in the yard of the site." };
  return [{}, { entityId: { $ref: "ent", n: 0 } }, { entityId: { $ref: "ent", n: 1 } }, {}].map((more) => ({
    operation: "posture.propose",
    input: { ...said, ...more },
  }));
}

/** Agents, one of them suspended, and an application of the seat's directory, let in by who has just proven a second factor. */
function credentials() {
  const its = { clearance: "internal", permissions: ["signal.read"], model: "watch-1", modelVersion: "1" };
  const agent = { name: "Night watch", purpose: "A test.", ownerId: { $ref: "per", n: 0 }, ...its };
  const program = { name: "Importer", directory: { $directory: true }, clientId: "importer", clearance: "internal" };
  const stop = { id: { $ref: "agt", n: 1 }, version: 1, reason: "It is looked at." };
  return [
    { operation: "agents.register", input: agent, actor: actors - 1 },
    { operation: "agents.register", input: agent, actor: actors - 1 },
    { operation: "agents.suspend", input: stop, actor: actors - 1 },
    { operation: "programs.create", input: program, actor: actors - 1 },
  ];
}

/** A signal that was dismissed, some that were acknowledged, one that somebody should look at, and a note and a link beside one. */
function signalWork() {
  const at = (n: number) => ({ id: { $ref: "sig", n }, version: { $version: true } });
  const [dismissed, acknowledged, doubted, worked] = [at(2), at(4), { $ref: "sig", n: 1 }, { $ref: "sig", n: 0 }];
  const said = { label: "flood", severity: "minor", confidence: 0.1, rationale: "A guess." };
  return [
    { operation: "signals.acknowledge", input: dismissed },
    ...[acknowledged, at(5), at(6)].map((input) => ({ operation: "signals.acknowledge", input })),
    { operation: "signals.dismiss", input: { ...dismissed, reason: "A test of the sirens." } },
    { operation: "signals.assess", input: { id: doubted, ...said } },
    { operation: "signals.addNote", input: { id: worked, body: "Called the data centre." } },
    { operation: "signals.addLink", input: { id: worked, target: "https://dais.example/page" } },
  ];
}

/** Two feeds, one of which is switched off. */
function feeds() {
  const said = { name: "Weather", url: "https://alerts.example/", everyMinutes: 5, classification: "internal" };
  return [
    { operation: "signalFeeds.create", input: { ...said, source: "weather" } },
    { operation: "signalFeeds.create", input: { ...said, source: "rivers", enabled: false } },
  ];
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

async function seat(name: string, face: Face, n: number, now: Date, sessions: Sessions): Promise<Seat> {
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
  const jobs = [newId(), newId(), newId()];
  for (const id of jobs) await setJob(home, { id });
  const letters = [newId(), newId(), newId()];
  for (const id of letters) await setDeadLetter(home, { id, event_id: newId() });
  await sql`insert into directories (tid, tenant_id, makes_people) values (${home.slug}, ${home.tenantId}, false)`;
  const owner = await home.person({ name: "Huda", roles: ["admin"], uuid: newId() });
  const its = { ownerId: owner.uuid, permissions: Object.keys(permissions), uuid: newId() };
  const agent = { id: await makeAgent(sql, home.tenantId, now, its) };
  const { people, signedIn, ids } = await crowd(home, newId, now.getTime(), sessions);
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
      await home.key({ agent }),
      ...signedIn,
    ],
    ids: new Map([
      ["org", [idOf("org", home.tenantId)]],
      ["ent", Object.values(home.entities)],
      ["job", jobs.map((id) => idOf("job", id))],
      ["dlt", letters.map((id) => idOf("dlt", id))],
      ["per", people],
      ["ses", ids],
    ]),
    cursor: { newest: null, place: null },
    versions: new Map(),
  };
}

/** People, so that none of those who call is the first to be changed, and the sessions of those two. */
async function crowd(home: Place, newId: () => string, openedAt: number, sessions: Sessions) {
  const person = (name: string, roles: string[]) => home.person({ name, roles, uuid: newId() });
  const others = [await person("Amal", []), await person("Basma", ["admin"]), await person("Ziad", ["executive"])];
  const [reader, admin] = [await person("Maha", ["executive"]), await person("Noura", ["admin", "approver"])];
  const opened = (ms: number) => ({ sessions, openedAt: openedAt + ms, proven: true });
  const signedIn = [await reader.session({ ...opened(0), proven: false }), await admin.session(opened(0))];
  for (const ms of [1, 2, 3]) await admin.session(opened(ms));
  const listed = await sessions.list({ tenantId: home.tenantId, personId: admin.id });
  return { people: [...others, reader, admin].map(({ id }) => id), signedIn, ids: listed.map(({ id }) => id) };
}

/** References become the face's own ids; past the last one, an id that nothing has. */
function resolved(value: unknown, seat: Seat): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, seat));
  if (value === null || typeof value !== "object") return value;
  if ("$version" in value) return value;
  if ("$cursor" in value) return seat.cursor.newest;
  if ("$place" in value) return seat.cursor.place;
  if ("$directory" in value) return seat.place.slug;
  if ("$ref" in value) {
    const { $ref, n } = value as Ref;
    return seat.ids.get($ref)?.[n] ?? idOf($ref as IdKind, `01890a5d-ac96-774b-bcce-0000000000${10 + n}`);
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

/** What is said, without what must differ: ids by their number, no request ids, slugs, secrets and cursors. */
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
      .replace(anId, (id, kind: string) => `<${kind} ${(seat.ids.get(kind) ?? []).indexOf(id)}>`),
  );
}

/**
 * What differs by chance, by request, by signature, with the ids that lie in a file or that it is a digest of or, where Redis measures it, by
 * time. A last use is written behind the calls.
 */
const apart = new Set([
  ...["secret", "nextCursor", "lastEventId", "lastSeenAt", "requestId", "requestid"],
  ...["sha256", "inputHash", "effectHash", "contentSha256"],
]);

const trail = (seat: Seat) => asOwner()`
  select at, outcome, actor_kind, actor_id, operation, action, resource_type, resource_version, classification, event, from_state, to_state, changed, changes, reason, problem, decision, idempotency_key
  from audit where tenant_id = ${seat.place.tenantId} order by at, seq`;
const events = (seat: Seat) => asOwner()`
  select name, occurred_at, resource_type, resource_version, classification, payload, actor_id from outbox where tenant_id = ${seat.place.tenantId} order by seq`;
