import { describe, expect, it } from "vitest";
import { begin, record, redo, undo } from "./history";
import * as tree from "./tree";

const bought = { type: "event", event: "Order Completed" };
const germany = { type: "attribute", field: "country", op: "eq", value: "DE" };
const staff = { type: "segment", segment: 7, in: false };
const either = { type: "any", of: [germany, staff] };
const whole = { type: "all", of: [bought, either] };
const json = (root: tree.Group) => JSON.parse(tree.write(root)) as unknown;
const at = (group: tree.Group, ...place: number[]): tree.Node => place.reduce<tree.Node>((node, index) => (node as tree.Group).of[index]!, group);

describe("reading and writing", () => {
  it("keeps what the server wrote, known or not, on or off", () => {
    const odd = { type: "at_least", n: 2, of: [{ ...bought, off: true }, { type: "moon", phase: [1, { b: null }] }, { ...either, off: true }] };
    for (const one of [whole, odd]) expect(json(tree.read(JSON.stringify(one)))).toEqual(one);
  });
  it("puts a single condition, and a group that is off, into a group that is on", () => {
    expect(json(tree.read(JSON.stringify(germany)))).toEqual({ type: "all", of: [germany] });
    expect(json(tree.read(JSON.stringify({ ...either, off: true })))).toEqual({ type: "all", of: [{ ...either, off: true }] });
  });
  it("asks nothing where nothing is asked, and keeps what it cannot read", () => {
    for (const text of ["", "{}", "null"]) expect(tree.write(tree.read(text))).toBe("");
    expect(json(tree.read("[{"))).toEqual({ type: "all", of: [{ type: "unreadable", text: "[{" }] });
  });
  it("tells an empty row from everything else", () => {
    expect(json(tree.group("all", [tree.row()]))).toEqual({ type: "all", of: [{ type: "empty" }] });
  });
});

