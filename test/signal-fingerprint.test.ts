import { SignalInput } from "@dais/contracts/signals";
import { fingerprintOf, normalised } from "@dais/modules/signals/fingerprint";
import { areaKeysOf, boundsOf, keptGeocodes, middleOf, shownGeocode } from "@dais/modules/signals/place";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aSignal } from "./support/samples.ts";

describe("a text as it is compared", () => {
  test.each([
    ["Flood  WATCH — Travis-County!", "flood watch travis county"],
    ["ＦＬＯＯＤ", "flood"],
    ["ﬁre in the Straße", "fire in the strasse"],
    ["ΟΔΟΣ οδός", "οδοσ οδόσ"],
    ["O'Hara, O’Hara", "o hara o hara"],
    ["zone ٤ / ۵ / 6 / ７ / ৮", "zone 4 5 6 7 8"],
    ["أمطارٌ غزيــرة على إمارة آسفي", "امطار غزيره علي اماره اسفي"],
    ["soft\u00adhyphen zero\u200bwidth \u202bright\u202c", "softhyphen zerowidth right"],
    ["fire 🔥 & smoke", "fire smoke"],
    ["tab\tand\u00a0space", "tab and space"],
    ["!?…", "!?..."],
  ])("%s", (text, same) => {
    expect(normalised(text)).toBe(same);
  });

  test("is the same when it is compared again, and whatever the case", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
        const once = normalised(text);
        expect(normalised(once)).toBe(once);
      }),
      { seed: 20260106, numRuns: 5000 },
    );
  });
});

describe("fingerprints", () => {
  const of = (more: object) => fingerprintOf(SignalInput.parse(aSignal(more as Record<string, unknown>)));

  test("are of title, category, classification and entity, and of nothing else", () => {
    expect(of({ body: "x", source: "y", severity: "minor", area: "z" })).toBe(of({}));
    const others = [
      { title: "x" },
      { category: "geo" },
      { classification: "secret" },
      { entityId: "ent_01kejc8ht0e6ssypg6m30swm9a" },
    ];
    expect(new Set([of({}), ...others.map(of)]).size).toBe(5);
  });
});

describe("places", () => {
  const points = (...all: [number, number][]) => ({
    points: all.map(([lat, lon]) => ({ lat, lon })),
    polygons: [],
    circles: [],
  });

  test("a box around points at both sides of the date line goes over it, and not around the globe", () => {
    expect(boundsOf(points([10, 179], [12, -178]))).toEqual({ west: 179, east: 182, south: 10, north: 12 });
    expect(boundsOf(points([0, -10], [5, 20], [-5, 0]))).toEqual({ west: -10, east: 20, south: -5, north: 5 });
  });

  test("every point lies within the box, on one turn of the globe or the next", () => {
    const point = fc.tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -180, max: 180 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 8 }), (all) => {
        const { west, east, south, north } = boundsOf(points(...all));
        expect(west).toBeGreaterThanOrEqual(-180);
        expect(west).toBeLessThanOrEqual(180);
        expect(east - west).toBeLessThanOrEqual(360);
        for (const [lat, lon] of all) {
          expect(lat >= south && lat <= north).toBe(true);
          expect([lon, lon + 360].some((one) => one >= west && one <= east)).toBe(true);
        }
      }),
      { seed: 20260106, numRuns: 1000 },
    );
  });

  test("the middle of several shapes is between them, also across the date line", () => {
    const middle = middleOf(points([0, 179], [0, -179]));
    expect(Math.abs(middle.longitude)).toBeCloseTo(180, 9);
    expect(middle.latitude).toBeCloseTo(0, 9);
  });

  test("a geocode comes back as it was, whatever is in its value, and each counts once", () => {
    const codes = [
      { scheme: "a b", value: "x=y" },
      { scheme: "UGC", value: "=" },
    ];
    expect(keptGeocodes([...codes, ...codes]).map(shownGeocode)).toEqual(codes);
  });

  test("the words of an area never pass for a geocode", () => {
    expect(areaKeysOf({ geocodes: [{ scheme: "UGC", value: "x" }], area: "UGC=x" })).toEqual(["UGC=x", "=ugc x"]);
    expect(areaKeysOf({ geocodes: [], area: "  " })).toEqual([]);
  });
});
