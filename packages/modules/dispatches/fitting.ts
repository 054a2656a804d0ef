import type { Dispatch } from "@dais/contracts/dispatches";
import type { Channel } from "@dais/contracts/dispatches/values";
import type { MessageTemplate } from "@dais/contracts/messageTemplates";
import type { Settings } from "@dais/contracts/organisations/settings";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { render, withheld } from "@dais/modules/dispatchRecipients";
import { isValidPhoneNumber } from "libphonenumber-js/max";
import { carries } from "./ceilings.ts";
import { type Segments, usable } from "./cost.ts";
import { segmentsOf } from "./segments.ts";

type Values = Dispatch["content"]["values"];
type Addressee = Dispatch["audience"]["addressees"][number];

/** What a channel carries, in characters. */
const longest = { text: 40_000, short: 1600 };
/** How many of what is wrong a problem names. */
const most = 100;

/**
 * The template with these values, where each has one and none is too long.
 * @throws dispatch_variable_unknown, dispatch_variable_missing, dispatch_value_too_long
 */
export function filled(template: MessageTemplate, values: Values): Dispatch["content"] {
  const { key, version, category, variables, languages } = template;
  const both = [values.en, values.ar];
  const declared = new Map(variables.map((one) => [one.name, one]));
  const said = [...new Set(both.flatMap((some) => Object.keys(some)))];
  refuse(
    "dispatch_variable_unknown",
    said.filter((name) => !declared.has(name)),
  );
  refuse(
    "dispatch_variable_missing",
    [...declared.keys()].filter((name) => !said.includes(name)),
  );
  const long = both.flatMap((some) =>
    Object.entries(some).filter(([name, value]) => value.length > (declared.get(name)?.maxLength ?? 0)),
  );
  refuse(
    "dispatch_value_too_long",
    long.map(([name]) => name),
  );
  return { templateKey: key, templateVersion: version, category, variables, languages, values };
}

/** Judged for the longest name that somebody may have, and a link as long as all are. @throws dispatch_too_long */
export function shortEnough(
  content: Dispatch["content"],
  { organisation, link }: { organisation: string; link: string },
): void {
  const texts = languagesOf(content).map((language) =>
    render(content, { language, name: longestName, organisation, link }),
  );
  const long = (["text", "short"] as const).filter((which) => texts.some((one) => one[which].length > longest[which]));
  if (long.length > 0)
    throw new Problem("dispatch_too_long", { texts: long.map((which) => (which === "text" ? "body" : which)) });
}

/** What goes out by SMS, in segments. `carried`: whether the channel may carry the content at all. */
export function segmentsIn(
  content: Dispatch["content"],
  { carried, ...of }: { organisation: string; link: string; carried: boolean },
): Segments {
  const all = languagesOf(content).flatMap((language) =>
    ["x", longestName].map((name) =>
      segmentsOf(
        (carried ? render(content, { ...of, language, name }) : withheld({ ...of, language }, noneApproved)).short,
      ),
    ),
  );
  return { least: Math.min(...all), most: Math.max(...all) };
}

const noneApproved = { en: null, ar: null };
const longestName = "x".repeat(200);
const languagesOf = ({ languages }: Dispatch["content"]) =>
  (["en", "ar"] as const).filter((language) => languages[language]);

/**
 * Whether addresses that were said can be used over these channels.
 * @throws dispatch_phone_invalid, dispatch_addressee_twice, dispatch_addressee_unreachable, dispatch_above_ceiling
 */
export function reachable(
  ctx: Ctx,
  addressees: readonly Addressee[],
  {
    channels,
    ceilings,
    classification,
  }: {
    channels: readonly Channel[];
    ceilings: Settings["communications"]["ceilings"];
    classification: string;
  },
): void {
  const where = (wrong: (one: Addressee, n: number) => boolean): number[] =>
    addressees.flatMap((one, n) => (wrong(one, n) ? [n] : []));
  refuseAt(
    "dispatch_phone_invalid",
    where(({ phone }) => phone !== null && !isValidPhoneNumber(phone)),
  );
  // Each address by itself: who shares one with somebody before would be told twice.
  const keys = addressees.map(({ phone, email }) => [phone, email?.toLowerCase()].filter((one) => one != null));
  const first = new Map(keys.flatMap((own, n) => own.map((key) => [key, n] as const)).reverse());
  refuseAt(
    "dispatch_addressee_twice",
    where((_, n) => keys[n]?.some((key) => first.get(key) !== n) ?? false),
  );
  refuseAt(
    "dispatch_addressee_unreachable",
    where((one) => usable(one, channels).length === 0),
  );
  const used = channels.filter((channel) => addressees.some((one) => usable(one, [channel]).length > 0));
  const above = used.filter((channel) => !carries(ctx.tenant, ceilings, channel, classification));
  if (above.length > 0) throw new Problem("dispatch_above_ceiling", { channels: above });
}

type Naming = "dispatch_variable_unknown" | "dispatch_variable_missing" | "dispatch_value_too_long";
function refuse(code: Naming, names: readonly string[]): void {
  if (names.length > 0) throw new Problem(code, { names: [...new Set(names)].slice(0, most) });
}

type Placing = "dispatch_phone_invalid" | "dispatch_addressee_twice" | "dispatch_addressee_unreachable";
function refuseAt(code: Placing, positions: readonly number[]): void {
  if (positions.length > 0) throw new Problem(code, { positions: positions.slice(0, most) });
}
