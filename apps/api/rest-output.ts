import { hash } from "node:crypto";
import type { Operation } from "@dais/contracts/kit/derive";
import type { Answer } from "@dais/kernel/dispatch";
import { attachment } from "@dais/kernel/disposition";
import type { File } from "@dais/kernel/download";
import { Problem } from "@dais/kernel/problem";

type Json = Record<string, unknown>;

type Done = Extract<Answer, { problem: null }>;

/** The contract's status; 202 for a proposal, 200 in place of 201 where the answer says that nothing was made. */
export function statusOf({ meta }: Operation, { output, proposed }: Pick<Done, "output" | "proposed">): number {
  if (proposed) return 202;
  return meta.status === 201 && (output as Json).changed === false ? 200 : meta.status;
}

/** ETag, Location, replay and deprecation, as the contract says. @see RFC 9110, 8.8.3 and 10.2.2; RFC 9745; RFC 8594 */
export function successHeaders(operation: Operation, answer: Done): Record<string, string> {
  const { meta } = operation;
  const output = answer.output as Json;
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (answer.proposed) headers.location = `/v1/proposals/${output.id}`;
  else if (meta.etag) headers.etag = `"${output.version}"`;
  if (meta.location && !answer.proposed && statusOf(operation, answer) !== 200)
    headers.location = `/v1${filled(meta.location, output)}`;
  if (answer.replayed) headers["idempotency-replayed"] = "true";
  if (meta.deprecated) {
    headers.deprecation = `@${Math.floor(Date.parse(meta.deprecated.since) / 1000)}`;
    headers.sunset = new Date(meta.deprecated.sunset).toUTCString();
  }
  return headers;
}

/** What goes with a file's bytes. A browser is to save them, never to show them: they may come from strangers. @see RFC 9530; RFC 6266 */
export const fileHeaders = ({ bytes, mediaType, name }: File): Record<string, string> => ({
  "content-type": mediaType,
  "content-length": String("packed" in bytes ? bytes.size : bytes.byteLength),
  "content-digest": `sha-256=:${"packed" in bytes ? Buffer.from(bytes.sha256, "hex").toString("base64") : hash("sha256", bytes, "base64")}:`,
  "content-disposition": attachment(name),
  vary: "accept",
});

/** `/signals/{signal.id}` with the output's own values. */
const filled = (template: string, output: Json) =>
  template.replace(/\{([\w.]+)\}/g, (_, path: string) =>
    encodeURIComponent(String(path.split(".").reduce<unknown>((value, name) => (value as Json)[name], output))),
  );

/** Whether what the caller has is still what there is. If-None-Match compares weakly. @see RFC 9110, 13.1.2 */
export function isFresh(ifNoneMatch: string | undefined, etag: string | undefined): boolean {
  if (!ifNoneMatch || !etag) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}

/**
 * The version that If-Match names. It compares strongly, so a weak tag is none.
 * @throws invalid_input where it names no single version, or another one than the body. @see RFC 9110, 13.1.1
 */
export function ifMatch(header: string | undefined, body: object): number | undefined {
  if (header === undefined) return undefined;
  const version = Number(/^\s*"([1-9]\d{0,15})"\s*$/.exec(header)?.[1] ?? Number.NaN);
  const named = (body as Json).version;
  if (Number.isNaN(version) || (named !== undefined && named !== version))
    throw new Problem("invalid_input", {
      errors: [
        {
          pointer: "/version",
          code: "if_match",
          message: 'If-Match must be one strong ETag, for example "3", and the same as `version`.',
        },
      ],
    });
  return version;
}
