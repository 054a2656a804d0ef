import { metresBetween } from "@dais/cap/geometry";
import type { Signal, SignalInput } from "@dais/contracts/signals";
import type { Ctx } from "@dais/kernel/context";
import type { z } from "zod";
import { digestOf, fingerprintOf, identityOf } from "./fingerprint.ts";
import { areaKeysOf, middleOf } from "./place.ts";

export type Input = z.infer<typeof SignalInput>;

/** Where and when something is said to have happened. Moments are milliseconds since 1970. */
export type Whereabouts = {
  latitude: number | null;
  longitude: number | null;
  areaKeys: readonly string[];
  occurredAt: number;
};

/** What a source said of its signal last: severity, confidence and time of a signal follow from those of its sources. */
export type Word = {
  /** The report's uuid. */
  id: string;
  source: string;
  digest: string;
  severity: Signal["severity"];
  confidence: number | null;
  occurredAt: number;
  reportedAt: number;
};

/** One report, before it is known whose signal it belongs to. */
export type Report = Word &
  Whereabouts & {
    externalId: string | null;
    identity: string | null;
    fingerprint: string;
    input: Input;
  };

export function reportOf(ctx: Ctx, input: Input): Report {
  const middle = input.place && middleOf(input.place);
  return {
    id: ctx.newId(),
    source: input.source,
    externalId: input.externalId,
    identity: identityOf(input),
    fingerprint: fingerprintOf(input),
    digest: digestOf(input),
    severity: input.severity,
    confidence: input.confidence,
    latitude: middle?.latitude ?? null,
    longitude: middle?.longitude ?? null,
    areaKeys: areaKeysOf(input),
    occurredAt: Date.parse(input.occurredAt),
    reportedAt: Date.parse(input.reportedAt),
    input,
  };
}

export const nearMs = 3_600_000;
const nearMetres = 5000;

/** Whether anything could tell that another report speaks of the same. */
export const isPlain = ({ identity, latitude, areaKeys }: Report): boolean =>
  identity === null && latitude === null && areaKeys.length === 0;

/**
 * Whether two reports of the same fingerprint speak of one thing: at most an hour and 5 km apart. Where not both have a place, they must
 * share a geocode or the words of their area; what says nothing of where it is is like nothing else.
 */
export function alike(a: Whereabouts, b: Whereabouts): boolean {
  if (Math.abs(a.occurredAt - b.occurredAt) > nearMs) return false;
  const metres = metresApart(a, b);
  return metres === null ? a.areaKeys.some((key) => b.areaKeys.includes(key)) : metres <= nearMetres;
}

type Somewhere = { latitude: number | null; longitude: number | null };

/** A degree of latitude is never shorter. Cheaper than the distance, for what is far apart. */
const metresOfDegree = 110_000;

/**
 * The distance of two middles in metres, to the millimetre, so that what is exactly at a bound is within it; null where not both have a
 * place. Beyond `limit` it may be more than it is.
 */
export function metresApart(a: Somewhere, b: Somewhere, limit = 50_000): number | null {
  if (a.latitude === null || b.latitude === null) return null;
  if (Math.abs(a.latitude - b.latitude) * metresOfDegree > limit) return Number.POSITIVE_INFINITY;
  return Math.round(metresBetween(a as Placed, b as Placed) * 1000) / 1000;
}
type Placed = { latitude: number; longitude: number };

/** By when it was said, then by what: of two words, in whatever order they came, the same one is always the newer. */
export const isNewer = (a: Pick<Word, "reportedAt" | "digest">, b: Pick<Word, "reportedAt" | "digest">): boolean =>
  a.reportedAt === b.reportedAt ? a.digest > b.digest : a.reportedAt > b.reportedAt;
