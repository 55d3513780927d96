import { describe, expect, it } from "vitest";
import type { Operation } from "./contract";
import { difference, following, openPort, reduce, start, type Action, type Drawing, type State } from "./graph";
import { card, drawing, graph, lines, said } from "./testing";

const on = (of: Drawing, ...actions: Action[]): State => actions.reduce(reduce, start(graph(of)));

/** What the server would make of the operations; it refuses what the server refuses. */
function played(from: Drawing, operations: Operation[]): Drawing {
  let nodes = [...from.nodes];
  let edges = [...from.edges];
  const has = (key: string): void => expect(nodes.map((one) => one.key)).toContain(key);
  for (const op of operations) {
    switch (op.op) {
      case "add_node": {
        expect(nodes.map((one) => one.key)).not.toContain(op.key);
        const { op: _op, ...rest } = op;
        nodes.push(card(op.key, rest));
        break;
      }
      case "delete_node":
        has(op.key);
        nodes = nodes.filter((one) => one.key !== op.key);
        edges = edges.filter((edge) => edge.source !== op.key && edge.target !== op.key);
        break;
      case "connect":
        has(op.source);
        has(op.target);
        edges = [...edges.filter((edge) => edge.source !== op.source || edge.port !== op.port), { source: op.source, port: op.port, target: op.target }];
        break;
      case "disconnect":
        expect(edges.some((edge) => edge.source === op.source && edge.port === op.port)).toBe(true);
        edges = edges.filter((edge) => edge.source !== op.source || edge.port !== op.port);
        break;
      case "configure": nodes = nodes.map((one) => (one.key === op.key ? { ...one, config: op.config } : one)); break;
      case "rename_node": nodes = nodes.map((one) => (one.key === op.key ? { ...one, name: op.name } : one)); break;
      case "move_node": nodes = nodes.map((one) => (one.key === op.key ? { ...one, x: op.x, y: op.y } : one)); break;
    }
  }
  return { nodes, edges };
}

describe("editing", () => {
  it("puts a card on a line and leads on from its first port", () => {
    const branch = card("new", { ports: [{ name: "yes", label: "Yes" }, { name: "no", label: "No" }] });
    const state = on(drawing("a b", "a>b"), { type: "insert", card: branch, on: { source: "a", port: "next" } });
    expect(said(state.now)).toEqual(["a.next>new", "new.yes>b"]);
  });

  it("puts a card behind an open way out", () => {
    const state = on(drawing("a"), { type: "insert", card: card("new"), on: { source: "a", port: "next" } });
    expect(said(state.now)).toEqual(["a.next>new"]);
  });

  it("closes the gap when a card goes", () => {
    expect(said(on(drawing("a b c", "a>b b>c"), { type: "remove", keys: ["b"] }).now)).toEqual(["a.next>c"]);
  });

  it("leads everybody on when several lines meet at the card that goes", () => {
    const state = on(drawing("a b c d", "a>c b>c c>d"), { type: "remove", keys: ["c"] });
    expect(said(state.now)).toEqual(["a.next>d", "b.next>d"]);
  });

  it("leaves a gap where it cannot know the way", () => {
    const state = on(drawing("a b c d", "a>b b.yes>c b.no>d"), { type: "remove", keys: ["b"] });
    expect(said(state.now)).toEqual([]);
  });

  it("never leads a card to itself when a circle is cut", () => {
    expect(said(on(drawing("a b", "a>b b>a"), { type: "remove", keys: ["b"] }).now)).toEqual([]);
  });

  it("closes the gap over several cards in a row", () => {
    const state = on(drawing("a b c d", "a>b b>c c>d"), { type: "remove", keys: ["b", "c"] });
    expect(said(state.now)).toEqual(["a.next>d"]);
  });

  it("gives a port one line", () => {
    const state = on(drawing("a b c", "a>b"), { type: "connect", line: { source: "a", port: "next", target: "c" } });
    expect(said(state.now)).toEqual(["a.next>c"]);
  });

  it("takes a line from one port to another", () => {
    const state = on(drawing("a b c", "a.x>b"), {
      type: "connect", line: { source: "c", port: "next", target: "b" }, instead: { source: "a", port: "x" },
    });
    expect(said(state.now)).toEqual(["c.next>b"]);
  });

  it("keeps the state when a move moves nothing", () => {
    const state = start(graph(drawing("a")));
    expect(reduce(state, { type: "move", spots: [{ key: "a", x: 0, y: 0 }] })).toBe(state);
  });
});

