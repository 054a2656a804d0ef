import type { Operation } from "@dais/contracts/kit/derive";
import { type IdKind, idKinds, idOf, uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { z } from "zod";
import { makeAgent } from "./agents.ts";
import { asked } from "./asked.ts";
import { aBriefing, setRequest } from "./briefings.ts";
import { aRunningDispatch, aTemplate, setOptOut } from "./dispatches.ts";
import { setNotification } from "./notifications.ts";
import { asOwner } from "./owner.ts";
import type { Place } from "./place.ts";
import { proposed } from "./proposals.ts";
import { type Reply, type RestClient, restClient } from "./rest.ts";
import { aSignal } from "./samples.ts";
import { sealedNow } from "./sealing.ts";
import { addWitness } from "./witness.ts";

/** An organisation with a way to speak to the server as its administrator. */
export type Home = { place: Place; api: RestClient };
type Maker = (home: Home) => Promise<string>;

let places = 0;

/** Makes one real thing of a kind and answers with its public id. A kind that stands in an address needs its maker here. */
const makers: Partial<Record<IdKind, Maker>> = {
  org: async ({ place }) => idOf("org", place.tenantId),
  act: async (home) => {
    const said = { title: "Call the supplier", classification: "internal", ownerId: await make("per", home) };
    return (await home.api.post("/actions", said)).body.id;
  },
  chk: async (home) =>
    (await home.api.post(`/actions/${await make("act", home)}/add-item`, { text: "A test." })).body.id,
  ent: async ({ place }) => place.entities.company,
  sig: async ({ api }) => (await api.post("/signals", aSignal())).body.signal.id,
  sgr: async ({ api }) => {
    // Somewhere of its own, so that each call makes another group.
    const [lat, lon] = [(places % 160) - 80, Math.floor(places / 160) - 180];
    places += 1;
    const somewhere = { points: [{ lat, lon }], polygons: [], circles: [] };
    const items = ["Flood watch", "Flood warning", "Road closed"].map((title) => aSignal({ title, place: somewhere }));
    const made = await api.post("/signals/batch", { items });
    return (await api.get(`/signals/${made.body.items[0].id}`)).body.groupId;
  },
  asm: async (home) => {
    const said = { label: "flood", severity: "minor", confidence: 0.9, rationale: "A test." };
    return (await home.api.post(`/signals/${await make("sig", home)}/assess`, said)).body.assessment.id;
  },
  nte: async (home) =>
    (await home.api.post(`/signals/${await make("sig", home)}/add-note`, { body: "A test." })).body.id,
  lnk: async (home) => {
    const said = { target: "https://dais.example/page" };
    return (await home.api.post(`/signals/${await make("sig", home)}/add-link`, said)).body.link.id;
  },
  viw: async ({ api }) =>
    (await api.post("/signal-views", { name: "Floods", filters: { text: "flood", severity: ["severe"] } })).body.id,
  key: async ({ api }) =>
    (await api.post("/api-keys", { name: "one", permissions: ["signal.read"], clearance: "public" })).body.id,
  pos: async ({ api }) => {
    // Of an entity of its own, so that none is in another's way.
    const entity = { key: `e${crypto.randomUUID()}`, name: { en: "Site" }, kind: "company" };
    const { id: entityId } = (await api.post("/entities", entity)).body;
    const said = { entityId, level: "elevated", reason: "A test of the sirens." };
    return (await api.post("/posture/changes", said)).body.id;
  },
  // Somebody who may make moves, and so delegate them.
  per: async ({ place }) => (await place.person({ roles: ["operational"] })).id,
  grp: async (home) => {
    const said = { name: { en: "Crisis team" }, ownerId: await make("per", home) };
    return (await home.api.post("/groups", said)).body.id;
  },
  ses: async ({ place, api }) => {
    const person = await place.person({ roles: [] });
    await person.session();
    return (await api.get(`/people/${person.id}/sessions`)).body.items[0].id;
  },
  fed: async ({ api }) => {
    const said = {
      ...{ name: "Weather", classification: "internal", everyMinutes: 5 },
      source: `wx-${crypto.randomUUID()}`,
    };
    return (await api.post("/signal-feeds", { ...said, url: "https://alerts.example/feed.xml" })).body.id;
  },
  job: ({ place }) => setJob(place),
  dlt: ({ place }) => setDeadLetter(place),
  agt: ({ place }) => setAgent(place),
  dlg: ({ place }) => setDelegation(place),
  apr: async ({ place, api }) => {
    await place.person({ roles: ["approver"] });
    const said = { title: "Cooling units for hall 4", classification: "internal", approvers: ["approval.approve"] };
    return (await api.post("/approvals", said)).body.id;
  },
  aud: async (home) => {
    await make("key", home);
    return sealedNow(home.place);
  },
  ers: async (home) => {
    const said = { entryIds: [await make("aud", home)], reason: "A test of the law." };
    return (await home.api.post("/erasures", said)).body.id;
  },
  prp: async (home) => (await proposed(home)).id,
  prg: ({ place }) => setProgram(place),
  whk: async ({ api }) => {
    const said = { name: "Duty desk", url: "https://hooks.example.org/dais", classification: "internal" };
    return (await api.post("/webhooks", said)).body.id;
  },
  int: ({ place }) => setIntegration(place),
  dlc: ({ place }) => setDeadCommand(place),
  whd: async (home) => (await home.api.post(`/webhooks/${await make("whk", home)}/test`, {})).body.deliveryId,
  wit: (home) => addWitness(home),
  brf: async ({ api, place }) => {
    const { id } = await place.person({ roles: [] });
    return (await api.post("/briefings", aBriefing({ audience: { personIds: [id] } }))).body.id;
  },
  mtp: async ({ api }) => (await api.post("/message-templates", dayTemplate())).body.id,
  dsp: (home) => aRunningDispatch(home),
  dre: async (home) =>
    (await home.api.get(`/dispatch-recipients?dispatchId=${await make("dsp", home)}`)).body.items[0].id,
  ntf: (home) => setNotification(home),
  opt: ({ place }) => setOptOut(place),
  brq: async ({ place }) => {
    // A day of its own: there is one for each.
    places += 1;
    return idOf("brq", await setRequest(place, new Date(Date.UTC(2026, 0, 6 + places)).toISOString().slice(0, 10)));
  },
};

/** With the variable that examples give a value. */
const dayTemplate = () => {
  const text = { subject: "{{day}}", body: "{{day}}", short: "{{day}}" };
  return aTemplate({ variables: [{ name: "day", about: "Which day." }], languages: { en: text, ar: text } });
};

export async function make(kind: IdKind, home: Home): Promise<string> {
  const maker = makers[kind];
  if (!maker)
    throw new Error(`Nobody knows how to make a ${idKinds[kind]} (${kind}_…): add a maker to test/support/things.ts.`);
  return maker(home);
}

/** The kind of thing that an operation's `{id}` names, or null where its address has none. */
export function kindOf({ input, meta, path }: Operation): IdKind | null {
  if (!meta.openapi.path.includes("{id}")) return null;
  const { pattern } = z.toJSONSchema(input.shape.id as z.ZodType) as { pattern?: string };
  const kind = (Object.keys(idKinds) as IdKind[]).find((one) => pattern?.startsWith(`^${one}_`));
  if (!kind) throw new Error(`${path}: what kind of id is its {id}?`);
  return kind;
}

const anId = new RegExp(`^(${Object.keys(idKinds).join("|")})_[0-7][0-9a-hjkmnp-tv-z]{25}$`);

/** An example's input with each id in it replaced by that of a real thing of the same kind. */
export async function withThings(value: unknown, home: Home): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((one) => withThings(one, home)));
  if (typeof value === "string") return anId.test(value) ? make(value.slice(0, 3) as IdKind, home) : value;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([name, one]) => [name, await withThings(one, home)])),
  );
}

