import type { KnownAlert } from "./known.ts";
import { foreign, isSaying } from "./names.ts";
import type { Came, Matter } from "./plan.ts";

/** Those that came before what they speak of, and whose it turned out to be. */
export function waitingOf(
  matters: readonly Matter[],
  signalsOf: (matter: Matter) => string[],
  known: readonly KnownAlert[],
  signalBy: ReadonlyMap<string, string>,
): { id: string; signalId: string }[] {
  const cancels = matters.flatMap((matter) => {
    const [signalId] = signalsOf(matter);
    const waiting = matter.cancels.flatMap((one) => (one.known?.signalId === null ? one.known : []));
    return signalId ? waiting.map(({ id }): [string, string] => [id, signalId]) : [];
  });
  // Acknowledgements and errors: of any sender, and about any message.
  const about = known
    .filter(
      ({ signalId, status, messageType }) =>
        signalId === null && status === "Actual" && /^(Ack|Error)$/.test(messageType),
    )
    .flatMap(({ id, refers }) => {
      const signalId = refers.map((name) => signalBy.get(name.replace(foreign, ""))).find((one) => one);
      return signalId ? [[id, signalId] as const] : [];
    });
  // One that takes back several things is with one of them.
  return [...new Map([...about, ...cancels.reverse()])].map(([id, signalId]) => ({ id, signalId }));
}

/** Signals of which one refers to another without acting on it: they belong into one group. */
export function pairsOf(
  fresh: readonly Came[],
  known: readonly KnownAlert[],
  signalBy: ReadonlyMap<string, string>,
): [string, string][] {
  const reporting = [
    ...fresh.filter(({ alert }) => isSaying(alert) && alert.msgType !== "Cancel"),
    ...known.filter(({ status, messageType }) => status === "Actual" && /^(Alert|Update)$/.test(messageType)),
  ];
  const isNew = new Set(fresh.map(({ name }) => name));
  const isReport = new Set(reporting.map(({ name }) => name));
  return reporting.flatMap(({ name, refers }) =>
    refers.flatMap((marked): [string, string][] => {
      const other = marked.replace(foreign, "");
      const [one, two] = [signalBy.get(name), signalBy.get(other)];
      return isReport.has(other) && one && two && one !== two && (isNew.has(name) || isNew.has(other))
        ? [[one, two]]
        : [];
    }),
  );
}