const answered = (answers: FormData): Action => ({ type: "answered", url: "/nodes/a/", answers });
const days = (n: number): ReturnType<typeof card> => card("a", { config: { days: n } });

describe("undo and redo", () => {
  it("walks back and forth through everything", () => {
    const steps: Action[] = [
      { type: "add", cards: [card("c")], edges: lines("b>c") },
      { type: "move", spots: [{ key: "a", x: 40, y: 8 }] },
      { type: "remove", keys: ["b"] },
    ];
    let state = start(graph(drawing("a b", "a>b")));
    const seen = [state.now];
    for (const step of steps) seen.push((state = reduce(state, step)).now);
    for (const before of seen.slice(0, -1).reverse()) expect((state = reduce(state, { type: "undo" })).now).toBe(before);
    expect(reduce(state, { type: "undo" })).toBe(state);
    for (const after of seen.slice(1)) expect((state = reduce(state, { type: "redo" })).now).toBe(after);
    expect(reduce(state, { type: "redo" })).toBe(state);
  });

  it("forgets what could be redone after a new edit", () => {
    const state = on(drawing("a b"), { type: "remove", keys: ["a"] }, { type: "undo" }, { type: "remove", keys: ["b"] });
    expect(state.future).toEqual([]);
  });

  it("takes back a saved form, as something to save again", () => {
    const answers = new FormData();
    let state = on(drawing("a"), { type: "answered", url: "/nodes/a/", answers });
    expect(difference(state.base, state.now)).toEqual([]);
    state = reduce(state, { type: "filled", answers, card: days(3), revision: 2 });
    expect([state.revision, state.past.length, state.now.nodes[0]!.answers]).toEqual([2, 1, undefined]);
    expect(difference(state.base, state.now)).toEqual([]);
    state = reduce(state, { type: "undo" });
    expect(difference(state.base, state.now)).toEqual([{ op: "configure", key: "a", config: {} }]);
  });

  it("reaches answers that wait, in the order in which everything was done", () => {
    const [three, four] = [new FormData(), new FormData()];
    let state = on(drawing("a b"), answered(three), { type: "move", spots: [{ key: "b", x: 9, y: 9 }] }, answered(four));
    const waiting = (): unknown => [state.now.nodes[0]!.answers, state.now.nodes[1]!.x];
    const seen = ["undo", "undo", "undo", "redo", "redo"].map((type) => { state = reduce(state, { type } as Action); return waiting(); });
    expect(seen).toEqual([[three, 9], [three, 0], [undefined, 0], [three, 0], [three, 9]]);
    state = reduce(state, { type: "filled", answers: three, card: days(3), revision: 2 });
    expect([state.now.nodes[0]!.config, state.future[0]!.nodes[0]!.answers]).toEqual([{ days: 3 }, four]);
    state = reduce(state, { type: "undo" });
    expect(difference(state.base, state.now)).toEqual([]);
  });

  it("takes back what the server took meanwhile, and knows it when it is done again", () => {
    const answers = new FormData();
    let state = on(drawing("a"), answered(answers), { type: "undo" });
    state = reduce(state, { type: "filled", answers, card: days(3), revision: 2 });
    expect(difference(state.base, state.now)).toEqual([{ op: "configure", key: "a", config: {} }]);
    state = reduce(state, { type: "redo" });
    expect([difference(state.base, state.now), state.now.nodes[0]!.answers]).toEqual([[], undefined]);
  });

  it("keeps newer answers on top of those that were saved", () => {
    const [three, four] = [new FormData(), new FormData()];
    let state = on(drawing("a"), answered(three), answered(four), { type: "filled", answers: three, card: days(3), revision: 2 });
    expect([state.now.nodes[0]!.answers, difference(state.base, state.now)]).toEqual([four, []]);
    state = reduce(state, { type: "undo" });
    expect([state.now.nodes[0]!.config, state.now.nodes[0]!.answers]).toEqual([{ days: 3 }, undefined]);
  });

  it("knows nothing of answers that were wrong, nor of those that changed nothing", () => {
    const answers = new FormData();
    expect(on(drawing("a"), answered(answers), { type: "unanswered", answers }).past).toEqual([]);
    expect(on(drawing("a"), answered(answers), { type: "filled", answers, card: card("a"), revision: 2 }).past).toEqual([]);
  });
});

