import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type StandIn, standIn } from "../../support/courier.ts";
import { door } from "../../support/courier-http.ts";
import type { Bench, Row } from "../bench.ts";
import { type Stage, setStage } from "../stage.ts";

const recipients = 10_000;

export const dispatch: Bench = {
  name: "dispatch",
  title: "Dispatches",
  about: `One dispatch to ${recipients.toLocaleString("en").replace(",", " ")} people, by WhatsApp: each message is begun with, handed over, settled, and told to be sent and delivered by the stand-in, with every move audited, sealed and told. One worker; Postgres, the stand-in and the worker share the machine.`,
  async run() {
    const place = await setStage({ rows: 10, tenants: 1 });
    const whatsapp = standIn("whatsapp");
    const there = await door([whatsapp]);
    await people(place);
    await prepare(place);
    const worker = await workerOf(place, there.port);
    const started = performance.now();
    await place.owner`update dispatch_recipients set next_at = ${new Date()}`;
    const telling = tell(place, whatsapp);
    await until(() => whatsapp.taken.length >= recipients);
    const handed = performance.now();
    await until(async () => (await delivered(place)) >= recipients);
    const all = performance.now();
    const memory = [...worker.memory()];
    await telling.stop();
    const lateMs = await stopped(place, whatsapp);
    worker.stop();
    there.close();
    const [audited] = await place.owner`select count(*)::int as n from audit`;
    await place.stop();
    const rate = (recipients * 1000) / (handed - started);
    const half = Math.floor(memory.length / 2);
    const [before, after] = [average(memory.slice(half, half + 5)), average(memory.slice(-5))];
    const rows: Row[] = [
      {
        figure: `Handed over, of ${recipients}`,
        measured: `${rate.toFixed(0)}/s, in ${((handed - started) / 1000).toFixed(1)} s`,
        bar: { text: "≥ 100/s", met: rate >= 100 },
      },
      {
        figure: "Delivered as well, by what the vendor told",
        measured: `${((recipients * 1000) / (all - started)).toFixed(0)}/s, in ${((all - started) / 1000).toFixed(1)} s; ${audited?.n} audit entries`,
      },
      {
        figure: "Memory of the worker, halfway and at the end",
        measured: `${before.toFixed(0)} MB, ${after.toFixed(0)} MB`,
        bar: { text: "flat (≤ 40 MB more)", met: after - before <= 40 },
      },
      {
        figure: `The last message handed over after a stop, with ${recipients - beforeStop} still to come`,
        measured: `${lateMs.toFixed(0)} ms`,
        bar: { text: "≤ 2 000 ms", met: lateMs <= 2000 },
      },
    ];
    return rows;
  },
};

const average = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / Math.max(1, some.length);

async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 100));
}

const delivered = async ({ owner }: Stage) =>
  Number((await owner`select count(*) as n from dispatch_recipients where state = 'delivered'`)[0]?.n);

/** So many are handed over before the second dispatch is stopped; and so long after it is looked whether more are. */
const beforeStop = 1000;
const looksMs = 6000;

/** Stops one in the middle, while all of it waits for its turn. @returns how long after the stop was committed the last message was handed over */
async function stopped(place: Stage, { taken }: StandIn): Promise<number> {
  const id = await prepare(place);
  const from = taken.length;
  await place.owner`update dispatch_recipients set next_at = ${new Date()} where dispatch_id = ${id}`;
  await until(() => taken.length >= from + beforeStop);
  await place.owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update dispatches set state = 'stopped', stopped_at = ${new Date()} where id = ${id}`;
  });
  const at = Date.now();
  await new Promise((resolve) => setTimeout(resolve, looksMs));
  return Math.max(0, ...taken.slice(from).map((one) => one.at.getTime() - at));
}

/** Whom it goes to, as the API would have made them. */
async function people({ owner, tenants }: Stage): Promise<void> {
  const [{ id: tenant, company } = { id: "", company: "" }] = tenants;
  const now = new Date();
  await owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`; // without the audit entry that each would need
    await tx`insert into people (id, tenant_id, tid, oid, name_en, email, phone, entity_id, clearance, created_at, updated_at)
      select gen_random_uuid(), ${tenant}, gen_random_uuid(), gen_random_uuid(), 'Somebody ' || n, 'p' || n || '@rimal.example', '+97150' || lpad(n::text, 7, '0'), ${company}, 'secret', ${now}, ${now}
      from generate_series(1, ${recipients}) n`;
  });
}

