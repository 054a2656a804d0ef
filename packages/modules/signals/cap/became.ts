import { Problem } from "@dais/kernel/problem";
import type { Result } from "../ingest.ts";
import type { KnownAlert } from "./known.ts";
import { foreign } from "./names.ts";
import type { Came, Matter } from "./plan.ts";
import type { Finding } from "./reading.ts";
import { differs } from "./row.ts";
import type { Settled } from "./stand.ts";
import type { Taken } from "./take.ts";
import { isTakenBack } from "./threads.ts";

/** What became of an alert. */
export type Became = Pick<Taken, "outcome" | "signalId">;

/** What became of one that reports something. `before`: the same one, where it came before. */
export function reportedAs({ newestAt }: Matter, one: Came, before: KnownAlert | null, result: Result): Became {
  if (result.outcome === "refused") throw new Problem(result.code);
  const { outcome, uuid: signalId } = result;
  if (before) return { outcome, signalId };
  const isOlder = one.sentAt < newestAt;
  if (isOlder)
    one.findings.push(finding(one, "older", "Something newer was said of it already: what it says now is not this."));
  if (outcome === "unchanged") return { outcome: "kept", signalId };
  const isUpdate = outcome === "seen" && one.alert.msgType === "Update" && !isOlder;
  return { outcome: isUpdate ? "updated" : outcome, signalId };
}

/** Tells a cancellation what came of it, for one of the signals that it acts on. */
export function cancelledBy(
  matter: Matter,
  one: Came,
  signalId: string,
  settled: Settled | undefined,
  became: Map<Came, Became>,
): void {
  if (settled?.outcome === "withdrawn") became.set(one, { outcome: "withdrawn", signalId });
  if (settled?.outcome !== "stands" && settled?.outcome !== "reopened") return;
  if (isTakenBack(matter))
    one.findings.push(finding(one, "others_remain", "Other reports still say so: it is not withdrawn."));
  else one.findings.push(finding(one, "older", "Something newer was said of it: it is not withdrawn."));
}

/** Says what of its references leads nowhere, and whether it differs from what came under its name before. */
export function explain(one: Came, names: ReadonlySet<string>, known: KnownAlert | undefined): void {
  const { alert, refers } = one;
  const say = (code: string, message: string) => one.findings.push(finding(one, code, message, "/references"));
  if (refers.some((name) => !names.has(name.replace(foreign, ""))))
    say("reference_unknown", "It refers to an alert that has not come.");
  if ((alert.msgType === "Update" || alert.msgType === "Cancel") && refers.some((name) => name.startsWith(foreign)))
    say("reference_foreign", "It refers to an alert of another sender, on which it does not act.");
  if (known?.text && differs(known.text, alert))
    one.findings.push(
      finding(
        one,
        "alert_differs",
        "An alert of the same sender, identifier and time says something else. That one counts.",
      ),
    );
}

const finding = ({ path }: Came, code: string, message: string, within = ""): Finding => ({
  xpath: path + within,
  code,
  message,
});
