import { describe, expect, it } from "vitest";
import { drawn, hits, route, type Box } from "./route";

const box = (x: number, y: number, height = 96): Box => ({ x, y, width: 264, height });

describe("a line", () => {
  const from = { x: 132, y: 96 };

  it("has two bends where nothing is in the way: near its card for a branch, else near its target", () => {
    const to = { x: 444, y: 300 };
    const boxes = [box(0, 0), box(312, 300)];
    expect(route(from, to, boxes, true).corners.map((at) => at.y)).toEqual([96, 120, 120, 300]);
    expect(route(from, to, boxes, false).corners.map((at) => at.y)).toEqual([96, 276, 276, 300]);
    expect(route(from, to, boxes, true).label).toEqual({ x: 444, y: 232 });
    expect(route(from, { x: 132, y: 160 }, boxes, true).label).toEqual({ x: 132, y: 140 });
    expect(route(from, { x: 444, y: 160 }, boxes, true).label).toEqual({ x: 444, y: 140 }); // in a row with it
  });

  it("has its name beside those of the other ways to the same card", () => {
    const to = { x: 132, y: 192 };
    const labels = [0, 1].map((at) => route({ x: 88 + at * 44, y: 96 }, to, [], true, { at, of: 2 }).label);
    expect(labels).toEqual([{ x: 132, y: 138 }, { x: 132, y: 174 }]);
  });

  it("goes round a card between, with its name where it can be read", () => {
    const between = box(312, 160);
    const boxes = [box(0, 0), between, box(312, 360)];
    const to = { x: 444, y: 360 };
    const { corners, label } = route(from, to, boxes, true);
    expect(hits(corners, boxes)).toBe(0);
    expect(corners).toHaveLength(6);
    expect(label).toEqual({ x: 288, y: 144 });
    expect(hits([label, label], boxes)).toBe(0);
  });

  it("goes round cards of any number and height, straight down as well as back up", () => {
    const column = [0, 1, 2, 3, 4].map((row) => box(0, row * 200, row % 2 ? 150 : 96));
    for (const [start, end, early] of [[0, 4, true], [0, 3, false], [3, 1, true], [4, 0, false], [2, 2, true]] as const) {
      const out = { x: 132, y: column[start]!.y + column[start]!.height };
      const { corners } = route(out, { x: 132, y: column[end]!.y }, column, early);
      expect(hits(corners, column), `${start} to ${end}`).toBe(0);
      expect([corners[0], corners.at(-1)]).toEqual([out, { x: 132, y: column[end]!.y }]);
    }
  });

  it("has its name where it covers no card, if there is such a place", () => {
    const boxes = [box(0, 0), box(0, 140), box(0, 360), box(312, 0), box(312, 140)];
    const { corners, label } = route(from, { x: 132, y: 360 }, boxes, true);
    expect([hits(corners, boxes), corners[2]!.x]).toEqual([0, -24]);
    expect(label).toEqual({ x: -24, y: 248 });
  });

  it("is drawn with round corners and never with holes", () => {
    expect(drawn([{ x: 0, y: 0 }, { x: 0, y: 40 }, { x: 100, y: 40 }, { x: 100, y: 80 }])).toBe(
      "M0,0L0,24Q0,40 16,40L84,40Q100,40 100,56L100,80",
    );
    expect(drawn([{ x: 0, y: 0 }, { x: 0, y: 40 }, { x: 0, y: 40 }, { x: 0, y: 80 }])).not.toContain("NaN");
  });
});