/** A dispatch and its recipients; nobody's turn yet. @returns its uuid */
async function prepare({ owner, tenants }: Stage): Promise<string> {
  const [{ id: tenant } = { id: "" }] = tenants;
  const [now, id, template] = [new Date(), crypto.randomUUID(), crypto.randomUUID()];
  const texts = {
    subject: "{{title}}",
    body: "Dear {{name}}, {{title}}. {{link}}",
    short: "{{title}} {{link}}",
    contentSid: null,
  };
  const content = {
    ...{
      templateKey: "bench",
      templateVersion: 1,
      category: "crisis",
      variables: [{ name: "title", about: "What", maxLength: 200 }],
    },
    ...{ languages: { en: texts, ar: null }, values: { en: { title: "A storm comes tonight" }, ar: {} } },
  };
  const steps = [
    { channel: "whatsapp", until: "delivered", waitMinutes: 60 },
    { channel: "sms", until: "delivered", waitMinutes: 60 },
    { channel: "email", until: "sent", waitMinutes: 0 },
  ];
  await owner.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`insert into message_templates (id, tenant_id, key, name, category, variables, languages, created_by, updated_by, created_at, updated_at)
      values (${template}, ${tenant}, ${`bench-${id}`}, ${tx.json({ en: "Bench", ar: null })}, 'crisis', ${tx.json(content.variables)}, ${tx.json(content.languages)}, 'bench', 'bench', ${now}, ${now})`;
    await tx`insert into dispatches (id, tenant_id, template_id, content, attaches_paper, classification, audience, policy, priority, drill, recipients,
        estimate, day, reserved, created_by, addressed_at, state, created_at, updated_at)
      values (${id}, ${tenant}, ${template}, ${tx.json(content)}, false, 'public', ${tx.json({ personIds: [], groupIds: [], roles: [], entityIds: [], addressees: [] })},
        ${tx.json({ steps, escalateAfterMinutes: null })}, 'normal', false, ${recipients}, ${tx.json({ messages: { least: recipients, most: 3 * recipients }, cost: null })},
        ${now}, ${3 * recipients}, 'bench', ${now}, 'running', ${now}, ${now})`;
    await tx`insert into dispatch_recipients (id, tenant_id, dispatch_id, person_id, name, language, classification, priority, ladder, state, created_at, updated_at)
      select gen_random_uuid(), ${tenant}, ${id}, p.id, p.name_en, 'en', 'public', 'normal', array['whatsapp', 'sms', 'email'], 'queued', ${now}, ${now}
      from people p where p.tenant_id = ${tenant} and p.email like 'p%@rimal.example'`;
  });
  await owner`analyze`;
  return id;
}

/** Tells of each message that it was sent and that it was delivered, as the door of callbacks puts it there. */
function tell({ owner }: Stage, { taken, vendor }: StandIn) {
  let told = 0;
  let stopping = false;
  const ended = (async () => {
    while (!stopping) {
      const some = taken.slice(told, told + 500);
      told += some.length;
      const rows = some.flatMap(({ vendorId }) =>
        ["sent", "delivered"].map((status) => ({
          ...{
            id: crypto.randomUUID(),
            vendor,
            digest: `${vendorId} ${status}`,
            received_at: new Date(),
            next_at: new Date(),
          },
          told: owner.json({
            kind: "status",
            digest: "",
            vendorId,
            status,
            code: null,
            at: new Date(),
          } as never),
        })),
      );
      if (rows.length > 0) await owner`insert into courier_callbacks ${owner(rows as never)}`;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    stop() {
      stopping = true;
      return ended;
    },
  };
}

async function workerOf({ postgres, redis }: Stage, port: number) {
  const child = fork(join(import.meta.dirname, "../carrier.ts"), [JSON.stringify({ postgres, redis, port })], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  const memory: number[] = [];
  child.on("message", ({ megabytes }: { megabytes?: number }) => void (megabytes && memory.push(megabytes)));
  return { memory: () => memory, stop: () => child.disconnect() };
}
