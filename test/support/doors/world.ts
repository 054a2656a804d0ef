import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { serverLogin } from "@dais/drizzle/login";
import { type Issuer, startIssuer } from "@dais/issuer";
import { connectRedis } from "@dais/kernel/redis";
import type { Sessions } from "@dais/kernel/sessions";
import { redisSessions } from "@dais/kernel/sessions-redis";
import type { PostgresConnection } from "@dais/local/postgres";
import { decodeJwt } from "jose";
import type postgres from "postgres";
import { type Place as Home, place } from "../place.ts";
import { type RestClient, restClient } from "../rest.ts";
import { aSignal } from "../samples.ts";

/** What a server's process is told. */
export type Place = {
  connection: PostgresConnection;
  redis: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  graphUrl: string;
};

/** Two processes on one Postgres and one Redis, an organisation, and an issuer whose tokens they take. */
export type World = {
  ports: readonly number[];
  owner: postgres.Sql;
  home: Home;
  tid: string;
  /** A secret signal, which whoever may read, by any door. */
  signalId: string;
  sessions: Sessions;
  /** Somebody who may do everything, with a second factor that is proven now, at one of the processes. */
  admin(process: number): Promise<RestClient>;
  /** A token of the issuer's for one of its applications: for itself, or for a person. */
  token(clientId: string, oid?: string): Promise<string>;
  /** Reports a secret signal: what streams tell of. */
  report(): Promise<void>;
  stop(): Promise<void>;
};

/** How many signals the job of each actor goes through: more than it can in the time that it is given. */
export const jobSignals = 4000;
/** Whose signals an actor's job goes through, so that no two wait for each other's. */
export const jobSource = (slot: number) => `slot-${slot}`;

/** `postgres`: a database of its own, as its owner: whoever runs jobs takes all that there are. `redis`: as the processes reach it. */
export async function world(options: {
  postgres: PostgresConnection;
  owner: postgres.Sql;
  redis: string;
  slots: number;
}): Promise<World> {
  const { owner, redis } = options;
  const home = await place({ owner });
  const [tid, clientId, clientSecret] = [crypto.randomUUID(), crypto.randomUUID(), randomBytes(16).toString("hex")];
  const api = { clientId, uri: `api://${clientId}`, scopes: ["access"] };
  const own = { clientId, clientSecret, redirectUris: ["http://localhost:1/callback"], appRoles: ["integration"] };
  const issuer = await startIssuer({
    ...{ nodeEnv: "test", clients: [own], apis: [api] },
    tenants: [{ tid, name: "Rimal Holding", people: [] }],
  });
  await owner`insert into directories (tid, tenant_id, makes_people) values (${tid}, ${home.tenantId}, true)`;
  await owner`insert into directory_rules (tenant_id, kind, value, role) values (${home.tenantId}, 'app_role', 'integration', 'integration')`;
  // Nobody here reads how they came about.
  await owner.unsafe("alter table signals disable trigger signals_made");
  for (let slot = 0; slot < options.slots; slot += 1)
    await owner.unsafe(manySignals, [home.tenantId, jobSignals, jobSource(slot)]);
  await owner.unsafe("alter table signals enable trigger signals_made");

  const connection = await serverLogin(options.postgres, "dais_doors_login", "only on this machine");
  const { graphUrl } = issuer;
  const at: Place = { connection, redis, issuer: issuer.issuerOf(tid), clientId, clientSecret, graphUrl };
  const servers = await Promise.all([start(at), start(at)]);
  const ports = servers.map(({ port }) => port);
  const line = await connectRedis(redis);
  const sessions = redisSessions(line, { idleMs: 30 * 60_000, now: () => new Date(), random: randomBytes });
  const urlOf = (n: number) => `http://localhost:${ports[n % ports.length]}`;
  const boss = await home.person();
  const reporter = restClient(urlOf(0), await home.key({ permissions: ["signal.ingest"] }));
  const report = () => reporter.post("/signals", aSignal({ classification: "secret", title: crypto.randomUUID() }));
  const template = await honest(issuer, tid, own, api.uri);

  return {
    ...{ ports, owner, home, tid, sessions, signalId: (await report()).body.signal.id as string },
    admin: async (n) => restClient(urlOf(n), await boss.session({ proven: true, sessions })),
    token: (azp, oid) =>
      issuer.sign({
        ...template,
        azp,
        ...(oid ? { ...{ idtyp: undefined, roles: undefined }, oid, scp: "access" } : {}),
      } as never),
    report: async () => void (await report()),
    async stop() {
      for (const { child } of servers) child.disconnect();
      await Promise.all(servers.map(({ ended }) => ended));
      line.disconnect();
      await issuer.stop();
    },
  };
}

async function start(at: Place) {
  const child: ChildProcess = fork(join(import.meta.dirname, "serve.ts"), [JSON.stringify(at)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: [],
  });
  const ended = once(child, "exit");
  const [port] = (await Promise.race([
    once(child, "message"),
    ended.then(() => Promise.reject(new Error("A server ended before it served."))),
  ])) as [number];
  return { child, port, ended };
}

/** What the issuer itself says in a token. */
async function honest(
  issuer: Issuer,
  tid: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  uri: string,
) {
  const body = new URLSearchParams({
    ...{ grant_type: "client_credentials", scope: `${uri}/.default` },
    ...{ client_id: clientId, client_secret: clientSecret },
  });
  const answer = await fetch(`${issuer.url}/${tid}/oauth2/v2.0/token`, { method: "POST", body });
  return decodeJwt(((await answer.json()) as { access_token: string }).access_token);
}

const manySignals = `
  insert into signals (id, tenant_id, source, title, body, severity, category, classification, language, occurred_at, reported_at, state,
    created_at, updated_at)
  select gen_random_uuid(), $1, $3, 'Report ' || n, '', 'minor', 'met', 'internal', 'en', at, at, 'new', at, at
  from generate_series(1, $2::int) n, lateral (select timestamptz '2026-01-01' as at) t`;
