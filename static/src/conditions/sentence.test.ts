import { describe, expect, it } from "vitest";
import { matching, folded, type Option } from "./Choose";
import { sideOf } from "./drag";
import { drop, get, same, set } from "./json";
import { command } from "./keys";
import { choose, fitValue, isChosen, negate, rowProblem, type Token } from "./sentence";
import { begun, offers } from "./Subject";
import { SCHEMA } from "./testing";
import * as tree from "./tree";
import { windowProblem, windowWords } from "./windows";

const act = { type: "act", event: "Order Completed", did: true, count: { op: "at_least", n: 1 }, within: null, where: [] };
const known = { type: "known", field: "country", op: "eq", value: "DE" };

describe("paths in JSON", () => {
  it("reads, sets and drops without changing what it was given", () => {
    expect([get(act, "count.n"), get(act, "count.n.x"), get(act, "")]).toEqual([1, undefined, act]);
    expect(set(act, "count.n", 3)).toEqual({ ...act, count: { op: "at_least", n: 3 } });
    expect(set({}, "a.b", 1)).toEqual({ a: { b: 1 } });
    expect(drop({ a: 1, b: 2 }, "a")).toEqual({ b: 2 });
    expect(act.count.n).toBe(1);
  });
  it("takes what is missing for null", () => {
    expect([same({ a: null }, {}), same({ a: [1, { b: null }] }, { a: [1, {}] }), same([1], [1, 2]), same(0, null), same("1", 1)]).toEqual([true, true, false, false, false]);
  });
});

describe("answers of a choice", () => {
  const options = (SCHEMA.kinds[1]!.tokens[1] as Token & { as: "choice" }).options;
  const label = (raw: object) => options.find((one) => isChosen(one, raw as never))?.label;
  it("sets what it speaks of and drops what does not go with it", () => {
    const never = choose(options[1]!, { ...act, count: { op: "exactly", n: 5 } });
    expect(never).toEqual({ ...act, did: false });
    const sum = choose(options[3]!, never);
    expect(sum).toEqual({ type: "act", event: "Order Completed", did: true, within: null, where: [], measure: { of: "sum" } });
    expect(choose(options[0]!, sum)).toEqual({ type: "act", event: "Order Completed", did: true, within: null, where: [], count: { op: "at_least" } });
  });
  it("finds the one that is so", () => {
    expect([label(act), label({ ...act, did: false }), label({ ...act, did: false, count: { op: "at_least", n: 3 } })]).toEqual(["at least", "not at all", "not at least"]);
  });
});

describe("starting a row", () => {
  const find = (label: string) => offers(SCHEMA, false).find((one) => one.option.label === label)!;
  it("offers what the data holds, with types and examples", () => {
    expect(find("country").option.detail).toBe("text · DE, AT");
    expect(offers(SCHEMA, false).map((one) => one.option.label)).toEqual(["country", "n", "born on", "Order Completed"]);
  });
  it("begins with an operator that fits the type", () => {
    expect(begun(find("born on"), {}, SCHEMA)).toEqual({ type: "known", field: "born_on", op: "in_last", value: { amount: 30, unit: "days" } });
    expect(begun(find("n"), {}, SCHEMA)).toEqual({ type: "known", field: "n", op: "gt" });
  });
  it("keeps the sentence when only its subject changes", () => {
    expect(begun(find("Order Completed"), { ...act, event: "Viewed", did: false, where: [known] }, SCHEMA)).toEqual({ ...act, did: false });
    expect(begun(find("country"), { ...known, field: "city", op: "one_of", value: ["x"] }, SCHEMA)).toEqual({ ...known, op: "one_of", value: ["x"] });
    expect(begun(find("country"), act, SCHEMA)).toEqual({ type: "known", field: "country", op: "eq" });
  });
});

describe("what is missing", () => {
  const say = (raw: object) => rowProblem(raw as never, SCHEMA);
  it("says it in place", () => {
    expect(say({})).toBe("Choose what it is about.");
    expect(say({ type: "moon" })).toBe("This row cannot be understood. Remove it and build it again.");
    expect([say(known), say({ ...known, value: "" }), say({ ...known, op: "resembles" }), say({ ...known, op: "one_of", value: [] })]).toEqual([null, "Give a value.", "Choose a comparison.", "Choose at least one value."]);
    expect([say({ ...known, op: "is_set", value: undefined }), say({ ...known, op: "between", value: [1] })]).toEqual([null, "Give two values: from and to."]);
    expect([say(act), say({ ...act, event: "" }), say({ ...act, where: [{ field: "total", op: "gt" }] })]).toEqual([null, "Choose what people do.", "Give a number."]);
    expect(say({ ...act, count: undefined, measure: { of: "sum" } })).toBe("Choose a property.");
    expect(say({ ...act, within: { since: "" } })).toBe("Choose what they did before.");
    expect([say({ type: "member", segment: null }), say({ type: "member", segment: 7 })]).toEqual(["Choose a segment.", null]);
  });
  it("looks into the steps of an order", () => {
    expect([say({ type: "steps", steps: [{ event: "A" }] }), say({ type: "steps", steps: [{ event: "A" }, { event: "" }] }), say({ type: "steps", steps: [{ event: "A" }, { event: "B" }] })])
      .toEqual(["Give at least two steps.", "Choose what people do.", null]);
  });
});