/** A valid input of an operation: its first example's, in this organisation. */
export const inputOf = async (operation: Operation, home: Home): Promise<Record<string, unknown>> =>
  (await withThings(operation.meta.examples[0]?.input ?? {}, home)) as Record<string, unknown>;

/** Sends an operation's input over REST: path, query and body as its contract places them. */
export function call(
  url: string,
  key: string | null,
  operation: Operation,
  input: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const { path, ...request } = asked(operation, input);
  return restClient(url, key).send(path, { ...request, headers: { ...request.headers, ...headers } });
}

/** Writes a change of posture, as operations room software will; answers with its id. */
export async function setPosture(
  { tenantId }: Place,
  change: { level?: string; rank?: number; since?: string; entity?: string | null },
): Promise<string> {
  const { level = "normal", rank = 0, since = "2026-01-06T04:00:00.000Z", entity = null } = change;
  const id = crypto.randomUUID();
  await asOwner()`insert into posture (id, tenant_id, entity_id, level, rank, reason, source, since)
    values (${id}, ${tenantId}, ${entity}, ${level}, ${rank}, 'A test.', 'test', ${since})`;
  return idOf("pos", id);
}

/** Registers an agent, with an owner of its own; answers with its id. */
export async function setAgent(here: Place): Promise<string> {
  const owner = await here.person({ roles: [] });
  return makeAgent(asOwner(), here.tenantId, new Date(), { ownerId: owner.uuid });
}

