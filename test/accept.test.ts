import { accepts, preferred } from "@dais/api/accept";
import { describe, expect, test } from "vitest";

const [json, pdf] = ["application/json", "application/pdf"];

describe("an Accept, as RFC 9110, section 12.5.1 reads it", () => {
  test.each<[string | undefined, string | null]>([
    [undefined, json],
    ["*/*", json],
    ["application/*", json],
    ["application/pdf", pdf],
    ["application/json;q=0.5, application/pdf", pdf],
    ["application/json;q=0.5, application/pdf;q=0.4", json],
    // What is said more exactly holds over what is said widely, whichever comes first.
    ["*/*, application/json;q=0", pdf],
    ["application/json;q=0, */*", pdf],
    ["application/*;q=0, application/pdf", pdf],
    ["application/*;q=0, */*", null],
    ["*/*;q=0, application/json;q=0.001", json],
    // Named itself, it goes before what a range takes at the same weight.
    ["*/*, application/pdf", pdf],
    ["application/pdf, */*", pdf],
    ["*/*;q=0.9, application/pdf;q=0.8", json],
    // Other types, and what is no range at all, say nothing of these.
    ["text/html, image/*", null],
    ["text/html, */*;q=0.1", json],
    [", application/pdf,", pdf],
    ["json, application/pdf;q=0.1", pdf],
    // Case and blanks mean nothing; a weight that is none counts as if it were not there.
    ["APPLICATION/PDF ; Q=1.000", pdf],
    ["application/pdf;charset=utf-8;q=0, application/json", json],
    ["application/pdf;q=0.0, application/json;q=0.000", null],
    ["application/pdf;q=nonsense, application/json;q=0.9", pdf],
    ["application/pdf;q=7, application/json", pdf],
  ])("%s: %s", (accept, wanted) => {
    expect(preferred(accept, [json, pdf])).toBe(wanted);
  });

  test("what is refused by name isn't taken by a wider range, whatever the answer is made of", () => {
    for (const accept of ["text/event-stream;q=0, */*", "*/*, text/event-stream;q=0.0", "text/*;q=0, */*;q=0.5"])
      expect(accepts(accept, "text/event-stream"), accept).toBe(false);
    for (const accept of [undefined, "*/*", "text/*;q=0.1, */*;q=0", "image/png, text/event-stream"])
      expect(accepts(accept, "text/event-stream"), accept).toBe(true);
  });
});
