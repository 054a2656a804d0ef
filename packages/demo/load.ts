import type { Log } from "@dais/kernel/context";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Connection } from "@dais/kernel/lane";
import type { Sessions } from "@dais/kernel/sessions";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { loadActions } from "./actions.ts";
import { files, readAlerts } from "./alerts.ts";
import { askApprovals } from "./approvals.ts";
import { brief } from "./briefings.ts";
import { asHolder, settle } from "./calls.ts";
import { setCommunications } from "./communications.ts";
import { falak, rimal } from "./organisations.ts";
import { keyOf } from "./personas.ts";
import { proposePosture } from "./posture.ts";
import { complete, decisions, falakReports, reports } from "./reports.ts";
import { seed } from "./seed.ts";
import { signedIn } from "./signed-in.ts";

/** Any constant will do, as long as every Dais uses the same. */
const lock = 0x6465_6d6f;

export type Demo = {
  /** Name of the organisation to show. */
  organisation: string;
  /** Everybody's keys. `persona` is one of the seven, or `agent`, `integration`, or `falak`: the other organisation's. */
  keys: { persona: string; text: string }[];
  /** False where it was there already. */
  loaded: boolean;
};

type Parts = { connection: Connection; kernel: Kernel; sessions: Sessions; log: Log };

/**
 * Brings the demo into a migrated database: two organisations, their people's keys, the real alerts, a day's decisions. Loading
 * again changes nothing, two at once load once, and a load that was interrupted is taken up where it stopped.
 *
 * Everything that an operation can do goes through dispatch, with its audit entry and its event.
 * @param parts `connection` is a member of dais_app
 * @throws Error in production: the keys are the same on every machine
 */
export async function loadDemo({ connection, kernel, sessions, log }: Parts): Promise<Demo> {
  // biome-ignore lint/style/noProcessEnv: the last guard, whoever calls, must not depend on what the caller says.
  if (process.env.NODE_ENV === "production") throw new Error("The demo's keys are public: it is not for production.");
  const role = { ...connection.connection, role: "dais_app" };
  const sql = postgres({ ...connection, connection: role, max: 1, fetch_types: false, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(${lock})`;
    const loaded = !(await isComplete(sql));
    if (loaded) await load(sql, { kernel, sessions, log });
    const keys = [...rimal.keys, ...falak.keys].map(({ key }) => ({ persona: key, text: keyOf(key) }));
    return { organisation: rimal.name.en, keys, loaded };
  } finally {
    await sql.end(); // and with the connection goes the lock
  }
}

async function isComplete(sql: postgres.Sql): Promise<boolean> {
  await sql`select set_config('dais.tenant', ${falak.id}, false)`;
  const { source, externalId = null } = complete;
  const [row] = await sql`select 1 from signals where source = ${source} and external_id = ${externalId}`;
  return row !== undefined;
}

async function load(sql: postgres.Sql, { kernel, sessions, log }: Omit<Parts, "connection">): Promise<void> {
  const db = drizzle(sql);
  for (const organisation of [rimal, falak]) await seed(db, organisation);
  const known = new Set(await importAlerts(kernel, log));
  for (const [holder, own] of Object.entries(reports))
    for (const id of await asHolder(kernel, holder).ingest(own)) known.add(id);

  const officer = asHolder(kernel, "operations-officer");
  const titles = await officer.titles();
  const seen = [...known].flatMap((id) => {
    const title = titles.get(id);
    return title === undefined ? [] : { id, title };
  });
  for (const { id, ...decision } of decisions(seen)) await settle(officer, id, decision);
  await proposePosture(asHolder(kernel, "agent"), asHolder(kernel, "chief-of-staff"));
  const as = signedIn(kernel, sessions);
  await askApprovals(officer, as);
  await setCommunications(officer, asHolder(kernel, "administrator"));
  await brief({ as, agent: asHolder(kernel, "agent"), officer });
  await loadActions((key) => asHolder(kernel, key), todayIn(rimal.timeZone));
  await asHolder(kernel, "falak").ingest([...falakReports, complete]);
  log.info({ signals: known.size }, "the demo is loaded");
}

/** The day that it is now in a zone. */
const todayIn = (timeZone: string): string => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date());

/** Brings the real alerts in, as anybody would; answers with the signals that they are, in their order. */
async function importAlerts(kernel: Kernel, log: Log): Promise<string[]> {
  const importer = asHolder(kernel, "integration");
  const ids: string[] = [];
  for (const file of files) {
    for (const { outcome, identifier, signalId, findings } of await importer.ingestCap(readAlerts(file))) {
      if (outcome === "refused") throw new Error(`The demo can't go on: an alert of ${file} was refused.`);
      if (findings.length > 0) log.info({ file, alert: identifier, findings }, "an alert is not as it should be");
      if (signalId) ids.push(signalId);
    }
  }
  return ids;
}
