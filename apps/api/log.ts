import { type Logger, pino } from "pino";

/** Structured logs on stdout. What could be a secret is never among the fields; these are the net below. */
export const logger = (level: string): Logger =>
  pino({
    level,
    redact: {
      paths: ["authorization", "cookie", "*.authorization", "*.cookie", "*.password", "*.secret", "*.credential"],
      censor: "[redacted]",
    },
    serializers: { err: plainError },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  });

/** Type, message, code and stack, and nothing else of what libraries hang on their errors: statements, parameters, connections. */
function plainError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as { code?: unknown };
  return { type: error.name, message: error.message, code, stack: error.stack };
}
