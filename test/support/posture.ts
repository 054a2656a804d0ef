import { randomBytes } from "node:crypto";
import { uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { newKeyText } from "@dais/kernel/keys";
import { makeAgent } from "./agents.ts";
import { asOwner } from "./owner.ts";
import type { Person } from "./people.ts";
import { type Place, place } from "./place.ts";
import { type Reply, type RestClient, restClient } from "./rest.ts";
import { setPosture } from "./things.ts";

export const because = "Water in the yard of the site.";
type Wanted = { level?: string; entityId?: string; signalIds?: string[] };

/** An organisation whose posture is `normal`, with people who propose and people who decide. `now` is the server's clock. */
export async function postureRoom(url: string, now: () => number = Date.now) {
  const here = await place();
  await setPosture(here, { level: "normal" });
  /** Speaks as this person, who has just proven a second factor. */
  const as = async (person: Person): Promise<RestClient> =>
    restClient(url, await person.session({ proven: true, openedAt: now() }));
  const officer = await here.person({ roles: ["operational"] });
  const chief = await here.person({ roles: ["executive", "approver"] });
  const proposed = async (api: RestClient, wanted: Wanted = {}): Promise<Reply["body"]> =>
    (await api.post("/posture/changes", { level: "elevated", reason: because, ...wanted })).body;
  const confirmed = async (id: string, by: Person = chief, version = 1): Promise<Reply> =>
    (await as(by)).post(`/posture/changes/${id}/confirm`, { version, reason: because });
  return {
    ...{ here, as, officer, chief, proposed, confirmed },
    /** Brings the posture to a level, by the book. */
    async bringTo(level: string, entityId?: string): Promise<Reply> {
      const { id } = await proposed(await as(officer), { level, ...(entityId && { entityId }) });
      return confirmed(id);
    },
    current: async () => (await (await as(chief)).get("/posture")).body,
    change: async (id: string) => (await (await as(chief)).get(`/posture/changes/${id}`)).body,
  };
}
export type PostureRoom = Awaited<ReturnType<typeof postureRoom>>;

/** A key of a new agent that this person answers for, and the agent's id. */
export async function agentOf(here: Place, owner: Person, clearance = "secret"): Promise<{ id: string; key: string }> {
  const [sql, now] = [asOwner(), new Date()];
  const permissions = ["posture.read", "posture.propose", "posture.withdraw", "posture.confirm", "signal.read"];
  const id = await makeAgent(sql, here.tenantId, now, { ownerId: owner.uuid, permissions, clearance });
  const key = newKeyText(here.slug, randomBytes);
  await sql`insert into api_keys (id, tenant_id, hash, name, kind, permissions, clearance, created_by, created_at, agent_id)
    values (${crypto.randomUUID()}, ${here.tenantId}, ${sha256(key)}, 'test', 'agent', ${permissions}, ${clearance}, 'test', ${now}, ${uuidOf(id)})`;
  return { id, key };
}

/** A key that this person made. */
export async function keyMadeBy(here: Place, maker: Person, more: readonly string[] = []): Promise<string> {
  const key = newKeyText(here.slug, randomBytes);
  await asOwner()`insert into api_keys (id, tenant_id, hash, name, kind, permissions, clearance, created_by, created_at)
    values (${crypto.randomUUID()}, ${here.tenantId}, ${sha256(key)}, 'test', 'client', ${["approval.request", "posture.read", "posture.propose", "posture.withdraw", ...more]}, 'secret',
      ${maker.id}, ${new Date()})`;
  return key;
}

export const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
