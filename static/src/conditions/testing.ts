// A small description as the server gives it, for tests.
import type { Schema, Token } from "./sentence";

const NEVER = { did: false, "count.op": "at_least", "count.n": 1 };
const drop = ["measure", "pick"];
const what = { as: "pick", name: "Event", at: "event", source: "events", typed: true, missing: "Choose what people do." } as Token;
const where = { as: "where", name: "Properties", at: "where", fields: { event: "event" } } as Token;

export const SCHEMA: Schema = {
  fields: {
    attributes: [
      { name: "country", type: "text", count: 9, values: [{ value: "DE", count: 6 }, { value: "AT", count: 3 }] },
      { name: "n", type: "number", count: 4, values: [] },
      { name: "born_on", type: "date", count: 4, values: [] },
    ],
  },
  sources: { events: [{ value: "Order Completed", label: "Order Completed", count: 8 }], segments: [{ value: 7, label: "Staff", count: 2 }] },
  operators: [
    { name: "eq", label: "is", types: ["text", "number"], argument: "scalar", opposite: "" },
    { name: "ne", label: "is not", types: ["text", "number"], argument: "scalar", opposite: "eq" },
    { name: "one_of", label: "is one of", types: ["text", "number"], argument: "scalars", opposite: "" },
    { name: "gt", label: "is more than", types: ["number"], argument: "number", opposite: "" },
    { name: "between", label: "is between", types: ["number"], argument: "numbers", opposite: "" },
    { name: "is_set", label: "is known", types: [], argument: "none", opposite: "" },
    { name: "in_last", label: "is in the last", types: ["date"], argument: "period", opposite: "" },
  ],
  units: [{ name: "hours", label: "hours" }, { name: "days", label: "days" }],
  icons: {},
  kinds: [
    {
      type: "known", opposite: "op",
      starts: [{ label: "", icon: "user", group: "About", raw: { type: "known", field: "", op: "" }, fields: "attributes", into: "field", typed: "something known" }],
      tokens: [{ as: "subject", name: "Subject", at: "field", icon: "user", tone: "blue" }, { as: "question", name: "Comparison", fields: { source: "attributes" } }],
    },
    {
      type: "act", opposite: "did",
      starts: [{ label: "", icon: "bolt", group: "Did", raw: { type: "act", event: "", did: true, count: { op: "at_least", n: 1 }, within: null, where: [] }, source: "events", into: "event" }],
      tokens: [
        { as: "subject", name: "Subject", at: "event", icon: "bolt", tone: "violet", missing: "Choose what people do." },
        { as: "choice", name: "How often", options: [
          { label: "at least", set: { did: true, "count.op": "at_least" }, drop }, { label: "not at all", set: NEVER, drop },
          { label: "not at least", set: { did: false, "count.op": "at_least" }, drop, hidden: true }, { label: "sum of", set: { did: true, "measure.of": "sum" }, drop: ["pick", "count"] },
        ] },
        { as: "field", name: "Property", at: "measure.field", fields: { event: "event" }, when: { has: ["measure"] }, missing: "Choose a property." },
        { as: "number", name: "Times", at: "count.n", one: "1 time", many: "{n} times", min: 0, max: 9, whole: true, when: { has: ["count"], unless: NEVER } },
        { as: "window", name: "When", at: "within" },
        where,
      ],
    },
    {
      type: "steps", opposite: "did", starts: [],
      tokens: [{ as: "lines", name: "Steps", at: "steps", first: [what, where], next: [what, where], fresh: { event: "" }, add: "Step", least: 2, missing: "Give at least two steps." }],
    },
    { type: "member", opposite: "in", starts: [], tokens: [{ as: "pick", name: "Segment", at: "segment", source: "segments", typed: false, missing: "Choose a segment." }] },
  ],
};
