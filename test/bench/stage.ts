import { randomBytes } from "node:crypto";
import { permissions } from "@dais/contracts";
import { sha256 } from "@dais/kernel/canonical";
import { newKeyText } from "@dais/kernel/keys";
import { readConnection } from "@dais/local/connection";
import { type PostgresConnection, startPostgres } from "@dais/local/postgres";
import { findRedis } from "@dais/local/redis";
import postgres from "postgres";
import { dropDatabase, testDatabase } from "../support/database.ts";
import { fill } from "./fill.ts";

export type Tenant = { id: string; slug: string; key: string; company: string };

/** A real Postgres and a real Redis with something in them. */
export type Stage = {
  postgres: PostgresConnection;
  redis: string;
  /** The database as its owner sees it. */
  owner: postgres.Sql;
  tenants: Tenant[];
  versions: { postgres: string; redis: string };
  stop(): Promise<void>;
};

/** Sets the stage in a database of its own: `rows` signals spread evenly over `tenants` organisations. */
export async function setStage({ tenants: many = 10, rows = 200_000 } = {}): Promise<Stage> {
  const redis = await findRedis();
  const { DATABASE_URL: url } = process.env;
  const server = url
    ? { connection: readConnection(url), stop: async () => {} }
    : await startPostgres({ temporary: true, settings: { shared_buffers: "512MB", max_wal_size: "4GB" } });
  const connection = await testDatabase(server.connection);
  const owner = postgres({ ...connection, max: 2, onnotice: () => {} });
  const tenants: Tenant[] = [];
  for (let n = 0; n < many; n++) tenants.push(await tenant(owner, `bench-${n}`));
  await fill(owner, tenants, rows);
  return {
    postgres: connection,
    redis: redis.url,
    owner,
    tenants,
    versions: { postgres: await postgresVersion(owner), redis: await redisVersion(redis.url) },
    async stop() {
      await owner.end();
      await dropDatabase(connection);
      await Promise.all([server.stop(), redis.stop()]);
    },
  };
}

/** An organisation with an entity, and a key that may do everything. */
export async function tenant(owner: postgres.Sql, slug: string): Promise<Tenant> {
  const levels = ["public", "internal", "confidential", "secret"];
  const settings = {
    classifications: levels.map((key) => ({ key, name: { en: key, ar: null } })),
    languages: ["en", "ar"],
  };
  const [id, company, now] = [crypto.randomUUID(), crypto.randomUUID(), new Date()] as const;
  const key = newKeyText(slug, randomBytes);
  const may = [...Object.keys(permissions), "bench.read"];
  await owner`insert into organisations (id, slug, name_en, time_zone, settings, created_at, updated_at)
    values (${id}, ${slug}, 'Bench', 'Asia/Dubai', ${owner.json(settings)}, ${now}, ${now})`;
  await owner`insert into entities (id, tenant_id, key, name_en, kind, created_at, updated_at)
    values (${company}, ${id}, 'company', 'Company', 'company', ${now}, ${now})`;
  await owner`insert into api_keys (id, tenant_id, hash, name, kind, permissions, clearance, created_by, created_at)
    values (${crypto.randomUUID()}, ${id}, ${sha256(key)}, 'bench', 'client', ${may}, 'confidential', 'bench', ${now})`;
  return { id, slug, key, company };
}

async function postgresVersion(owner: postgres.Sql): Promise<string> {
  const [row] = await owner`show server_version`;
  return row?.server_version;
}

async function redisVersion(url: string): Promise<string> {
  const { Redis } = await import("ioredis");
  const redis = new Redis(url);
  const info = await redis.info("server");
  redis.disconnect();
  return /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown";
}