/** Lets an application of a directory in; answers with its id. */
export async function setProgram({ tenantId }: Place): Promise<string> {
  const [id, now] = [crypto.randomUUID(), new Date()];
  await asOwner()`insert into programs (id, tenant_id, tid, client_id, name, kind, clearance, created_by, created_at, updated_at)
    values (${id}, ${tenantId}, ${crypto.randomUUID()}, ${id}, 'Test program', 'client', 'public', 'test', ${now}, ${now})`;
  return idOf("prg", id);
}

/** Puts two people, a group, a deputy, a directory and a rule of it into an organisation: something of each table that is about people. */
export async function setPeople(here: Place, api: RestClient): Promise<void> {
  const [one, other] = [await here.person(), await here.person()];
  const { body } = await api.post("/groups", { name: { en: "Crisis team" }, ownerId: one.id });
  await api.post(`/groups/${body.id}/add-member`, { memberId: other.id });
  const deputies = [{ personId: other.id, fromDay: "2026-02-02", toDay: "2026-02-06" }];
  await api.post(`/people/${one.id}/set-deputies`, { version: 1, deputies });
  await asOwner()`insert into directories (tid, tenant_id, makes_people) values (${one.tid}, ${here.tenantId}, true)`;
  await asOwner()`insert into directory_rules (tenant_id, kind, value, role) values (${here.tenantId}, 'group', 'one', 'admin')`;
}

/** Lets somebody acknowledge signals for an operations officer, by default for a month from now on; answers with the delegation's id. */
export async function setDelegation(here: Place, fields: Record<string, unknown> = {}): Promise<string> {
  const sql = asOwner();
  const [from, to] = [await here.person({ roles: ["operational"] }), await here.person({ roles: ["executive"] })];
  const now = new Date();
  const row = {
    id: crypto.randomUUID(),
    tenant_id: here.tenantId,
    from_id: from.uuid,
    to_id: to.uuid,
    moves: ["signal.acknowledge"],
    starts_at: now,
    until: new Date(now.getTime() + 30 * 86_400_000),
    reason: "A test.",
    created_by: from.id,
    created_at: now,
    updated_at: now,
    ...fields,
  };
  await sql`insert into delegations ${sql(row)}`;
  return idOf("dlg", row.id);
}

/** Has an agent wait for somebody to let it go on, within a term of the organisation's own: something of each table about waiting. */
export async function setWaiting({ place: here, api }: Home): Promise<void> {
  await api.post("/terms/set", { machine: "agent", state: "suspended", term: { amount: 24, unit: "hours" } });
  const id = await setAgent(here);
  await api.post(`/agents/${id}/suspend`, { version: 1, reason: "A test." });
}

/** Makes an action, with something beside it of each kind. */
export async function setAction(home: Home): Promise<string> {
  const id = await make("act", home);
  const said: [string, object][] = [
    ["add-item", { text: "A test." }],
    ["add-note", { body: "A test." }],
    ["add-evidence", { url: "https://dais.example/page" }],
    ["watch", { personId: await make("per", home) }],
  ];
  for (const [verb, body] of said) await home.api.post(`/actions/${id}/${verb}`, body);
  return id;
}

/** Puts a job into an organisation, by default one that has failed; answers with its id. */
export async function setJob({ tenantId }: Place, fields: Record<string, unknown> = {}): Promise<string> {
  const sql = asOwner();
  const row = {
    id: crypto.randomUUID(),
    tenant_id: tenantId,
    name: "entities.test",
    data: sql.json({ n: 1 }),
    state: "failed",
    run: crypto.randomUUID(),
    attempts: 3,
    retry_limit: 2,
    retry_delay_seconds: 0,
    retry_backoff: false,
    expire_seconds: 60,
    error_code: "internal",
    error_message: "A test",
    request_id: "request-of-the-test",
    created_at: "2026-01-06T04:00:00.000Z",
    started_at: "2026-01-06T04:00:01.000Z",
    finished_at: "2026-01-06T04:00:02.000Z",
    version: 7,
    ...fields,
  };
  await sql`insert into jobs ${sql(row)}`;
  return idOf("job", row.id);
}

