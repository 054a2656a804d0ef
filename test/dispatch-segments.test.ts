import { estimateOf } from "@dais/modules/dispatches/cost";
import { segmentsOf } from "@dais/modules/dispatches/segments";
import { expect, test } from "vitest";

test.each([
  ["nothing", "", 1],
  ["160 of GSM 03.38", "a".repeat(160), 1],
  ["161", "a".repeat(161), 2],
  ["twice 153", "a".repeat(306), 2],
  ["one more", "a".repeat(307), 3],
  ["80 that take two places", "€".repeat(80), 1],
  ["81", "€".repeat(81), 2],
  ["one of two places that would lie in two segments", `${"a".repeat(152)}€${"a".repeat(152)}`, 3],
  ["Greek capitals and accents that are in it", "ΔΩèñÜ§\n".repeat(20), 1],
  ["70 letters of Arabic", "ع".repeat(70), 1],
  ["71", "ع".repeat(71), 2],
  ["twice 67", "ع".repeat(134), 2],
  ["one more letter", "ع".repeat(135), 3],
  ["71 with one that isn't in it", `${"a".repeat(70)}’`, 2],
  ["35 of two units", "😀".repeat(35), 1],
  ["one that would lie in two segments", `${"a".repeat(66)}😀${"a".repeat(66)}`, 3],
])("segments of %s", (_, text, segments) => {
  expect(segmentsOf(text)).toBe(segments);
});

test("an SMS costs its price for each segment, and no other channel does", () => {
  const policy = { steps: ["sms", "whatsapp"].map((channel) => ({ channel, until: "sent", waitMinutes: 1 })) } as never;
  const price = (amount: string) => ({ amount, currency: "AED" });
  const prices = { sms: price("0.2"), whatsapp: price("1") };
  const of = { policy, drill: false, prices, segments: { least: 2, most: 3 } };
  expect(estimateOf({ people: 10, addressees: [] }, of)).toEqual({
    messages: { least: 10, most: 20 },
    cost: { least: price("4.00"), most: price("16.00") },
  });
});
