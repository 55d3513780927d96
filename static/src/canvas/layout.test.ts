import { describe, expect, it } from "vitest";
import { GAP, HEIGHT, WIDTH, free, spotAfter, spread, tidy } from "./layout";
import { readingOrder } from "./ListView";
import { card, drawing, lines } from "./testing";

const split = card("s", { ports: ["a", "b", "c"].map((name) => ({ name, label: name })), names_below: 92 });

describe("tidying up", () => {
  it("puts rows below each other and ports side by side in their order", () => {
    const of = { nodes: [...drawing("in x y z").nodes, split], edges: lines("in>s s.a>z s.b>x s.c>y") };
    const at = new Map(tidy(of).map((spot) => [spot.key, spot]));
    expect(at.get("s")!.y).toBe(at.get("in")!.y + HEIGHT + GAP);
    expect(at.get("s")!.x).toBe(at.get("in")!.x);
    expect(new Set(["x", "y", "z"].map((key) => at.get(key)!.y)).size).toBe(1);
    expect(at.get("z")!.x).toBeLessThan(at.get("x")!.x);
    expect(at.get("x")!.x).toBeLessThan(at.get("y")!.x);
    expect(at.get("x")!.x).toBe(at.get("s")!.x);
    expect(at.get("x")!.y).toBeGreaterThanOrEqual(at.get("s")!.y + HEIGHT + GAP + 92); // two rows of names
  });

  it("lets no two cards overlap, whatever their heights", () => {
    const of = { nodes: [...drawing("in x y z w").nodes, split], edges: lines("in>s s.a>z s.b>x s.c>y x>w y>w z>in") };
    const heights = new Map([["x", 220], ["s", 150]]);
    const spots = tidy(of, heights);
    for (const a of spots) {
      for (const b of spots) {
        if (a.key >= b.key) continue;
        const apart = Math.abs(a.x - b.x) >= WIDTH || a.y + (heights.get(a.key) ?? HEIGHT) <= b.y || b.y + (heights.get(b.key) ?? HEIGHT) <= a.y;
        expect(apart, `${a.key} and ${b.key}`).toBe(true);
      }
    }
  });
});

describe("room for a new card", () => {
  it("is made on a line by moving down what follows, and nothing else", () => {
    const nodes = [card("a"), card("b", { y: 160 }), card("c", { y: 320 }), card("other", { x: 900, y: 400 })];
    const { at, moves } = spotAfter({ nodes, edges: lines("a>b b>c") }, nodes[0]!, "next", new Map());
    expect(at).toEqual({ x: 0, y: HEIGHT + GAP });
    expect(moves).toEqual([{ key: "b", x: 0, y: 320 }, { key: "c", x: 0, y: 480 }]);
  });

  it("is found beside cards that stand in the way", () => {
    const of = { nodes: [card("a"), card("b", { y: 150 })], edges: [] };
    expect(free(of, 0, 160)).toEqual({ x: WIDTH + 48, y: 160 });
    expect(free(of, 0, 400)).toEqual({ x: 0, y: 400 });
  });

  it("spreads the ports of a branch", () => {
    const xs = split.ports.map((port) => spotAfter({ nodes: [split], edges: [] }, split, port.name, new Map()).at.x);
    expect(xs).toEqual([-(WIDTH + 48), 0, WIDTH + 48]);
  });
});

describe("cards that have grown", () => {
  it("push down what hangs on them, and only as far as needed", () => {
    const nodes = [card("a"), card("b", { y: 160 }), card("c", { y: 320 }), card("other", { x: 900, y: 160 })];
    const spots = spread({ nodes, edges: lines("a>b b>c c>a") }, new Map([["a", 140]]));
    expect(Object.fromEntries(spots.map((spot) => [spot.key, spot.y]))).toEqual({ a: 0, b: 140 + GAP, c: 140 + GAP + HEIGHT + GAP, other: 160 });
  });
});

describe("reading order", () => {
  it("follows each branch to its end, loose cards last", () => {
    const nodes = [card("loose", { y: 900 }), card("y", { y: 20 }), card("x", { y: 30 }), { ...split, y: 10 }, card("in")];
    const order = readingOrder({ nodes, edges: lines("in>s s.a>x s.b>y x>y") });
    expect(order.map((one) => one.key)).toEqual(["in", "s", "x", "y", "loose"]);
  });
});
