import type { Change } from "../breaking.ts";

type Answer = {
  $ref?: string;
  content?: Record<string, { schema?: { allOf?: { properties?: { code?: { enum?: string[] } } }[] } }>;
};
type Parameter = { $ref?: string; name?: string };
type Operation = { operationId: string; parameters?: Parameter[]; responses: Record<string, Answer> };
export type OpenApi = {
  paths: Record<string, Record<string, Operation>>;
  components?: { parameters?: Record<string, Parameter>; responses?: Record<string, Answer> };
};

/** The operations of a document by address: `POST /signals/{id}/dismiss`. */
export function operationsOf({ paths }: OpenApi): Map<string, Operation> {
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
  );
  return new Map(found);
}

/** Operations that are gone or new. One that moved to another address is both. */
export function comeAndGone(before: OpenApi, after: OpenApi): Change[] {
  const [old, now] = [operationsOf(before), operationsOf(after)];
  const only = (these: typeof old, others: typeof old) => [...these].filter(([address]) => !others.has(address));
  const change =
    (what: string, impact: Change["impact"]) =>
    ([address, { operationId }]: [string, Operation]): Change => ({
      operation: operationId,
      what: `${address} ${what}.`,
      impact,
    });
  return [...only(old, now).map(change("was removed", "breaks")), ...only(now, old).map(change("was added", "adds"))];
}

/**
 * The problems that an operation may answer with, compared by code, whatever they are grouped by. One more breaks nobody: callers
 * judge a code that they don't know by its status. One less neither. At another status it is another problem.
 */
export function problemChanges(before: OpenApi, after: OpenApi): Change[] {
  const old = operationsOf(before);
  return [...operationsOf(after)].flatMap(([address, operation]) => {
    const was = old.get(address);
    if (!was) return [];
    const [codes, statuses] = [problemsOf(was, before), problemsOf(operation, after)];
    const change = (what: string, impact: Change["impact"]): Change => ({
      operation: operation.operationId,
      what,
      impact,
    });
    return [...new Set([...codes.keys(), ...statuses.keys()])].flatMap((code) => {
      const [then, now] = [codes.get(code), statuses.get(code)];
      if (then === now) return [];
      if (!then) return [change(`problem: \`${code}\` (${now}) was added.`, "adds")];
      if (!now) return [change(`problem: \`${code}\` (${then}) was removed.`, "changes")];
      return [change(`problem: \`${code}\` changed from ${then} to ${now}.`, "breaks")];
    });
  });
}

function problemsOf({ responses }: Operation, { components }: OpenApi): Map<string, string> {
  const found = Object.entries(responses).flatMap(([status, answer]) => {
    const shared = components?.responses?.[lastOf(answer)];
    const parts = (shared ?? answer).content?.["application/problem+json"]?.schema?.allOf ?? [];
    return parts.flatMap((part) => part.properties?.code?.enum ?? []).map((code) => [code, status] as const);
  });
  return new Map(found);
}

/**
 * The same document, without which codes its problem answers have: those are compared by code, and a long list of them beside a short one
 * would pass for another form.
 */
export function withoutCodes<T extends object>(document: T): T {
  const { paths } = document as unknown as OpenApi;
  const plain = (answer: Answer): Answer => {
    const schema = answer.content?.[problem]?.schema;
    const allOf = schema?.allOf?.filter((part) => !isCodes(part));
    return schema && allOf ? { ...answer, content: { [problem]: { schema: { ...schema, allOf } } } } : answer;
  };
  return { ...document, paths: each(paths, (methods) => each(methods, (one) => withAnswers(one, plain))) };
}
const problem = "application/problem+json";
const isCodes = ({ properties = {} }: { properties?: object }) => Object.keys(properties).join() === "code";
const withAnswers = (operation: Operation, plain: (answer: Answer) => Answer): Operation =>
  operation.responses ? { ...operation, responses: each(operation.responses, plain) } : operation;
const each = <T>(some: Record<string, T>, made: (one: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(some).map(([key, one]) => [key, made(one)]));

/** The names of an operation's parameters, in their order. */
export const parametersOf = ({ parameters = [] }: Operation, { components }: OpenApi): string[] =>
  parameters.map((one) => (components?.parameters?.[lastOf(one)] ?? one).name ?? "");

const lastOf = ({ $ref }: { $ref?: string }) => $ref?.split("/").at(-1) ?? "";
