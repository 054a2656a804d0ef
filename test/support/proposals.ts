import { permissions } from "@dais/contracts";
import { makeAgent } from "./agents.ts";
import { asOwner } from "./owner.ts";
import type { Person } from "./people.ts";
import type { Place } from "./place.ts";
import type { RestClient } from "./rest.ts";
import { aSignal } from "./samples.ts";

/** A registered agent with somebody who answers for it, and a key of it. */
export type Proposer = { id: string; owner: Person; key: string };

type Options = { permissions?: readonly string[]; clearance?: string; owner?: Person; actsFor?: readonly Person[] };

/** Registers an agent that by default may whatever there is, and answers with a key of it. */
export async function proposer(here: Place, of: Options = {}): Promise<Proposer> {
  const { permissions: its = Object.keys(permissions), clearance = "secret", actsFor = [] } = of;
  const owner = of.owner ?? (await here.person());
  const agent = { ownerId: owner.uuid, permissions: its, clearance, actsFor: actsFor.map(({ uuid }) => uuid) };
  const id = await makeAgent(asOwner(), here.tenantId, new Date(), agent);
  return { id, owner, key: await here.key({ permissions: its, clearance, agent: { id } }) };
}

/** A new signal. `api` may report it. */
export const reported = async (api: RestClient, more: object = {}) =>
  (await api.post("/signals", aSignal({ source: crypto.randomUUID(), ...more }))).body.signal;

/** A proposal of an agent's own to acknowledge a new signal, as the agent got it. */
export async function proposed({ place, api }: { place: Place; api: RestClient }) {
  const [{ key }, signal] = [await proposer(place), await reported(api)];
  const answer = await api.as(key).post(`/signals/${signal.id}/acknowledge`, { version: 1 });
  if (answer.status !== 202) throw new Error(`no proposal: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