describe("saving", () => {
  it("learns what the server filled in, for the past too", () => {
    let state = on(drawing("a"), { type: "add", cards: [card("b", { config: null })], edges: [] }, { type: "move", spots: [{ key: "a", x: 9, y: 9 }] });
    const sent = state.now;
    const answer = graph({ ...sent, nodes: sent.nodes.map((one) => (one.key === "b" ? { ...one, config: { n: 1 }, summary: "One" } : one)) }, 2);
    state = reduce(state, { type: "saved", sent, graph: answer });
    expect(state.now.nodes[1]).toMatchObject({ config: { n: 1 }, summary: "One" });
    state = reduce(state, { type: "undo" });
    expect(state.now.nodes[1]).toMatchObject({ config: { n: 1 }, summary: "One" });
    expect(difference(state.base, state.now)).toEqual([{ op: "move_node", key: "a", x: 0, y: 0 }]);
  });

  it("keeps what was drawn while the answer was on its way", () => {
    let state = on(drawing("a b"), { type: "move", spots: [{ key: "a", x: 5, y: 5 }] });
    const sent = state.now;
    state = reduce(state, { type: "connect", line: { source: "a", port: "next", target: "b" } });
    state = reduce(state, { type: "saved", sent, graph: graph(sent, 2) });
    expect(difference(state.base, state.now)).toEqual([{ op: "connect", source: "a", port: "next", target: "b" }]);
  });

  it("leaves answers where they wait", () => {
    const answers = new FormData();
    let state = on(drawing("a"), { type: "move", spots: [{ key: "a", x: 5, y: 5 }] }, answered(answers));
    state = reduce(state, { type: "saved", sent: state.now, graph: graph(state.now, 2) });
    expect([state.now.nodes[0]!.answers, difference(state.base, state.now)]).toEqual([answers, []]);
  });

  it("takes the server's drawing when somebody else was faster", () => {
    const state = on(drawing("a b"), { type: "remove", keys: ["a"] }, { type: "reloaded", graph: graph(drawing("x"), 7) });
    expect([state.revision, state.past, state.now.nodes.map((one) => one.key)]).toEqual([7, [], ["x"]]);
  });

  it("does not mind the order of a form's answers", () => {
    const to = { nodes: [card("a", { config: { y: 2, x: [1] } })], edges: [] };
    expect(difference({ nodes: [card("a", { config: { x: [1], y: 2 } })], edges: [] }, to)).toEqual([]);
  });
});

describe("the difference of two drawings", () => {
  it("can be played in its order, whatever the two are", () => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    const some = (): Drawing => {
      const keys = "abcdefgh".split("").filter(() => random(3) > 0);
      const nodes = keys.map((key) => card(key, { x: random(3), name: random(2) ? "n" : "", config: { v: random(3) } }));
      const edges = keys.flatMap((source) => ["next", "no"].flatMap((port) => {
        const target = keys[random(keys.length + 2)];
        return target && target !== source ? [{ source, port, target }] : [];
      }));
      return { nodes, edges };
    };
    for (let round = 0; round < 300; round++) {
      const [from, to] = [some(), some()];
      const result = played(from, difference(from, to));
      expect(said(result)).toEqual(said(to));
      const byKey = (of: Drawing): unknown => Object.fromEntries(of.nodes.map(({ key, x, name, config }) => [key, { x, name, config }]));
      expect(byKey(result)).toEqual(byKey(to));
      expect(difference(result, to)).toEqual([]);
    }
  });
});

describe("looking around", () => {
  it("finds what follows, also in a circle", () => {
    expect([...following(drawing("a b c d", "a>b b>c c>a"), "a")].sort()).toEqual(["a", "b", "c"]);
  });

  it("finds the first open way out", () => {
    const split = card("a", { ports: [{ name: "yes", label: "" }, { name: "no", label: "" }] });
    expect(openPort({ nodes: [split], edges: lines("a.yes>b") }, split)).toBe("no");
    expect(openPort({ nodes: [split], edges: lines("a.yes>b a.no>b") }, split)).toBeUndefined();
  });
});
