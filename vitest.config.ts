import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const file = (name: string) => `test/${name}.test.ts`;

/** Those that take longest, in this order: who begins with the longest doesn't end with one worker waiting for the other. */
const longest = [
  ...["faces", "verify-database", "mock", "signal-dedup", "relay-crash", "samples", "start", "proof", "amqp-crash"],
  ...["papers", "webhooks-crash", "asyncapi", "posture-racing", "pdf-seen", "breaking", "document-lint", "revocation"],
  ...["mock-prefer", "proposals-crash", "audit-sealing", "contract", "markdown"],
].map(file);

/** Those that measure the process, or change what it has but once, as the contract; and what is made of the contract alone. */
const measuring = [
  ...["feeds-adapter", "signal-cap-bad", "agents", "callbacks", "demo", "local"],
  ...["delegations-four-eyes", "proposals-approvers", "documents"],
].map(file);

/** Each has a process of its own. */
const apart = [...longest, ...measuring];

/**
 * The others share one: to load the whole server for each file takes more time than most of their tests do. A process is given all that it
 * has, and a file ends what it began (`afterFile`). By the first letters of their names, so that none lives for too many.
 */
const together = ["a", "b-c", "d-h", "i-o", "p-r", "s", "!a-s"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/${name}`));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

const always = {
  setupFiles: ["test/support/after.ts"],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000, interval: 20 } },
};

export default defineConfig({
  test: {
    globalSetup: ["test/support/setup.ts"],
    // Processes rather than threads: tests send signals and start servers.
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...always, name: "apart", include: apart } },
      ...together.map((letters) => ({
        test: { ...always, name: letters, include: [`test/**/[${letters}]*.test.ts`], exclude: apart, isolate: false },
      })),
    ],
  },
});
