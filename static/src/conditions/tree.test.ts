import { describe, expect, it } from "vitest";
import * as tree from "./tree";

const TAKES = { eq: "scalar", one_of: "scalars", gt: "number", is_set: "none", in_last: "period" };
const germany = { type: "attribute", field: "country", op: "eq", value: "DE" };
const bought = { type: "event", event: "Order Completed", did: true, count: { op: "at_least", n: 3 }, within: { amount: 30, unit: "days" }, where: [{ field: "total", op: "gt", value: 50 }] };
const staff = { type: "segment", segment: 5, in: false };
const either = { type: "any", of: [germany, staff] };
const whole = { type: "all", of: [bought, either] };
const rows = (group: tree.Group): unknown => JSON.parse(tree.write(group));

describe("reading and writing", () => {
  it("gives back what it read", () => {
    expect(rows(tree.read(JSON.stringify(whole)))).toEqual(whole);
  });
  it("puts a single row into a group", () => {
    expect(rows(tree.read(JSON.stringify(germany)))).toEqual({ type: "all", of: [germany] });
  });
  it("writes nothing for nothing", () => {
    expect(tree.write(tree.read(""))).toBe("");
    expect(tree.write(tree.read("{}"))).toBe("");
  });
  it("keeps what it does not know", () => {
    const strange = { type: "all", of: [{ type: "weather", is: "sunny" }] };
    expect(rows(tree.read(JSON.stringify(strange)))).toEqual(strange);
    expect(tree.done(tree.read(JSON.stringify(strange)), TAKES)).toBe(false);
  });
});

describe("changing", () => {
  const at = (group: tree.Group, ...place: number[]): tree.Node => place.reduce<tree.Node>((node, index) => (node as tree.Group).of[index]!, group);
  const root = tree.read(JSON.stringify(whole));

  it("names places as the server does", () => {
    expect(tree.paths(root)[at(root, 1, 0).id]).toBe("of[1].of[0]");
  });
  it("moves in reading order, into and out of groups", () => {
    const inside = tree.step(root, at(root, 0).id, 1);
    expect(rows(inside)).toEqual({ type: "all", of: [{ type: "any", of: [bought, germany, staff] }] });
    expect(rows(tree.step(inside, at(root, 0).id, -1))).toEqual(whole);
    expect(tree.step(root, at(root, 0).id, -1)).toBe(root);
  });
  it("never moves a group into itself", () => {
    expect(tree.move(root, at(root, 1).id, at(root, 1).id, 0)).toBe(root);
  });
  it("moves behind itself in one group", () => {
    expect(rows(tree.move(root, at(root, 0).id, root.id, 2))).toEqual({ type: "all", of: [either, bought] });
  });
  it("negates by words and back", () => {
    const once = tree.negate(root, at(root, 0).id);
    expect((at(once, 0) as tree.EventRow).did).toBe(false);
    expect(rows(tree.negate(once, at(root, 0).id))).toEqual(whole);
    expect((at(tree.negate(root, at(root, 1, 0).id), 1, 0) as tree.AttributeRow).op).toBe("ne");
    expect(at(tree.negate(root, at(root, 1).id), 1).type).toBe("none");
  });
  it("wraps what has no opposite word in a none", () => {
    const more = tree.read(JSON.stringify({ type: "all", of: [{ type: "attribute", field: "n", op: "gt", value: 1 }] }));
    const negated = tree.negate(more, at(more, 0).id);
    expect(at(negated, 0).type).toBe("none");
    expect(rows(tree.negate(negated, at(negated, 0).id))).toEqual(rows(more));
  });
  it("duplicates with ids of its own", () => {
    const twice = tree.duplicate(root, at(root, 1).id);
    expect(tree.writeNode(at(twice, 2))).toEqual(either);
    expect(new Set(Object.keys(tree.paths(twice))).size).toBe(7);
  });
  it("wraps and unwraps", () => {
    const wrapped = tree.wrap(root, at(root, 0).id);
    expect(at(wrapped, 0).type).toBe("any");
    expect(rows(tree.unwrap(wrapped, at(wrapped, 0).id))).toEqual(whole);
  });
});

describe("what is finished", () => {
  const done = (raw: unknown) => tree.done(tree.readNode(raw), TAKES);
  it("asks for every part", () => {
    expect(done(germany)).toBe(true);
    expect(done({ ...germany, value: "" })).toBe(false);
    expect(done({ ...germany, op: "resembles" })).toBe(false);
    expect(done({ ...germany, op: "is_set", value: null })).toBe(true);
    expect(done({ ...germany, op: "one_of", value: [] })).toBe(false);
    expect(done(bought)).toBe(true);
    expect(done({ ...bought, where: [{ field: "total", op: "gt" }] })).toBe(false);
    expect(done({ type: "segment", segment: null, in: true })).toBe(false);
    expect(done({ type: "any", of: [] })).toBe(false);
  });
  it("keeps values as far as they fit", () => {
    expect(tree.fitValue("DE", "scalars")).toEqual(["DE"]);
    expect(tree.fitValue(["5", "6"], "number")).toBe(5);
    expect(tree.fitValue("many", "number")).toBe(null);
    expect(tree.fitValue("x", "none")).toBe(null);
    expect(tree.fitValue(null, "period")).toEqual({ amount: 30, unit: "days" });
  });
});
