import { type Logger, pino } from "pino";

// Written at once: pino's way by default is a trip to another thread for every line, dearer than the line, and what is under way
// is lost with the process.
const stdout = pino.destination({ sync: true });

/** Structured logs on stdout. What could be a secret is never among the fields; these are the net below. */
export const logger = (level: string): Logger =>
  pino(
    {
      level,
      serializers: { err: plainError },
      formatters: { level: (label) => ({ level: label }), log: withoutSecrets },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    stdout,
  );

const secrets = new Set(["authorization", "cookie", "password", "secret", "credential"]);

/** By name, here and one level below. By hand: pino's own redaction costs more than the whole line of a request. */
function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  let clean = fields;
  for (const [name, value] of Object.entries(fields)) {
    const shown = secrets.has(name) ? "[redacted]" : isPlain(value) ? oneLevel(value) : value;
    if (shown === value) continue;
    if (clean === fields) clean = { ...fields };
    clean[name] = shown;
  }
  return clean;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !(value instanceof Error);
const oneLevel = (value: Record<string, unknown>) =>
  Object.keys(value).some((name) => secrets.has(name))
    ? Object.fromEntries(Object.entries(value).map(([name, it]) => [name, secrets.has(name) ? "[redacted]" : it]))
    : value;

/** Type, message, code and stack, and nothing else of what libraries hang on their errors: statements, parameters, connections. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return { type: error.name, message: error.message, code, stack: error.stack };
}
