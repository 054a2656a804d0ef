import { permissions } from "@dais/contracts";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Sessions } from "@dais/kernel/sessions";
import { makeAgent } from "../agents.ts";
import { setRequest } from "../briefings.ts";
import { asOwner } from "../owner.ts";
import { type Place, place } from "../place.ts";
import { setDeadCommand, setDeadLetter, setIntegration, setJob } from "../things.ts";
import { sealedLog } from "./log.ts";
import type { Face } from "./speak.ts";

export type Seat = {
  name: string;
  face: Face;
  place: Place;
  actors: (string | null)[];
  ids: Map<string, string[]>;
  /** A cosignature of its log. */
  line: string;
  /** The newest that it was given; null where it was given none yet. */
  cursor: { newest: string | null; place: string | null };
  versions: Map<string, number>;
};

/** An organisation for a face, with what no call brings about: it starts out the same for each. */
export async function seat(name: string, face: Face, n: number, now: Date, sessions: Sessions): Promise<Seat> {
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
  const queue = await setIntegration(home, newId());
  const commands = [newId(), newId(), newId()];
  for (const id of commands) await setDeadCommand(home, { id, integration_id: uuidOf(queue) });
  const request = await setRequest(home, "2026-01-06", newId());
  await sql`insert into directories (tid, tenant_id, makes_people) values (${home.slug}, ${home.tenantId}, false)`;
  const owner = await home.person({ name: "Huda", roles: ["admin"], uuid: newId() });
  const its = { ownerId: owner.uuid, permissions: Object.keys(permissions), uuid: newId() };
  const agent = { id: await makeAgent(sql, home.tenantId, now, its) };
  const { line, ...log } = await sealedLog(home, newId, now);
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
      ["int", [queue]],
      ["dlc", commands.map((id) => idOf("dlc", id))],
      ["brq", [idOf("brq", request)]],
      ["per", people],
      ["ses", ids],
      ...Object.entries(log),
    ]),
    line,
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
