import {
  type Box,
  boundingBox,
  centroid,
  crossesItself,
  distanceMetres,
  isWithin,
  metresBetween,
  normalRing,
  type Point,
  ringFlaws,
  type Shape,
  shapesOf,
  splitBox,
} from "@dais/cap/geometry";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const at = (latitude: number, longitude: number): Point => ({ latitude, longitude });
const point = (latitude: number, longitude: number): Shape => ({ kind: "point", point: at(latitude, longitude) });
const circle = (latitude: number, longitude: number, kilometres: number): Shape => ({
  kind: "circle",
  centre: at(latitude, longitude),
  radiusMetres: kilometres * 1000,
});
const ring = (...pairs: [number, number][]): Point[] => [...pairs, ...pairs.slice(0, 1)].map(([a, b]) => at(a, b));
const polygon = (...pairs: [number, number][]): Shape => ({ kind: "polygon", points: ring(...pairs) });
const rectangle = ({ south, west, north, east }: Box) =>
  polygon([south, west], [north, west], [north, east], [south, east]);

const dubai = at(25.2048, 55.2708);
const abuDhabi = at(24.4539, 54.3773);
/** The length of a degree along a meridian. */
const degree = 111_195;

type Place = { middle: Point; spokes: number[] };

/** A polygon of some kilometres, anywhere but at the poles. */
const place: fc.Arbitrary<Place> = fc.record({
  middle: fc.record({
    latitude: fc.double({ min: -70, max: 70, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  }),
  spokes: fc.array(fc.double({ min: 0.01, max: 0.4, noNaN: true }), { minLength: 3, maxLength: 8 }),
});
const star = ({ middle, spokes }: Place): Shape & { kind: "polygon" } => {
  const corners = spokes.map((length, n): [number, number] => {
    const angle = (2 * Math.PI * n) / spokes.length;
    return [middle.latitude + length * Math.sin(angle), turned(middle.longitude + length * Math.cos(angle))];
  });
  return { kind: "polygon", points: ring(...corners) };
};
const turned = (longitude: number) =>
  longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;

describe("metresBetween", () => {
  it.each([
    ["Dubai and Abu Dhabi", dubai, abuDhabi, 122_890],
    ["London and Paris", at(51.5074, -0.1278), at(48.8566, 2.3522), 343_560],
    ["the two sides of the date line", at(0, 179.5), at(0, -179.5), degree],
    ["two places around a pole", at(89, 0), at(89, 180), 2 * degree],
    ["a place and itself", dubai, dubai, 0],
    ["the ends of the Earth", at(0, 0), at(0, 180), Math.PI * 6_371_008.8],
  ])("knows %s", (_, a, b, metres) => {
    expect(Math.abs(metresBetween(a, b) - metres)).toBeLessThan(metres * 0.001 + 0.001);
    expect(metresBetween(b, a)).toBe(metresBetween(a, b));
  });
});

describe("distanceMetres", () => {
  const square = polygon([25, 55], [25, 55.1], [25.1, 55.1], [25.1, 55]);
  const about = (a: Shape, b: Shape) => Math.round(distanceMetres(a, b) / 100) / 10;

  it("is 0 where places overlap", () => {
    expect(distanceMetres(point(25.05, 55.05), square)).toBe(0);
    expect(distanceMetres(square, circle(25.05, 55.05, 1))).toBe(0);
    expect(distanceMetres(polygon([25.01, 55.01], [25.01, 55.02], [25.02, 55.02]), square)).toBe(0);
    // A cross: neither has a corner within the other.
    expect(
      distanceMetres(
        polygon([24, 55.04], [24, 55.06], [26, 55.06], [26, 55.04]),
        polygon([25.04, 54], [25.04, 56], [25.06, 56], [25.06, 54]),
      ),
    ).toBe(0);
    expect(distanceMetres(circle(25, 55, 30), circle(25, 55.5, 30))).toBe(0);
    expect(distanceMetres(square, square)).toBe(0);
  });

  it("is from edge to edge where they don't", () => {
    expect(about(point(25.05, 55.2), square)).toBeCloseTo(10.1, 1);
    expect(about(point(25.2, 55.05), square)).toBeCloseTo(11.1, 1);
    expect(about(circle(25.2, 55.05, 5), square)).toBeCloseTo(6.1, 1);
    expect(about(circle(25, 55, 10), circle(25.5, 55, 20))).toBeCloseTo(25.6, 1);
    // The corner of one is nearest to the middle of the other's edge.
    expect(about(polygon([25.05, 55.2], [25.2, 55.4], [24.9, 55.4]), square)).toBeCloseTo(10.1, 1);
  });

  it("is the same across the date line", () => {
    const fiji = polygon([-17, 179], [-16, 179], [-16, -179], [-17, -179]);
    expect(distanceMetres(point(-16.5, 180), fiji)).toBe(0);
    expect(distanceMetres(point(-16.5, -179.5), fiji)).toBe(0);
    expect(distanceMetres(fiji, polygon([-16.6, -179.4], [-16.4, -179.4], [-16.5, -179.2]))).toBe(0);
    expect(
      distanceMetres(
        polygon([-16.6, -179.9], [-16.4, -179.9], [-16.5, -178]),
        polygon([-16.6, 179.9], [-16.4, 179.9], [-16.5, 178]),
      ),
    ).toBeCloseTo(0.2 * degree * Math.cos(0.2896), -2);
    expect(distanceMetres(point(-16.5, 178), fiji)).toBeCloseTo(degree * Math.cos(0.288), -2);
    expect(distanceMetres(point(0, 0), fiji)).toBeGreaterThan(10_000_000);
    // The long edge is nearest between its ends, seen across the date line.
    const toCorner = metresBetween(at(40, -179), at(60, 170));
    expect(distanceMetres(point(40, -179), polygon([-60, 0], [60, 170], [60, 0]))).toBeLessThan(0.98 * toCorner);
  });

  it("knows the inside of a polygon around a pole", () => {
    const arctic = polygon([70, 0], [70, 90], [70, 180], [70, -90]);
    const antarctic = polygon([-70, 0], [-70, -90], [-70, 180], [-70, 90]);
    expect(distanceMetres(point(85, 45), arctic)).toBe(0);
    expect(distanceMetres(point(90, 0), arctic)).toBeLessThan(0.001);
    expect(distanceMetres(point(-85, -179), antarctic)).toBe(0);
    expect(distanceMetres(point(69, 10), arctic)).toBeCloseTo(degree, -3);
    expect(distanceMetres(point(85, 45), antarctic)).toBeGreaterThan(15_000_000);
  });

  it("is within 1 % of what walking along the edges finds", () => {
    const neighbours = fc.tuple(
      place,
      place,
      fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
      fc.double({ min: 0, max: 1.5, noNaN: true }),
    );
    const property = fc.property(neighbours, ([a, b, angle, apart]) => {
      const [one, other] = [star(a), star(near(a, b, angle, apart))];
      const found = distanceMetres(one, other);
      const walked = walk(one.points, other.points);
      // What overlaps is at no distance, however far its edges are; elsewhere, steps of a walk miss the nearest place by a little.
      if (found === 0) return;
      expect(found).toBeLessThanOrEqual(walked * 1.001);
      expect(found).toBeGreaterThanOrEqual(walked * 0.99 - 700);
      expect(Math.abs(distanceMetres(other, one) - found)).toBeLessThanOrEqual(found * 0.001 + 0.001);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("finds a polygon at no distance from each point within it", () => {
    const property = fc.property(
      place,
      fc.nat(),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (where, spoke, share) => {
        const n = spoke % where.spokes.length;
        const length = (where.spokes[n] as number) * share;
        const angle = (2 * Math.PI * n) / where.spokes.length;
        const { latitude, longitude } = where.middle;
        const inside = point(latitude + length * Math.sin(angle), turned(longitude + length * Math.cos(angle)));
        expect(distanceMetres(inside, star(where))).toBe(0);
      },
    );
    fc.assert(property);
  });

  it("doesn't mind where on the globe the meridians begin", () => {
    const property = fc.property(place, place, fc.integer({ min: -180, max: 180 }), (a, b, turn) => {
      const near1 = near(a, b, 1, 0.8);
      const moved = (each: Place): Place => ({
        ...each,
        middle: at(each.middle.latitude, turned(each.middle.longitude + turn)),
      });
      const before = distanceMetres(star(a), star(near1));
      expect(distanceMetres(star(moved(a)), star(moved(near1)))).toBeCloseTo(before, 0);
    });
    fc.assert(property);
  });
});

describe("isWithin", () => {
  it("says what the distance says", () => {
    const anywhere = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    const shape = fc.oneof(
      place.map(star),
      anywhere.map((each): Shape => ({ kind: "point", point: each })),
      fc.record({
        kind: fc.constant("circle" as const),
        centre: anywhere,
        radiusMetres: fc.integer({ min: 1, max: 3_000_000 }),
      }),
    );
    const property = fc.property(shape, shape, fc.constantFrom(5_000, 25_000, 1_000_000, 8_000_000), (a, b, metres) => {
      expect(isWithin(a, b, metres)).toBe(distanceMetres(a, b) <= metres);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("knows 5 and 25 km", () => {
    expect(isWithin(point(25, 55), point(25, 55.0495), 5_000)).toBe(true);
    expect(isWithin(point(25, 55), point(25, 55.05), 5_000)).toBe(false);
    expect(isWithin({ kind: "point", point: dubai }, { kind: "point", point: abuDhabi }, 25_000)).toBe(false);
    expect(isWithin({ kind: "point", point: dubai }, circle(24.4539, 54.3773, 100), 25_000)).toBe(true);
    expect(isWithin(point(0, 179.99), point(0, -179.99), 5_000)).toBe(true);
    const [east, west] = [
      { west: 100, east: 179.9 },
      { west: -179.9, east: -100 },
    ];
    const pacific = [east, west].map((each) => rectangle({ south: 0, north: 1, ...each })) as [Shape, Shape];
    expect(isWithin(...pacific, 25_000)).toBe(true);
  });

  it("is quick where large polygons are far apart, or only near", () => {
    const large = (longitude: number): Shape => {
      const corners = Array.from({ length: 10_000 }, (_, n) =>
        at(10 + Math.sin(n / 1591.5), longitude + Math.cos(n / 1591.5)),
      );
      return { kind: "polygon", points: [...corners, ...corners.slice(0, 1)] };
    };
    expect(isWithin(large(0), large(90), 25_000)).toBe(false);
    expect(isWithin(large(0), large(2.3), 25_000)).toBe(false);
    expect(isWithin(large(0), large(2.1), 25_000)).toBe(true);
  });
});

describe("boundingBox", () => {
  it.each<[string, Shape, Box]>([
    ["a point", point(25, 55), { south: 25, west: 55, north: 25, east: 55 }],
    ["a polygon", polygon([1, 2], [3, 5], [-1, 4]), { south: -1, west: 2, north: 3, east: 5 }],
    [
      "one across the date line",
      polygon([-17, 179], [-16, 179], [-16, -179]),
      { south: -17, west: 179, north: -16, east: -179 },
    ],
    ["one that only touches it", polygon([0, 179], [1, 179], [1, 180]), { south: 0, west: 179, north: 1, east: 180 }],
    ["one around a pole", polygon([70, 0], [70, 120], [75, -120]), { south: 70, west: -180, north: 90, east: 180 }],
    ["a circle around a pole", circle(89.5, 10, 100), { south: 88.6007, west: -180, north: 90, east: 180 }],
    ["a circle across the date line", circle(0, 180, degree / 1000), { south: -1, west: 179, north: 1, east: -179 }],
  ])("is around %s", (_, shape, box) => {
    const found = boundingBox(shape);
    for (const side of ["south", "west", "north", "east"] as const) expect(found[side]).toBeCloseTo(box[side], 3);
  });

  it("holds the whole of a circle", () => {
    const property = fc.property(
      fc.double({ min: -85, max: 85, noNaN: true }),
      fc.double({ min: 1, max: 400, noNaN: true }),
      fc.double({ min: 0, max: 360, noNaN: true }),
      (latitude, kilometres, bearing) => {
        const { south, west, north, east } = boundingBox(circle(latitude, 0, kilometres));
        const rim = travelled(at(latitude, 0), bearing, kilometres * 1000);
        expect(rim.latitude).toBeGreaterThanOrEqual(south - 1e-9);
        expect(rim.latitude).toBeLessThanOrEqual(north + 1e-9);
        expect(rim.longitude).toBeGreaterThanOrEqual(west - 1e-9);
        expect(rim.longitude).toBeLessThanOrEqual(east + 1e-9);
      },
    );
    fc.assert(property);
  });

  it("is split at the date line", () => {
    expect(splitBox({ south: 0, west: 170, north: 1, east: -170 })).toEqual([
      { south: 0, west: 170, north: 1, east: 180 },
      { south: 0, west: -180, north: 1, east: -170 },
    ]);
    expect(splitBox({ south: 0, west: -10, north: 1, east: 10 })).toHaveLength(1);
  });
});

describe("centroid", () => {
  const rounded = (shape: Shape) => Object.values(centroid(shape)).map((each) => Math.round(each * 1000) / 1000 + 0);

  it.each<[string, Shape, [number, number]]>([
    ["a point", point(25, 55), [25, 55]],
    ["a circle", circle(25, 55, 10), [25, 55]],
    ["a square", rectangle({ south: 0, west: 0, north: 2, east: 4 }), [1, 2]],
    ["a shape with more corners on one side", polygon([0, 0], [0, 1], [0, 2], [0, 3], [0, 4], [2, 4], [2, 0]), [1, 2]],
    ["one across the date line", rectangle({ south: 0, west: 179, north: 2, east: -177 }), [1, -179]],
    ["one that crosses itself and has no area", polygon([0, 0], [1, 1], [0, 1], [1, 0]), [0.5, 0.5]],
    ["a line there and back", polygon([0, 0], [0, 2], [0, 2]), [0, 1.333]],
    ["one around a pole", polygon([70, 0], [70, 90], [70, 180], [70, -90]), [90, 0]],
  ])("is the middle of %s", (_, shape, middle) => {
    const [latitude, longitude] = rounded(shape);
    expect(latitude).toBeCloseTo(middle[0], 3);
    if (latitude !== 90) expect(longitude).toBeCloseTo(middle[1], 3);
  });

  it("lies in the box of its place", () => {
    const property = fc.property(place, (where) => {
      const shape = star(where);
      expect(distanceMetres({ kind: "point", point: centroid(shape) }, rectangle(boundingBox(shape)))).toBeLessThan(1);
    });
    fc.assert(property);
  });
});

describe("ringFlaws", () => {
  it.each<[string, Point[], string[]]>([
    ["a triangle", ring([0, 0], [0, 1], [1, 1]), []],
    ["two points", ring([0, 0], [0, 1]), ["short"]],
    ["no points", [], ["short"]],
    ["an open one", ring([0, 0], [0, 1], [1, 1]).slice(0, 3), ["open"]],
    ["an hourglass", ring([0, 0], [1, 1], [0, 1], [1, 0]), ["crosses_itself"]],
    ["one across the date line", ring([0, 179], [0, -179], [1, -179]), ["crosses_date_line"]],
    ["one that ends at the date line", ring([0, 179], [0, 180], [1, 180]), []],
    ["one that ends there from the other side", ring([0, -179], [0, -180], [1, -180]), []],
    [
      "an hourglass across the date line",
      ring([0, 179], [1, -179], [0, -179], [1, 179]),
      ["crosses_itself", "crosses_date_line"],
    ],
    ["one around a pole", ring([70, 0], [70, 120], [70, -120]), ["around_pole"]],
  ])("of %s", (_, points, flaws) => {
    expect(ringFlaws(points)).toEqual(flaws);
  });

  it("takes a hole, whose edges touch, for no crossing", () => {
    const holed = ring([0, 0], [0, 4], [4, 4], [4, 0], [0, 0], [1, 1], [3, 1], [3, 3], [1, 3], [1, 1]);
    expect(crossesItself(holed)).toBe(false);
  });

  it("finds no crossing in a star-shaped polygon, and finds it when two corners change places", () => {
    const property = fc.property(place, (where) => {
      const { points } = star(where);
      expect(crossesItself(points)).toBe(false);
      fc.pre(where.spokes.length >= 6);
      const regular = star({ ...where, spokes: where.spokes.map(() => 0.2) }).points;
      const [a, b, c, ...rest] = regular as [Point, Point, Point, ...Point[]];
      expect(crossesItself([a, c, b, ...rest])).toBe(true);
    });
    fc.assert(property);
  });
});

describe("normalRing", () => {
  it("has no jump at the date line, and begins within -180 and 180", () => {
    expect(normalRing(ring([0, 179], [0, -179], [1, -179])).map(({ longitude }) => longitude)).toEqual([
      179, 181, 181, 179,
    ]);
    expect(normalRing(ring([0, -179], [0, 179], [1, 179])).map(({ longitude }) => longitude)).toEqual([
      181, 179, 179, 181,
    ]);
    expect(normalRing(ring([0, 1], [0, 2], [1, 2]))).toEqual(ring([0, 1], [0, 2], [1, 2]));
  });
});

describe("shapesOf", () => {
  it("are the polygons and circles of an area, a circle without radius a point", () => {
    const points = ring([0, 0], [0, 1], [1, 1]);
    const circles = [
      { centre: dubai, radiusKilometres: 2.5 },
      { centre: abuDhabi, radiusKilometres: 0 },
    ];
    expect(shapesOf({ polygon: [points], circle: circles })).toEqual([
      { kind: "polygon", points },
      { kind: "circle", centre: dubai, radiusMetres: 2500 },
      { kind: "point", point: abuDhabi },
    ]);
  });
});

/** The second place moved to the neighbourhood of the first. */
function near(a: Place, b: Place, angle: number, apart: number): Place {
  const latitude = a.middle.latitude + apart * Math.sin(angle);
  return { ...b, middle: at(latitude, turned(a.middle.longitude + apart * Math.cos(angle))) };
}

/** The least distance between many places on the edges of one ring and of another. */
function walk(a: readonly Point[], b: readonly Point[]): number {
  const [along, other] = [steps(a), steps(b)];
  return Math.min(...along.map((from) => Math.min(...other.map((to) => metresBetween(from, to)))));
}

function steps(points: readonly Point[], count = 60): Point[] {
  const line = normalRing(points);
  return line.slice(1).flatMap((to, n) => {
    const from = line[n] as Point;
    return Array.from({ length: count }, (_, k) => {
      const share = k / count;
      return at(
        from.latitude + share * (to.latitude - from.latitude),
        from.longitude + share * (to.longitude - from.longitude),
      );
    });
  });
}

/** Where one is who went so far into one direction, on a sphere. */
function travelled({ latitude, longitude }: Point, bearing: number, metres: number): Point {
  const [phi, theta, delta] = [(latitude * Math.PI) / 180, (bearing * Math.PI) / 180, metres / 6_371_008.8];
  const sine = Math.sin(phi) * Math.cos(delta) + Math.cos(phi) * Math.sin(delta) * Math.cos(theta);
  const along = Math.atan2(Math.sin(theta) * Math.sin(delta) * Math.cos(phi), Math.cos(delta) - Math.sin(phi) * sine);
  return at((Math.asin(sine) * 180) / Math.PI, longitude + (along * 180) / Math.PI);
}