/** Puts an event that a consumer could not take into an organisation; answers with the dead letter's id. */
export async function setDeadLetter({ tenantId }: Place, fields: Record<string, unknown> = {}): Promise<string> {
  const sql = asOwner();
  const row = {
    id: crypto.randomUUID(),
    tenant_id: tenantId,
    consumer: "nobody.hears",
    seq: 1,
    event_id: crypto.randomUUID(),
    event_name: "signal.ingested",
    resource_type: "signal",
    resource_id: crypto.randomUUID(),
    classification: "internal",
    occurred_at: "2026-01-06T04:00:00.000Z",
    request_id: "request-of-the-test",
    error_code: "internal",
    attempts: 10,
    failed_at: "2026-01-06T05:00:00.000Z",
    ...fields,
  };
  await sql`insert into dead_letters ${sql(row)}`;
  return idOf("dlt", row.id);
}

/** Gives an organisation a service with a queue; answers with its id. */
export async function setIntegration(place: Place, id: string = crypto.randomUUID()): Promise<string> {
  const sql = asOwner();
  const hash = sha256(await place.key());
  await sql`insert into integrations (id, tenant_id, name, key_id, created_by, created_at, updated_at)
    select ${id}, tenant_id, 'Directory sync', id, 'test', created_at, created_at from api_keys where hash = ${hash}`;
  return idOf("int", id);
}

/** Puts a command that came to nothing into an organisation; answers with its id. */
export async function setDeadCommand(
  place: Place,
  fields: { integration_id?: string } & Record<string, unknown> = {},
): Promise<string> {
  const sql = asOwner();
  const row = {
    id: crypto.randomUUID(),
    tenant_id: place.tenantId,
    integration_id: fields.integration_id ?? uuidOf(await setIntegration(place)),
    digest: crypto.randomUUID(),
    operation: "people.disable",
    body: "{}",
    bytes: 2,
    error_code: "forbidden",
    attempts: 1,
    failed_at: "2026-01-06T04:00:00.000Z",
    ...fields,
  };
  await sql`insert into dead_commands ${sql(row)}`;
  return idOf("dlc", row.id);
}

/** A consumer that is behind on a resource. Nobody has it, so nobody tries it again. */
export async function setStall({ tenantId }: Place): Promise<void> {
  const at = "2026-01-06T04:00:00.000Z";
  await asOwner()`insert into stalls (tenant_id, resource_id, consumer, from_seq, attempts, retry_at, since)
    values (${tenantId}, ${crypto.randomUUID()}, 'nobody.hears', 1, 1, ${at}, ${at})`;
}

/** An event that a consumer has taken in. */
export async function setTaken({ tenantId }: Place): Promise<void> {
  await asOwner()`insert into inbox (tenant_id, consumer, event_id, taken_at)
    values (${tenantId}, 'nobody.hears', ${crypto.randomUUID()}, '2026-01-06T04:00:00.000Z')`;
}

/** Proposes a change of posture, and puts levels of its own into an organisation. */
export async function setPostureChange(url: string, home: Home): Promise<void> {
  await make("pos", home);
  const digest = (await home.api.get("/posture/levels")).body.digest;
  const levels = ["normal", "elevated", "alarm"].map((key) => ({ key, name: { en: key }, criteria: { en: key } }));
  const admin = restClient(url, await (await home.place.person()).session({ proven: true }));
  await admin.send("/posture/levels", { method: "PUT", body: { digest, levels } });
}

/** Makes a group of signals and splits it: something of each table that is about groups of signals. */
export async function setSignalGroups(here: Place, api: RestClient): Promise<void> {
  const id = await make("sgr", { place: here, api });
  const { items } = (await api.get(`/signal-groups/${id}/signals`)).body;
  await api.post(`/signal-groups/${id}/split`, { version: 1, signalIds: [items[0].id] });
}

/** Has two people asked to approve something, one of whom has: something of each table of approvals. */
export async function setApproval(url: string, { place, api }: Home): Promise<string> {
  const approvers = await Promise.all([1, 2].map(() => place.person({ roles: ["approver"] })));
  const said = { title: "A test", classification: "internal", approvers: approvers.map(({ id }) => id) };
  const { id } = (await api.post("/approvals", said)).body;
  const first = restClient(url, await (approvers[0] as (typeof approvers)[0]).session({ proven: true }));
  await first.post(`/approvals/${id}/approve`, { version: 1 });
  return id;
}
