import type { Operation } from "@dais/contracts/kit/derive";
import { type IdKind, idKinds, idOf } from "@dais/contracts/kit/ids";
import { z } from "zod";
import { asOwner } from "./owner.ts";
import type { Place } from "./place.ts";
import { type Reply, type RestClient, restClient } from "./rest.ts";
import { aSignal } from "./samples.ts";

/** An organisation with a way to speak to the server as its administrator. */
export type Home = { place: Place; api: RestClient };
type Maker = (home: Home) => Promise<string>;

/** Makes one real thing of a kind and answers with its public id. A kind that stands in an address needs its maker here. */
const makers: Partial<Record<IdKind, Maker>> = {
  org: async ({ place }) => idOf("org", place.tenantId),
  ent: async ({ place }) => place.entities.company,
  sig: async ({ api }) => (await api.post("/signals", aSignal())).body.signal.id,
  key: async ({ api }) =>
    (await api.post("/api-keys", { name: "one", permissions: ["signal.read"], clearance: "public" })).body.id,
  pos: ({ place }) => setPosture(place, {}),
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
  const { method, path } = operation.meta.openapi;
  const rest = { ...input };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { [name]: value } = rest;
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (operation.kind === "command") return restClient(url, key).send(filled, { method, body: rest, headers });
  const search = new URLSearchParams(
    Object.entries(rest).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)])),
  );
  return restClient(url, key).send(`${filled}?${search}`, { method, headers });
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
