import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Organisation } from "@dais/contracts/organisations";
import {
  type KeptSettings,
  readsFrom,
  type Settings,
  usualBriefingSettings,
  usualCalendar,
  usualCommunicationSettings,
  usualPostureSettings,
  usualSignalSettings,
} from "@dais/contracts/organisations/settings";
import { usualLevels } from "@dais/contracts/posture";
import { organisations } from "@dais/drizzle/schema/organisations";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { statement } from "@dais/kernel/statement";
import { and, eq, sql } from "drizzle-orm";
import type { z } from "zod";

type Shown = z.infer<typeof Organisation>;
type Wanted = {
  name?: { en: string; ar: string | null };
  timeZone?: string;
  languages?: Settings["languages"];
  signals?: Partial<Settings["signals"]>;
  posture?: { dwellMinutes?: number };
  briefing?: Partial<Settings["briefing"]>;
  calendar?: Partial<Settings["calendar"]>;
  communications?: Partial<Settings["communications"]>;
  audit?: { readsFrom?: string };
};

const byId = statement((db) =>
  db
    .select()
    .from(organisations)
    .where(eq(organisations.id, sql.placeholder("id")))
    .prepare("organisations_by_id"),
);
const locked = statement((db) =>
  db
    .select()
    .from(organisations)
    .where(eq(organisations.id, sql.placeholder("id")))
    .for("update")
    .prepare("organisations_locked"),
);

/** The caller's own. */
export async function own(ctx: Ctx): Promise<Shown | undefined> {
  const [row] = await byId(ctx).execute({ id: ctx.tenant.id });
  return row && show(row);
}

/** The same for who can't be without one. */
export async function organisationOf(ctx: Ctx): Promise<Shown> {
  const mine = await own(ctx);
  if (!mine) throw new Error("a call of an organisation that is gone");
  return mine;
}

/** @throws organisation_not_found, organisation_changed, organisation_level_unknown, organisation_cap_unapproved */
export async function change(ctx: Ctx, id: string, version: number, wanted: Wanted): Promise<Changed> {
  const uuid = uuidOf(id);
  const [row] = await locked(ctx).execute({ id: uuid });
  if (!row || uuid !== ctx.tenant.id) throw new Problem("organisation_not_found");
  if (row.version !== version) throw new Problem("organisation_changed", { version: row.version });
  const { dailyMessages: cap } = whole(row.settings).communications;
  if ((wanted.communications?.dailyMessages ?? 0) > cap) throw new Problem("organisation_cap_unapproved", { cap });
  await known(ctx, row.settings, wanted);
  return write(ctx, row, wanted);
}

/** Raises the cap of every day's messages; never lowers it. */
export async function raise(ctx: Ctx, dailyMessages: number): Promise<Changed> {
  const [row] = await locked(ctx).execute({ id: ctx.tenant.id });
  if (!row) throw new Error("an organisation that is gone");
  const cap = Math.max(dailyMessages, whole(row.settings).communications.dailyMessages);
  return write(ctx, row, { communications: { dailyMessages: cap } });
}

type Row = typeof organisations.$inferSelect;
export type Changed = { uuid: string; before: Shown; after: Shown };

/** Writes what changes of a row that is held. */
async function write(ctx: Ctx, row: Row, wanted: Wanted): Promise<Changed> {
  const { id: uuid, version } = row;
  const next = {
    nameEn: wanted.name?.en ?? row.nameEn,
    nameAr: wanted.name ? wanted.name.ar : row.nameAr,
    timeZone: wanted.timeZone ?? row.timeZone,
    settings: {
      ...row.settings,
      languages: wanted.languages ?? row.settings.languages,
      ...(wanted.signals && { signals: { ...row.settings.signals, ...given(wanted.signals) } }),
      ...(wanted.posture && { posture: { ...row.settings.posture, ...given(wanted.posture) } }),
      ...(wanted.briefing && { briefing: { ...row.settings.briefing, ...given(wanted.briefing) } }),
      ...(wanted.calendar && { calendar: { ...row.settings.calendar, ...given(wanted.calendar) } }),
      ...(wanted.communications && {
        communications: { ...row.settings.communications, ...given(wanted.communications) },
      }),
      ...(wanted.audit && { audit: { ...row.settings.audit, ...given(wanted.audit) } }),
    },
  };
  const before = show(row);
  const same = show({ ...row, ...next });
  if (JSON.stringify(same) === JSON.stringify(before)) return { uuid, before, after: before };
  const [after] = await ctx.db
    .update(organisations)
    .set({ ...next, version: version + 1, updatedAt: ctx.now })
    .where(and(eq(organisations.id, uuid), eq(organisations.version, version)))
    .returning();
  if (!after) throw new Problem("organisation_changed", { version: row.version });
  return { uuid, before, after: show(after) };
}

/** Whether the levels that settings name are there: of classification, and of posture. @throws organisation_level_unknown */
async function known(ctx: Ctx, { classifications }: KeptSettings, { audit, communications }: Wanted): Promise<void> {
  const named = [audit?.readsFrom, ...Object.values(communications?.ceilings ?? {})].filter((one) => one !== undefined);
  const unknown = named.find((level) => !classifications.some(({ key }) => key === level));
  if (unknown) throw new Problem("organisation_level_unknown", { level: unknown });
  const level = communications?.quietEndsAt;
  if (!level) return;
  const own = await ctx.send("select key from posture_levels where tenant_id = $1", [ctx.tenant.id]);
  const keys = own.length > 0 ? own.map((one) => one.key) : usualLevels.map(({ key }) => key);
  if (!keys.includes(level)) throw new Problem("organisation_level_unknown", { level });
}

const given = <T extends object>(some: T): Partial<T> =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The settings of the caller's organisation, as they are now. */
export async function settingsOf(ctx: Ctx): Promise<Settings> {
  const [row] = await ctx.send("select settings from organisations where id = $1", [ctx.tenant.id]);
  return whole(row?.settings as KeptSettings);
}

const whole = (kept: KeptSettings): Settings => ({
  ...kept,
  signals: { ...usualSignalSettings, ...kept.signals },
  posture: { ...usualPostureSettings, ...kept.posture },
  briefing: { ...usualBriefingSettings, ...kept.briefing },
  calendar: { ...usualCalendar, ...kept.calendar },
  communications: { ...usualCommunicationSettings, ...kept.communications },
  audit: { readsFrom: readsFrom(kept) },
});

const show = (row: Row): Shown => ({
  id: idOf("org", row.id),
  slug: row.slug,
  name: { en: row.nameEn, ar: row.nameAr },
  timeZone: row.timeZone,
  settings: whole(row.settings),
  version: row.version,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
