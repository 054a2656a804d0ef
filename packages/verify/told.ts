import type { Proven } from "./bundle.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Checked } from "./database/check.ts";
import type { Json } from "./json.ts";

type Lines = (readonly [label: string, text: string | null])[];

/** Who did what to which resource, when and why, in the words of whoever audits. */
export function bundleTold({ index, facts, content, checkpoint }: Proven): string {
  const on = (what: Json | undefined, words: string) =>
    what === null || what === undefined ? "" : `${words}${shown(what)}`;
  const said: Lines = [
    ["when", shown(facts.at)],
    ["who", `${shown(facts.actorKind)} ${shown(facts.actorId)}${on(facts.onBehalfOf, ", on behalf of ")}`],
    ["people", (facts.persons as string[]).map(shown).join(", ") || null],
    ["agent", facts.agentModel && `${shown(facts.agentModel)}${on(facts.agentVersion, ", version ")}`],
    ["did", `${shown(facts.operation)}, which needs ${shown(facts.action)}`],
    ["outcome", outcome(facts)],
    ["to", `${shown(facts.resourceType)}${on(facts.resourceId, " ")}${on(facts.resourceVersion, ", version ")}`],
    ["class", facts.classification && shown(facts.classification)],
    ["move", facts.event && `${shown(facts.event)}: ${shown(facts.fromState)} -> ${shown(facts.toState)}`],
    ["request", shown(facts.requestId)],
    ...contentTold(content),
  ].map(([label, text]) => [label as string, (text || null) as string | null]);
  return `Proven: entry ${index} of ${checkpoint.origin}\n${listed([...said, ...checkpointTold(checkpoint)])}`;
}

function outcome(facts: Record<string, Json>): string {
  if (facts.outcome === "refused") return `refused: ${shown(facts.problem)}`;
  return `${shown(facts.outcome)}${facts.outcome === "done" && !facts.changed ? ", and nothing changed by it" : ""}`;
}

function contentTold(content: Record<string, Json> | null): Lines {
  if (!content)
    return [["content", "not shown: erased, or left out of this bundle; the facts above are proven without it"]];
  const changes = Object.entries((content.changes ?? {}) as Record<string, Json>);
  return [
    ["why", content.reason ? shown(content.reason) : "no reason was given"],
    ["let by", content.decision ? shown(content.decision) : null],
    ...changes.map(([field, change]): Lines[number] => ["changed", `${shown(field)}: ${changeTold(change)}`]),
    ["before", content.beforeDigest && `sha256 ${shown(content.beforeDigest)}`],
    ["after", content.afterDigest && `sha256 ${shown(content.afterDigest)}`],
    ["from", content.address ? shown(content.address) : null],
    ["session", content.sessionId ? shown(content.sessionId) : null],
    ["trace", content.traceId ? shown(content.traceId) : null],
    ["key", content.idempotencyKey ? shown(content.idempotencyKey) : null],
  ] as Lines;
}

const changeTold = (change: Json): string =>
  Array.isArray(change) && change.length === 2 ? `${shown(change[0])} -> ${shown(change[1])}` : shown(change);

export function checkpointTold({ size, root, signedBy, cosignedBy, unknown, origin }: Checkpoint): Lines {
  return [
    ["log", `${origin} at ${size} entries, root ${root.toString("base64")}`],
    ["signed", `by key ${signedBy.join(", ")} of the log`],
    ...cosignedBy.map(({ name, at }): Lines[number] => ["seen", `by ${name} at ${at.toISOString()}`]),
    ["unknown", unknown.length > 0 ? `signatures that say nothing here: ${unknown.join(", ")}` : null],
  ];
}

export function databaseTold({
  checkpoint,
  entries,
  later,
  waiting,
  erased,
  erasing,
  wrong,
  findings,
}: Checked): string {
  const lines: Lines = [
    [
      "entries",
      `${entries} under the checkpoint, ${later} sealed after it, ${waiting} waiting to be sealed, ${erased} erased`,
    ],
    ...checkpointTold(checkpoint),
  ];
  const found = findings.map(({ index, id, what }): Lines[number] => [
    index === null ? "beside" : `#${index}`,
    `${id ? `entry ${id}: ` : ""}${what}`,
  ]);
  const more: Lines = wrong > findings.length ? [["more", `${wrong - findings.length} further ones`]] : [];
  const waits: Lines = [["erasing", erasing > 0 ? `${erasing} erased by what no key given here has signed yet` : null]];
  const agrees =
    erasing === 0 ? "The database agrees with the checkpoint" : "NOT PROVEN YET: erasures wait to be signed";
  const verdict = wrong === 0 ? agrees : `NOT AS IT WAS SEALED: ${wrong} findings`;
  return `${verdict}\n${listed([...found, ...more, ...waits, ...lines])}`;
}

export const listed = (lines: Lines): string =>
  lines.flatMap(([label, text]) => (text === null ? [] : [`  ${label.padEnd(8)} ${text}\n`])).join("");

/**
 * A value on one line of a terminal. What would steer the terminal, or turn the line's direction, is shown as an escape; text that runs
 * from right to left is kept to itself.
 */
export function shown(value: Json | undefined): string {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  const safe = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(safe) ? `\u2068${safe}\u2069` : safe;
}
