import type { Signal } from "@dais/contracts/signals";
import type { SignalAssessment } from "@dais/contracts/signals/assess";
import type { Row } from "../workflow.ts";

export type Severity = Signal["severity"];
/** What somebody makes of a signal. */
export type Judgement = { label: string; severity: Severity; confidence: number };
export type Assessor = Pick<SignalAssessment, "by" | "byKind">;
/** What an agent or a program said of a signal last. */
export type Word = Judgement & { by: string };

/** What counts of a signal's assessments, and whether somebody should look at them. */
export type Judged = Pick<
  Row,
  "label" | "assessedSeverity" | "assessedConfidence" | "assessedBy" | "review" | "reviewSince"
>;

/**
 * What a signal's assessments come to with a new one. A person's counts until a newer person's does, and takes the signal out of the
 * review queue. Another's counts where no person's does; it puts the signal into the queue where it disagrees with what counts by a
 * person's word, or else with what another said last, or where it is less sure than `reviewBelow`. Who says again what they said
 * before brings nothing up again that was settled.
 */
export function judged(
  row: Judged,
  said: Judgement & Assessor,
  words: readonly Word[],
  { now, reviewBelow }: { now: Date; reviewBelow: number },
): Judged {
  const { label, severity, confidence, byKind } = said;
  const counts = { label, assessedSeverity: severity, assessedConfidence: confidence, assessedBy: byKind };
  if (byKind === "person") return { ...counts, review: null, reviewSince: null };
  const person = row.assessedBy === "person" ? personsWord(row) : null;
  const others = person ? [person] : words.filter(({ by }) => by !== said.by);
  const why = words.some((word) => word.by === said.by && repeats(word, said, reviewBelow))
    ? null
    : others.some((other) => differ(other, said))
      ? "disagreement"
      : person === null && confidence < reviewBelow
        ? "low_confidence"
        : null;
  const review = why === "disagreement" ? why : (row.review ?? why);
  return { ...(person ? kept(row) : counts), review, reviewSince: review && (row.reviewSince ?? now) };
}

const personsWord = ({ label, assessedSeverity }: Judged) => ({
  label: label ?? "",
  severity: assessedSeverity ?? ("unknown" as const),
});
const kept = ({ label, assessedSeverity, assessedConfidence, assessedBy }: Judged) => ({
  label,
  assessedSeverity,
  assessedConfidence,
  assessedBy,
});

const repeats = (a: Judgement, b: Judgement, reviewBelow: number): boolean =>
  a.label === b.label && a.severity === b.severity && a.confidence < reviewBelow === b.confidence < reviewBelow;

const steps: readonly Severity[] = ["minor", "moderate", "severe", "extreme"];

/** By label, or by more than one step of severity. Who doesn't know the severity doesn't disagree about it. */
export function differ(a: Omit<Judgement, "confidence">, b: Omit<Judgement, "confidence">): boolean {
  if (a.label !== b.label) return true;
  const [one, other] = [steps.indexOf(a.severity), steps.indexOf(b.severity)];
  return one >= 0 && other >= 0 && Math.abs(one - other) > 1;
}
