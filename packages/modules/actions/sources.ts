import type { Action } from "@dais/contracts/actions";
import { type IdKind, idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import { classificationsOf as ofBriefings } from "@dais/modules/briefings";
import { classificationsOf as ofPosture } from "@dais/modules/posture";
import { classificationsOf as ofSignals } from "@dais/modules/signals";

type Source = NonNullable<Action["source"]>;
type Kept = { sourceType: Source["type"] | null; sourceId: string | null };

/** Of each type: what its ids begin with, and the classifications of those that are there for the caller, by public id. */
const sources: Record<
  Source["type"],
  { kind: IdKind; classificationsOf(ctx: Ctx, ids: readonly string[]): Promise<Map<string, string>> }
> = {
  signal: { kind: "sig", classificationsOf: ofSignals },
  posture: { kind: "pos", classificationsOf: ofPosture },
  briefing: { kind: "brf", classificationsOf: ofBriefings },
};

/** How classified a source is; undefined where it isn't there for the caller. */
export const classificationOf = async (ctx: Ctx, { type, id }: Source): Promise<string | undefined> =>
  (await sources[type].classificationsOf(ctx, [id])).get(id);

/** The source of a row as the contract shows it. */
export const sourceOf = ({ sourceType, sourceId }: Kept): Action["source"] =>
  sourceType && sourceId ? ({ type: sourceType, id: idOf(sources[sourceType].kind, sourceId) } as Source) : null;
