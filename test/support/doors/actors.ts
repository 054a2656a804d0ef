import { uuidOf } from "@dais/contracts/kit/ids";
import { makePerson } from "../people.ts";
import type { RestClient } from "../rest.ts";
import { restClient } from "../rest.ts";
import { jobSource, type World } from "./world.ts";

/** What may be taken away from somebody, each by an operation. */
export const revocations = ["disable", "role", "clearance", "signOut", "key", "agent", "program"] as const;
export type Revocation = (typeof revocations)[number];
export type With = "session" | "token" | "key";

/** Somebody who comes in by several credentials, and what shuts all of them out. */
export type Actor = {
  /** `per_…`, `key_…`, `agt_…` or `prg_…`: who is shut out. */
  id: string;
  revocation: Revocation;
  credentials: Partial<Record<With, string>>;
  /** Whether it ends streams; otherwise they go on and tell nothing. */
  ends: boolean;
  /** The uuid of a job that goes on for them, where it ends with them. */
  job: string | null;
  /** Resolves with the answer. */
  revoke(): Promise<void>;
};

const permissions = ["signal.read", "signal.reclassify"];
const clearance = "secret";

/** Makes somebody new. `slot`: nobody else has the same one meanwhile. `at`: the process at which they are shut out. */
export async function actor(of: World, revocation: Revocation, slot: number, at: number): Promise<Actor> {
  const admin = await of.admin(at);
  const made = await makers[
    revocation === "key" || revocation === "agent" || revocation === "program" ? revocation : "person"
  ](of, admin);
  const [path, body] = doings[revocation](made.id);
  const { session, key } = made.credentials;
  const worker = ["disable", "role", "key"].includes(revocation) ? (session ?? key) : undefined;
  return {
    id: made.id,
    revocation,
    credentials: revocation === "signOut" ? { ...made.credentials, key: undefined } : made.credentials,
    ends: !["role", "clearance"].includes(revocation),
    job: worker ? await job(of, worker, slot) : null,
    revoke: async () => void (await done(admin, path, body)),
  };
}

const reason = "A test of the doors.";
const doings: Record<Revocation, (id: string) => [path: string, body: object]> = {
  disable: (id) => [`/people/${id}/disable`, { reason }],
  role: (id) => [`/people/${id}/revoke-role`, { role: "admin" }],
  clearance: (id) => [`/people/${id}/set-clearance`, { version: 1, clearance: "internal" }],
  signOut: (id) => [`/people/${id}/sign-out`, {}],
  key: (id) => [`/api-keys/${id}/revoke`, {}],
  agent: (id) => [`/agents/${id}/suspend`, { version: 1, reason }],
  program: (id) => [`/programs/${id}/disable`, {}],
};

type Made = { id: string; credentials: Actor["credentials"] };
const makers = {
  /** A person who is signed in, has a token in a program's hands, and has made a key. */
  async person({ owner, home, tid, sessions, token, ports }: World, admin: RestClient): Promise<Made> {
    const person = await makePerson(owner, home.tenantId, new Date());
    const oid = crypto.randomUUID();
    await owner`update people set tid = ${tid}, oid = ${oid} where id = ${person.uuid}`;
    const own = restClient(`http://localhost:${ports[0]}`, await person.session({ proven: true, sessions }));
    const key = await done(own, "/api-keys", { name: "own", permissions, clearance });
    const { clientId } = await program(admin, tid);
    const session = await person.session({ sessions });
    return { id: person.id, credentials: { session, token: await token(clientId, oid), key: key.secret } };
  },
  async key(_: World, admin: RestClient): Promise<Made> {
    const { id, secret } = await done(admin, "/api-keys", { name: "a key", permissions, clearance });
    return { id, credentials: { key: secret } };
  },
  async agent({ home, token, tid }: World, admin: RestClient): Promise<Made> {
    const { id: ownerId } = await home.person();
    const its = { permissions: ["signal.read"], clearance };
    const said = { name: "Watch", purpose: "A test.", model: "watch-1", modelVersion: "1", ownerId };
    const { id } = await done(admin, "/agents", { ...said, ...its });
    const { secret } = await done(admin, "/api-keys", { name: "its key", kind: "agent", agentId: id, ...its });
    const { clientId } = await program(admin, tid, { kind: "agent", agentId: id });
    return { id, credentials: { key: secret, token: await token(clientId) } };
  },
  async program({ token, tid }: World, admin: RestClient): Promise<Made> {
    const { id, clientId } = await program(admin, tid);
    return { id, credentials: { token: await token(clientId) } };
  },
};

async function program(admin: RestClient, directory: string, more: object = {}) {
  const clientId = crypto.randomUUID();
  const { id } = await done(admin, "/programs", { name: "Importer", directory, clientId, clearance, ...more });
  return { id: id as string, clientId };
}

/** Begins work in the background for whoever holds a credential, and waits until it is in the middle of it. */
async function job({ ports, owner }: World, credential: string, slot: number): Promise<string> {
  const said = { label: "flood", severity: "severe", confidence: 0.9, rationale: "All of these are floods." };
  const api = restClient(`http://localhost:${ports[slot % ports.length]}`, credential);
  const { jobId } = await done(api, "/signals/reclassify", { filters: { source: jobSource(slot) }, ...said });
  const id = uuidOf(jobId);
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const [row] = await owner`select done from jobs where id = ${id}`;
    if (row?.done > 0) return id;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("The job did not begin.");
}

async function done(api: RestClient, path: string, body: object) {
  const answer = await api.post(path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