describe("the opposite", () => {
  const turned = (raw: object) => tree.writeNode(negate(tree.read(JSON.stringify({ type: "all", of: [raw] })), "", SCHEMA).of[0]!);
  const turn = (raw: object) => {
    const root = tree.read(JSON.stringify({ type: "all", of: [raw] }));
    return JSON.parse(tree.write(negate(root, root.of[0]!.id, SCHEMA))).of as unknown[];
  };
  it("uses the row's own words where there are some", () => {
    expect(turned(act)).toEqual(act);
    expect(turn(act)).toEqual([{ ...act, did: false }]);
    expect(turn(known)).toEqual([{ ...known, op: "ne" }]);
    expect(turn({ ...known, op: "ne" })).toEqual([known]);
  });
  it("puts a none around the rest, and takes it away again", () => {
    const more = { ...known, op: "gt", value: 1 };
    expect(turn(more)).toEqual([{ type: "none", of: [more] }]);
    expect(turn({ type: "none", of: [more] })).toEqual([more]);
    expect(turn({ type: "none", of: [more, act] })).toEqual([{ type: "any", of: [more, act] }]);
    expect(turn({ type: "any", of: [more, act] })).toEqual([{ type: "none", of: [more, act] }]);
    expect(turn({ type: "at_least", n: 2, of: [more, act] })).toEqual([{ type: "none", of: [{ type: "at_least", n: 2, of: [more, act] }] }]);
  });
});

describe("values and windows", () => {
  it("keeps values as far as they fit", () => {
    expect([fitValue("DE", "scalars"), fitValue(["5", "6"], "number"), fitValue("many", "number"), fitValue("x", "none"), fitValue(5, "text"), fitValue([1, 2], "numbers"), fitValue("x", "numbers")])
      .toEqual([["DE"], 5, null, null, "5", [1, 2], null]);
    expect([fitValue(null, "period"), fitValue({ amount: 3, unit: "hours" }, "days_period")]).toEqual([{ amount: 30, unit: "days" }, { amount: 7, unit: "days" }]);
  });
  it.each([
    [null, "at any time", null],
    [{ amount: 1, unit: "weeks" }, "in the last 1 week", null],
    [{ from: { amount: 60, unit: "days" }, to: { amount: 30, unit: "days" } }, "between 60 days and 30 days ago", null],
    [{ from: { amount: 30, unit: "days" }, to: { amount: 60, unit: "days" } }, "between 30 days and 60 days ago", "The longer time comes first: between 60 and 30 days ago."],
    [{ before: "2026-01-01" }, "before Jan 1, 2026", null],
    [{ after: "2026-01-01" }, "on or after Jan 1, 2026", null],
    [{ from: "2026-01-01", to: "2026-02-01" }, "from Jan 1, 2026 to Feb 1, 2026", null],
    [{ from: "2026-03-01", to: "2026-02-01" }, "from Mar 1, 2026 to Feb 1, 2026", "The first day is after the last one."],
    [{ since: "Signed Up", pick: "first" }, "after the first “Signed Up”", null],
  ])("reads %j", (window, words, problem) => {
    expect([windowWords(window as never), windowProblem(window as never)]).toEqual([words, problem]);
  });
});

describe("lists, keys and dragging", () => {
  const options: Option[] = Array.from({ length: 20 }, (_, n) => ({ key: `k${n}`, label: `Name ${n}`, group: n < 12 ? "One" : "Two" }));
  it("shows the first few of each group until it is opened or searched", () => {
    expect(folded(options, new Set()).map((one) => one.key)).toEqual(["k0", "k1", "k2", "k3", "k4", "k5", "…One", "k12", "k13", "k14", "k15", "k16", "k17", "…Two"]);
    expect(folded(options, new Set(["One", "Two"]))).toEqual(options);
    expect(matching(options, "1 name").map((one) => one.key)).toEqual(["k1", "k10", "k11", "k12", "k13", "k14", "k15", "k16", "k17", "k18", "k19"]);
  });
  it("knows its keys", () => {
    const press = (key: string, more = {}) => command({ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, ...more });
    expect([press("z", { ctrlKey: true }), press("Z", { metaKey: true, shiftKey: true }), press("g", { ctrlKey: true }), press("G", { ctrlKey: true, shiftKey: true })]).toEqual(["undo", "redo", "group", "ungroup"]);
    expect([press("ArrowUp", { altKey: true }), press("ArrowRight", { altKey: true }), press("ArrowUp"), press("Delete"), press("!"), press("a"), press("g")]).toEqual(["up", "in", "above", "remove", "negate", null, null]);
  });
  it("drops before, after or onto", () => {
    const box = { top: 100, height: 40 };
    expect([105, 120, 138].map((y) => sideOf(y, box, false))).toEqual(["before", "onto", "after"]);
    expect([105, 150, 296].map((y) => sideOf(y, { top: 100, height: 200 }, true))).toEqual(["before", "onto", "after"]);
  });
});
