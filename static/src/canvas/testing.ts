// Drawings for the tests, in few words.
import type { Card, Graph, Line } from "./contract";
import type { Drawing } from "./graph";

export function card(key: string, more: Partial<Card> = {}): Card {
  return {
    key, kind: "plain", name: "", title: key, x: 0, y: 0, config: {}, summary: "", ports: [{ name: "next", label: "" }], names_below: 0,
    problems: [], untracked: [], url: `/nodes/${key}/`, ...more,
  };
}

/** "a>b" is a line from the port "next", "a.yes>b" one from "yes". */
export function lines(text: string): Line[] {
  return text.split(/\s+/).filter(Boolean).map((one) => {
    const [from = "", target = ""] = one.split(">");
    const [source = "", port = "next"] = from.split(".");
    return { source, port, target };
  });
}

export function drawing(keys: string, edges = ""): Drawing {
  return { nodes: keys.split(/\s+/).filter(Boolean).map((key) => card(key)), edges: lines(edges) };
}

export function graph(of: Drawing, revision = 1, edit = ""): Graph {
  return { revision, edit, number: 1, saved_at: "2026-03-02T10:00:00Z", nodes: [...of.nodes], edges: [...of.edges], problems: [] };
}

export const said = (of: Drawing): string[] => of.edges.map((edge) => `${edge.source}.${edge.port}>${edge.target}`).sort();
