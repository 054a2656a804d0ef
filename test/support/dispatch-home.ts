import { randomBytes, randomUUID } from "node:crypto";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Told } from "@dais/kernel/couriers/port";
import type { Consumer } from "@dais/kernel/relay/consumer";
import { acknowledgeAs } from "@dais/modules/dispatchRecipients";
import type { CourierOptions } from "@dais/worker/couriers";
import type { StandIn } from "./courier.ts";
import type { Place } from "./place.ts";
import { relayHome, until } from "./relay.ts";
import { type RestClient, restClient } from "./rest.ts";
import type { Options } from "./server.ts";

const texts = {
  subject: "{{title}}",
  body: "Dear {{name}}, {{title}}. Confirm: {{link}}",
  short: "{{title}} {{link}}",
  contentSid: null,
};

/** `speed`: of the clock. */
type HomeOptions = Pick<Options, "env" | "carriers"> & { speed?: number };

/** A database of the file's own with a server and a clock that a test may set, where senders of dispatches are started. */
export async function dispatchHome({ env = {}, speed = 1, carriers }: HomeOptions = {}) {
  let ahead = 0;
  const origin = Date.now();
  const clock = {
    /** When it began, from where on it may go faster. */
    origin,
    now: () => new Date(origin + (Date.now() - origin) * speed + ahead),
    /** Lets so much time go by for the server and all who work. */
    pass(ms: number) {
      ahead += ms;
    },
    set(at: string) {
      ahead += Date.parse(at) - clock.now().getTime();
    },
  };
  const sources = { now: clock.now, random: (bytes: number) => randomBytes(bytes) };
  const home = await relayHome({ env, sources, carriers });
  const { owner } = home;

  /** Sends as a process does, over these couriers; and hears what happens, where somebody is to. */
  const send = (
    standIns: readonly Pick<StandIn, "courier">[],
    more: Partial<CourierOptions> = {},
    hearers: readonly Consumer[] = [],
  ) =>
    home.work(hearers, {
      sources,
      couriers: {
        ...{ couriers: standIns.map(({ courier }) => courier), callbackOf: () => null, paperOf: async () => null },
        linkOf: ({ slug }, recipientId) => `http://dais.test/r/${slug}/${recipientId}`,
        ...more,
      },
    });

  /** An organisation, and a caller who may everything there; `settings` of its communications. */
  async function at(settings: object = {}) {
    const here = await home.place();
    await owner`update organisations set settings = settings || ${owner.json({ communications: { dailyMessages: 100_000, ...settings } } as never)}
      where id = ${here.tenantId}`;
    const api = restClient(home.server.url, await here.key());
    return { here, api };
  }

  /** Somebody with addresses. */
  async function somebody(
    here: Place,
    of: { phone?: string | null; email?: string | null; zone?: string; clearance?: string } = {},
  ) {
    const person = await here.person({ roles: [], clearance: of.clearance ?? "secret" });
    const phone =
      of.phone === undefined ? `+9715${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}` : of.phone;
    const email = of.email === undefined ? `${person.uuid}@rimal.example` : of.email;
    await owner`update people set phone = ${phone}, email = ${email}, time_zone = ${of.zone ?? null}, language = 'en' where id = ${person.uuid}`;
    return { ...person, phone, email };
  }

  /** Says how somebody wants to be reached. */
  const wants = (here: Place, { uuid }: { uuid: string }, of: { channels?: object; quietHours?: object }) => owner`
    insert into contact_preferences (tenant_id, person_id, channels, quiet_hours, created_at, updated_at)
    values (${here.tenantId}, ${uuid}, ${owner.json((of.channels ?? {}) as never)}, ${owner.json((of.quietHours ?? null) as never)}, now(), now())`;

  /** Whoever stands in for somebody these days. */
  const standsIn = (here: Place, of: { uuid: string }, deputy: { uuid: string }) => owner`
    insert into deputies (tenant_id, person_id, deputy_id, from_day, to_day)
    values (${here.tenantId}, ${of.uuid}, ${deputy.uuid}, current_date - 3, current_date + 400)`;

  /** Takes the organisation to a level of posture; answers with the change's uuid. */
  async function posture(here: Place, level: string, rank: number): Promise<string> {
    const id = randomUUID();
    await owner`insert into posture (id, tenant_id, level, rank, reason, source, since)
      values (${id}, ${here.tenantId}, ${level}, ${rank}, 'A test', 'test', ${clock.now()})`;
    return id;
  }

  /** So many people of the company, with addresses. */
  const crowd = (here: Place, many: number, from = 0) => owner`
    insert into people (id, tenant_id, tid, oid, name_en, email, phone, language, entity_id, clearance, created_at, updated_at)
    select gen_random_uuid(), ${here.tenantId}, gen_random_uuid(), gen_random_uuid(), 'Somebody ' || n, 'p' || n || '@rimal.example',
      '+97150' || lpad((n + ${from})::text, 7, '0'), 'en', ${uuidOf(here.entities.company)}, 'secret', now(), now()
    from generate_series(1, ${many}) n`;

  /** Makes a dispatch for these people, from a template of its own. */
  async function tell(api: RestClient, people: readonly { id: string }[], more: Record<string, unknown> = {}) {
    const {
      category = "crisis",
      steps = [step("whatsapp"), step("sms"), step("email")],
      escalateAfterMinutes = null,
      ...said
    } = more;
    const template = await api.post("/message-templates", {
      ...{ key: `t${randomUUID()}`, name: { en: "A test" }, category },
      ...{ variables: [{ name: "title", about: "What it is about" }], languages: { en: texts, ar: null } },
    });
    if (template.status !== 201) throw new Error(`no template: ${JSON.stringify(template.body)}`);
    const made = await api.post("/dispatches", {
      ...{ templateId: template.body.id, values: { en: { title: "Storm" } }, classification: "public" },
      audience: { personIds: people.map(({ id }) => id) },
      policy: { steps, escalateAfterMinutes },
      ...said,
    });
    if (made.status !== 201) throw new Error(`no dispatch: ${made.status} ${JSON.stringify(made.body)}`);
    return made.body as { id: string; recipients: number };
  }

  /** All recipients of a dispatch as rows, in their order. */
  const recipients = (id: string) =>
    owner`select * from dispatch_recipients where dispatch_id = ${uuidOf(id)} order by id`;
  const ledger = (id: string) =>
    owner`select a.* from dispatch_attempts a where a.dispatch_id = ${uuidOf(id)} order by a.started_at, a.id`;

  /** Waits until all recipients are in these states, in their order. */
  async function states(id: string, ...wanted: string[]) {
    await until(async () => {
      const found = (await recipients(id)).map(({ state }) => state);
      if (found.join() !== wanted.join()) throw new Error(`${found} instead of ${wanted}`);
    });
    return recipients(id);
  }

  /** What a vendor tells, as the door of its callbacks puts it there. */
  async function told(vendor: string, ...some: Partial<Told>[]): Promise<void> {
    for (const one of some)
      await owner`insert into courier_callbacks (id, vendor, digest, told, received_at, next_at)
        values (${randomUUID()}, ${vendor}, ${one.digest ?? randomUUID()}, ${owner.json({ at: clock.now(), ...one } as never)}, ${clock.now()}, ${clock.now()})
        on conflict do nothing`;
  }

  /** Somebody says that they got it, by the link. */
  const acknowledge = (here: Place, recipient: string) =>
    home.server.kernel.perform(
      acknowledgeAs,
      { tenantId: here.tenantId, requestId: "acknowledged" },
      { recipientId: recipient, via: "link" },
    );

  /** Stops all who send, and lets nothing of this test wait for the next one. */
  async function rest() {
    await home.rest();
    await owner`update dispatch_recipients set next_at = null, escalate_at = null where next_at is not null or escalate_at is not null`;
    await owner`update dispatch_attempts set ask_at = null where ask_at is not null`;
    await owner`update courier_callbacks set next_at = null where next_at is not null`;
  }

  const move = async (id: string) => (await home.owner`select * from dispatches where id = ${uuidOf(id)}`)[0];
  return {
    ...home,
    clock,
    sources,
    send,
    at,
    somebody,
    crowd,
    wants,
    standsIn,
    posture,
    tell,
    recipients,
    ledger,
    states,
    told,
    acknowledge,
    rest,
    dispatch: move,
    until,
  };
}
export type DispatchHome = Awaited<ReturnType<typeof dispatchHome>>;

export const step = (channel: string, goal = "delivered", waitMinutes = 10) => ({ channel, until: goal, waitMinutes });
export const recipientId = (row: { id?: unknown } | undefined): string => idOf("dre", row?.id as string);
