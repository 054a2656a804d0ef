import type { KnownAlert } from "./known.ts";
import { foreign, isSaying } from "./names.ts";
import type { Came, Thread } from "./plan.ts";

type Became = { signalId: string | null };

/** Those that came before what they speak of, and whose it turned out to be. */
export function waitingOf(
  threads: readonly Thread[],
  known: readonly KnownAlert[],
  came: readonly Came[],
  became: ReadonlyMap<Came, Became>,
): { id: string; signalId: string }[] {
  const signalOfName = new Map(came.map((one) => [one.name, became.get(one)?.signalId ?? null]));
  const inThreads = threads.flatMap(({ waiting, reports, signals }) => {
    const [first] = reports;
    const signalId = (first && became.get(first)?.signalId) ?? signals[0];
    return signalId ? waiting.map(({ id }) => ({ id, signalId })) : [];
  });
  // Acknowledgements and errors: of any sender, and about any message.
  const about = known
    .filter(
      ({ signalId, status, messageType }) =>
        signalId === null && status === "Actual" && /^(Ack|Error)$/.test(messageType),
    )
    .flatMap(({ id, refers }) => {
      const signalId = refers.map((name) => signalOfName.get(name.replace(foreign, ""))).find((one) => one);
      return signalId ? [{ id, signalId }] : [];
    });
  return [...inThreads, ...about];
}

/** Signals of which one refers to another without acting on it: they belong into one group. */
export function pairsOf(
  fresh: readonly Came[],
  known: readonly KnownAlert[],
  signalBy: ReadonlyMap<string, string>,
): [string, string][] {
  const saying = [
    ...fresh.filter(({ alert }) => isSaying(alert)),
    ...known.filter(({ status, messageType }) => status === "Actual" && !/^(Ack|Error)$/.test(messageType)),
  ];
  const isNew = new Set(fresh.map(({ name }) => name));
  return saying.flatMap(({ name, refers }) =>
    refers.flatMap((marked): [string, string][] => {
      const other = marked.replace(foreign, "");
      const [one, two] = [signalBy.get(name), signalBy.get(other)];
      return one && two && one !== two && (isNew.has(name) || isNew.has(other)) ? [[one, two]] : [];
    }),
  );
}
