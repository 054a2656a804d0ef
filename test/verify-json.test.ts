import { canonical } from "@dais/verify/canonical";
import { type Json, readJson } from "@dais/verify/json";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const refused = (text: string, numbers?: "exact") =>
  expect(() => readJson(text, numbers), text.slice(0, 40)).toThrow(/not the JSON/);

describe("strict JSON", () => {
  test("reads what JSON.stringify writes, and canonical JSON of it is the same after any reordering", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        // It writes half a surrogate pair as an escape, which is refused, as is an integer beyond 2^53.
        fc.pre(text.isWellFormed() && !/\\ud[89a-f]/i.test(text) && !/[^.e\d]\d{16,}(?![.\d]|e[+-])/.test(` ${text}`));
        expect(JSON.stringify(readJson(text))).toBe(JSON.stringify(JSON.parse(text)));
        expect(canonical(readJson(canonical(value as Json)))).toBe(canonical(value as Json));
      }),
      { seed: 8785, numRuns: 500 },
    );
  });

  test("takes space between its parts, and none of another kind", () => {
    expect(readJson(' {\r\n"a" :\t[ 1 , { } , [ ] ] } \n')).toEqual({ a: [1, {}, []] });
    for (const space of ["\u00a0", "\f", "\v", "\ufeff", "\u2028"]) refused(`{"a":${space}1}`);
  });

  test("refuses a member that comes twice, however it is written", () => {
    refused('{"a":1,"a":1}');
    refused('{"a":1,"\\u0061":2}');
    refused('{"b":{"x":1,"y":2,"x":1}}');
    expect(readJson('{"__proto__":1,"constructor":2}')).toEqual(
      Object.fromEntries([
        ["__proto__", 1],
        ["constructor", 2],
      ]),
    );
  });

  test("refuses half a surrogate pair, and bad strings", () => {
    for (const text of ['"\\ud800"', '"\\udc00\\ud800"', '"a\\ud83dz"', '{"\\udfff":1}', '"\ud800"']) refused(text);
    for (const text of ['"\n"', '"\u0000"', '"\\x41"', '"\\u12g4"', '"', '"\\', '"\\u12"', "'a'"]) refused(text);
    expect(readJson('"\\ud83d\\ude00\\u0000\\/"')).toBe("\u{1f600}\0/");
  });

  test("refuses numbers that not every reader holds, and any form but the shortest", () => {
    for (const text of [
      "9007199254740992",
      "-9007199254740992",
      "1e400",
      "1.0",
      "1E2",
      "-0",
      "0.10",
      "1e2",
      "01",
      "+1",
      ".5",
      "1.",
      "0x1",
      "NaN",
      "Infinity",
      "0.1000000000000000055511151231257827",
    ]) {
      refused(text);
    }
    for (const value of [0, -1, 9007199254740991, 0.1, 1e21, 1e-7, 1.7976931348623157e308])
      expect(readJson(JSON.stringify(value))).toBe(value);
  });

  test("of a database may write numbers at length, and not beyond what a double holds", () => {
    for (const [text, value] of [
      ["1.0", 1],
      ["0.2500", 0.25],
      ["1000000000000000000000", 1e21],
      ["0", 0],
      ["0.00", 0],
      ["0.0000001", 1e-7],
    ] as const) {
      expect(readJson(text, "exact")).toBe(value);
    }
    for (const text of [
      "9007199254740993",
      "0.1000000000000000055511151231257827",
      "1e400",
      "100000000000000000000000000000000000000001",
    ])
      refused(text, "exact");
  });

  test("refuses what is cut off, goes on, or goes too deep", () => {
    for (const text of [
      "",
      " ",
      "{",
      "[",
      "[1",
      "[1,",
      "[1,]",
      "{,}",
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{"a":1 "b":2}',
      "[1 2]",
      "nul",
      "true false",
      "{} {}",
      "{a:1}",
      "/**/1",
    ]) {
      refused(text);
    }
    refused("[".repeat(100_000));
    refused(`${"[".repeat(66)}${"]".repeat(66)}`);
    expect(readJson(`${"[".repeat(64)}${"]".repeat(64)}`)).toBeTruthy();
  });
});

describe("canonical JSON", () => {
  test("is the standard's, for its own examples", () => {
    expect(canonical(JSON.parse("[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]"))).toBe(
      "[333333333.3333333,1e+30,4.5,0.002,1e-27]",
    );
    const text = "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/";
    expect(canonical({ string: text, literals: [null, true, false] })).toBe(
      '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const order = { "\u20ac": 5, "\r": 1, "\ufb33": 7, "1": 2, "\u{1f600}": 6, "\u0080": 3, "\u00f6": 4 };
    expect(Object.values(JSON.parse(canonical(order)))).not.toEqual(Object.values(order));
    expect(canonical(order)).toBe('{"\\r":1,"1":2,"\u0080":3,"ö":4,"€":5,"😀":6,"\ufb33":7}');
  });
});