describe("changing the tree", () => {
  const root = tree.read(JSON.stringify(whole));
  const rows = (one: tree.Group) => json(one);
  it("names places as the server does", () => {
    expect(tree.paths(root)[at(root, 1, 0).id]).toBe("of[1].of[0]");
  });
  it("moves in reading order, into and out of groups", () => {
    const inside = tree.step(root, at(root, 0).id, 1);
    expect(rows(inside)).toEqual({ type: "all", of: [{ type: "any", of: [bought, germany, staff] }] });
    expect(rows(tree.step(inside, at(root, 0).id, -1))).toEqual(whole);
    expect(tree.step(root, at(root, 0).id, -1)).toBe(root);
  });
  it("moves into the group beside it and out again", () => {
    const inside = tree.into(root, at(root, 0).id);
    expect(rows(inside)).toEqual({ type: "all", of: [{ type: "any", of: [bought, germany, staff] }] });
    expect(rows(tree.out(inside, at(root, 0).id))).toEqual({ type: "all", of: [either, bought] });
    expect(tree.out(root, at(root, 0).id)).toBe(root);
  });
  it("makes a group of two rows where there is none beside", () => {
    const joined = tree.into(root, at(root, 1, 1).id);
    expect(rows(joined)).toEqual({ type: "all", of: [bought, { type: "any", of: [{ type: "all", of: [germany, staff] }] }] });
  });
  it("never moves a group into itself", () => {
    const id = at(root, 1).id;
    expect(tree.move(root, id, id, 0)).toBe(root);
    expect(tree.join(root, id, at(root, 1, 0).id)).toBe(root);
    expect(tree.join(root, id, id)).toBe(root);
  });
  it("moves behind itself in one group", () => {
    expect(rows(tree.move(root, at(root, 0).id, root.id, 2))).toEqual({ type: "all", of: [either, bought] });
  });
  it("groups a row with the row it is dropped onto, and goes into a group", () => {
    expect(rows(tree.join(root, at(root, 1, 1).id, at(root, 0).id))).toEqual({ type: "all", of: [{ type: "any", of: [bought, staff] }, { type: "any", of: [germany] }] });
    expect(rows(tree.join(root, at(root, 0).id, at(root, 1).id))).toEqual({ type: "all", of: [{ type: "any", of: [germany, staff, bought] }] });
  });
  it("switches off and on", () => {
    const off = tree.toggle(root, at(root, 0).id);
    expect(rows(off)).toEqual({ type: "all", of: [{ ...bought, off: true }, either] });
    expect(rows(tree.toggle(off, at(root, 0).id))).toEqual(whole);
  });
  it("duplicates with ids of its own", () => {
    const twice = tree.duplicate(root, at(root, 1).id);
    expect(tree.writeNode(at(twice, 2))).toEqual(either);
    expect(new Set(Object.keys(tree.paths(twice))).size).toBe(7);
  });
  it("wraps into the other kind of group, and unwraps", () => {
    const wrapped = tree.wrap(root, at(root, 0).id);
    expect(rows(wrapped)).toEqual({ type: "all", of: [{ type: "any", of: [bought] }, either] });
    expect(rows(tree.unwrap(wrapped, at(wrapped, 0).id))).toEqual(whole);
    expect(rows(tree.wrap(root, at(root, 1, 0).id))).toEqual({ type: "all", of: [bought, { type: "any", of: [{ type: "all", of: [germany] }, staff] }] });
  });
  it("does things to several at once, each once, also where one stands in another", () => {
    const all = new Set(tree.order(root));
    expect([...all].length).toBe(4);
    expect(tree.chosen(root, all).map((one) => one.id)).toEqual([at(root, 0).id, at(root, 1).id]);
    expect(tree.between(root, at(root, 1, 0).id, at(root, 0).id)).toEqual([at(root, 0).id, at(root, 1).id, at(root, 1, 0).id]);
    const some = new Set([at(root, 1, 1).id, at(root, 0).id]);
    expect(rows(tree.wrapAll(root, some))).toEqual({ type: "all", of: [{ type: "any", of: [bought, staff] }, { type: "any", of: [germany] }] });
    expect(rows(tree.removeAll(root, some))).toEqual({ type: "all", of: [{ type: "any", of: [germany] }] });
    const off = tree.toggleAll(tree.toggle(root, at(root, 0).id), some);
    expect(rows(off)).toEqual({ type: "all", of: [{ ...bought, off: true }, { type: "any", of: [germany, { ...staff, off: true }] }] });
    expect(rows(tree.toggleAll(off, some))).toEqual(whole);
    expect(rows(tree.duplicateAll(root, some))).toEqual({ type: "all", of: [bought, bought, { type: "any", of: [germany, staff, staff] }] });
    expect(tree.pasted(tree.copied(...tree.chosen(root, some)))!.map(tree.writeNode)).toEqual([bought, staff]);
    expect(tree.wrapAll(root, new Set(["gone"]))).toBe(root);
  });
  it("pastes what was copied, and nothing else", () => {
    const copied = tree.pasted(tree.copied(at(root, 1)))!;
    expect(copied.map(tree.writeNode)).toEqual([either]);
    expect(tree.pasted(JSON.stringify([bought, germany]))!.length).toBe(2);
    for (const text of ["", "hello", "5", "[]", "[5]", '{"a":1}']) expect(tree.pasted(text)).toBe(null);
  });
});

describe("history", () => {
  it("goes back and forth without an end, and forgets the future at a change", () => {
    const three = [2, 3, 4].reduce(record, begin(1));
    expect(record(three, 4)).toBe(three);
    const back = undo(undo(undo(three)));
    expect([back.now, undo(back).now, redo(back).now, redo(redo(redo(back))).now]).toEqual([1, 1, 2, 4]);
    expect(record(back, 9)).toEqual({ past: [1], now: 9, future: [] });
  });
});
