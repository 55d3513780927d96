import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ContractError, readBoot, readCounts, readGraph, readManifest } from "./contract";
import { cells, flows } from "./report";
import { graph, lines, drawing } from "./testing";
import { t } from "./words";

const fixture = JSON.parse(readFileSync("src/canvas/fixtures/manifest.json", "utf8")) as unknown;

describe("the manifest that the server writes", () => {
  it("is understood", () => {
    const manifest = readManifest(fixture);
    const categories = new Set(manifest.categories.map((category) => category.key));
    expect(manifest.kinds.length).toBeGreaterThan(5);
    for (const kind of manifest.kinds) expect(categories).toContain(kind.category);
  });

  it("is the only place where a kind is named", () => {
    const names = readManifest(fixture).kinds.map((kind) => kind.kind);
    for (const file of readdirSync("src/canvas").filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))) {
      const source = readFileSync(`src/canvas/${file}`, "utf8");
      // "end", "branch" … are categories; a kind would be compared with or looked up as a string.
      for (const name of names) expect(source, `${file} names ${name}`).not.toMatch(new RegExp(`kind[^\\n]{0,12}["'\`]${name}["'\`]|["'\`]${name}["'\`]\\s*(===|:)`));
    }
  });
});

describe("the guard", () => {
  it("lets through what fits", () => {
    const fits = graph(drawing("a b", "a>b"));
    expect(readGraph(fits)).toBe(fits);
  });

  it.each([
    [{ ...graph(drawing("a")), revision: "1" }, "revision: number expected"],
    [{ ...graph(drawing("a")), nodes: [{}] }, "nodes[0].key: text expected"],
    [{ ...graph(drawing("a")), edges: null }, "edges: list expected"],
    [{ ...graph(drawing("a")), problems: [{ text: "", node: "", level: "fatal" }] }, "problems[0].level: error or warning expected"],
    [[], "answer: object expected"],
  ])("names what does not (%#)", (value, says) => {
    expect(() => readGraph(value)).toThrow(new ContractError(says));
  });

  it("reads the other answers too", () => {
    expect(() => readBoot({ mode: "paint" })).toThrow("mode: design or report or read expected");
    expect(() => readCounts({ nodes: { a: { entered: null } }, untracked: [] })).toThrow("nodes.a.entered: number expected");
  });
});

describe("numbers", () => {
  const none = {
    entered: 0, left: 0, inside: 0, sent: 0, delivered: 0, opened: 0, clicked: 0, human_opened: 0, replied: 0, late: 0, goal: 0, skipped: 0, failed: 0, converted: 0,
    completed: 0, exited: 0, overdue: 0, next_in_seconds: null, ports: {},
  };
  const at = (key: string, ...untracked: string[]) => ({ key, untracked });
  const kind = (category: string) => ({ ...readManifest(fixture).kinds[0]!, category });

  it("are chosen by category and lead to the people behind them", () => {
    const sent = { ...none, sent: 200, opened: 88, human_opened: 88, clicked: 19, skipped: 3 };
    expect(cells(kind("message"), at("m", "replied"), sent, 0).map((cell) => `${cell.value} ${cell.label} ${cell.query}`)).toEqual([
      "200 sent node=m&message=sent", "44% opened node=m&message=opened", "9.5% clicked node=m&message=clicked", "3 skipped node=m&message=skipped",
    ]);
    expect(cells(kind("message"), at("m", "replied"), { ...sent, human_opened: 60 }, 0).map((cell) => `${cell.value} ${cell.label} ${cell.query}`)[2]).toBe("30% by people node=m&message=human_opened");
    expect(cells(kind("branch"), at("b"), { ...none, left: 9, late: 2 }, 0).map((cell) => `${cell.value} ${cell.label} ${cell.query}`)[2]).toBe("2 too late node=b&message=late");
    const late = { ...none, inside: 9, left: 4, overdue: 2 };
    expect(cells(kind("time"), at("w"), late, 0).map((cell) => `${cell.value} ${cell.label} ${cell.tone ?? ""}`)).toEqual(["9 waiting ", "2 overdue red"]);
    expect(cells(kind("end"), at("z"), { ...none, entered: 8, goal: 2 }, 0).map((cell) => `${cell.value} ${cell.label} ${cell.query}`)[1]).toBe("25% goal node=z&passed=1&state=converted");
    const text = { ...sent, delivered: 180, opened: 0, human_opened: 0, replied: 7, clicked: 0, skipped: 0 };
    expect(cells(kind("message"), at("m", "opened", "clicked"), text, 0).map((cell) => `${cell.value} ${cell.label} ${cell.query}`)).toEqual([
      "200 sent node=m&message=sent", "90% delivered node=m&message=delivered", "3.5% replied node=m&message=replied",
    ]);
    expect(cells(kind("message"), at("m", "opened", "clicked"), text, 0, ["delivered", "replied"]).map((cell) => cell.label)).toEqual(["sent"]);
    expect(cells(kind("time"), at("w"), { ...none, inside: 612, next_in_seconds: 840 }, 0).map((cell) => `${cell.value} ${cell.label}`)).toEqual(["612 waiting", "in 14 minutes next leave"]);
    expect(cells(kind("entry"), at("e"), { ...none, entered: 8412 }, 1204).map((cell) => cell.value)).toEqual(["8,412", "1,204"]);
  });

  it("on lines are counts and shares, thick where many go", () => {
    const answer = { untracked: [], nodes: { a: { ...none, ports: { yes: 30, no: 90 } }, b: { ...none, ports: { next: 30 } } } };
    const found = flows(lines("a.yes>b a.no>c b>c"), answer);
    expect(found.get("a:yes")).toEqual({ count: 30, share: 0.25, width: 1.5 + 7 * (30 / 90) });
    expect(found.get("a:no")).toEqual({ count: 90, share: 0.75, width: 8.5 });
    expect(found.get("b:next")).toEqual({ count: 30, share: undefined, width: 1.5 + 7 * (30 / 90) });
  });

  it("and words are filled in", () => {
    expect(t("Add a step after {step}", { step: "Wait" })).toBe("Add a step after Wait");
  });
});
