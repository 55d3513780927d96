import { describe, expect, it } from "vitest";
import { copied, pasted } from "./clipboard";
import type { Kind, Manifest } from "./contract";
import { command, neighbour } from "./keyboard";
import { freshCard, freshKey, kindsOf, mayConnect, offered, search } from "./rules";
import { card, drawing, lines, said } from "./testing";

function kind(name: string, more: Partial<Kind> = {}): Kind {
  return {
    kind: name, label: name, category: "time", icon: "x", help: "", order: 1, ports: [{ name: "next", label: "" }],
    names_below: 0, limits: { incoming: true }, ...more,
  };
}
const manifest: Manifest = {
  categories: [],
  kinds: [kind("start", { limits: { incoming: false } }), kind("plain", { label: "Wait", help: "Holds people" }), kind("stop", { ports: [], help: "wait no more" })],
};
const kinds = kindsOf(manifest);

describe("what may be drawn", () => {
  const of = { nodes: [card("in", { kind: "start" }), card("a"), card("z", { kind: "stop", ports: [] })], edges: lines("in>a") };
  it.each([
    ["in", "next", "a", true],
    ["a", "next", "z", true],
    ["a", "next", "in", false],
    ["a", "next", "a", false],
    ["a", "gone", "z", false],
    ["z", "next", "a", false],
    ["a", "next", "nobody", false],
  ])("%s.%s to %s: %s", (source, port, target, may) => {
    expect(mayConnect(of, kinds, { source, port, target })).toBe(may);
  });

  it("offers at a line only what leads on, at an open end everything but entries", () => {
    expect(offered(manifest, of, { source: "in", port: "next" }).map((one) => one.kind)).toEqual(["plain"]);
    expect(offered(manifest, of, { source: "a", port: "next" }).map((one) => one.kind)).toEqual(["plain", "stop"]);
    expect(offered(manifest, of).length).toBe(3);
  });
});

describe("the search", () => {
  it("puts first whose name begins with it", () => {
    expect(search([...manifest.kinds], "wait").map((one) => one.kind)).toEqual(["plain", "stop"]);
    expect(search([...manifest.kinds], "holds PEOPLE").map((one) => one.kind)).toEqual(["plain"]);
    expect(search([...manifest.kinds], " ").length).toBe(3);
  });
});

describe("copy and paste", () => {
  it("gives copies new keys and follows what they say of each other", () => {
    const of = { nodes: [card("a"), card("b", { config: { about: "a", list: ["a", "c"] } }), card("c")], edges: lines("a>b b>c") };
    const found = pasted(copied(of, new Set(["a", "b"])), kinds, "/n/KEY/", 48)!;
    const [a, b] = found.cards;
    expect(new Set(found.cards.map((one) => one.key)).size).toBe(2);
    expect(found.cards.map((one) => one.key)).not.toContain("a");
    expect(b!.config).toEqual({ about: a!.key, list: [a!.key, "c"] });
    expect(said({ nodes: found.cards, edges: found.edges })).toEqual([`${a!.key}.next>${b!.key}`]);
    expect([a!.x, a!.url]).toEqual([48, `/n/${a!.key}/`]);
  });

  it("leaves out kinds that are not known here, and other texts", () => {
    const of = { nodes: [card("a", { kind: "elsewhere" }), card("b")], edges: lines("a>b") };
    expect(pasted(copied(of, new Set(["a", "b"])), kinds, "/n/KEY/", 0)).toMatchObject({ cards: [{ title: "b" }], edges: [] });
    for (const text of ["hello", "{}", "null", '{"type":"omnichannel/steps"}']) expect(pasted(text, kinds, "", 0)).toBeUndefined();
  });
});

describe("fresh cards", () => {
  it("have keys that the server takes and no answers yet", () => {
    expect(freshKey()).toMatch(/^[a-z0-9]{12}$/);
    expect(freshCard(kind("plain"), 1.4, 2.6, "/n/KEY/", "k")).toMatchObject({ key: "k", x: 1, y: 3, config: null, url: "/n/k/" });
  });
});

describe("keys", () => {
  const press = (key: string, more = {}): ReturnType<typeof command> =>
    command({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });
  it.each([
    ["z", { ctrlKey: true }, { do: "undo" }],
    ["Z", { ctrlKey: true, shiftKey: true }, { do: "redo" }],
    ["y", { metaKey: true }, { do: "redo" }],
    ["c", { ctrlKey: true }, undefined],
    ["Delete", {}, { do: "remove" }],
    ["/", {}, { do: "add" }],
    ["Enter", {}, { do: "inspect" }],
    ["ArrowUp", {}, { do: "walk", to: "up" }],
    ["x", {}, undefined],
  ])("%s %o", (key, more, meant) => expect(press(key, more)).toEqual(meant));

  it("walks to the card that lies ahead", () => {
    const of = { ...drawing("a b c"), nodes: [card("a"), card("b", { x: 300, y: 150 }), card("c", { x: 20, y: 200 })] };
    expect(neighbour(of.nodes, of.nodes[0], "down")?.key).toBe("c");
    expect(neighbour(of.nodes, of.nodes[0], "right")?.key).toBe("c");
    expect(neighbour(of.nodes, of.nodes[1], "left")?.key).toBe("c");
    expect(neighbour(of.nodes, of.nodes[0], "up")).toBeUndefined();
    expect(neighbour(of.nodes, undefined, "up")?.key).toBe("a");
  });
});
