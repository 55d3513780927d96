import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refused, SignedOut, Stale, Unreachable, type Reply } from "./api";
import type { Graph, Operation } from "./contract";
import { reduce, start, withoutAnswers, type Action, type State } from "./graph";
import { Saver } from "./saver";
import { card, drawing, graph } from "./testing";

/** The server has saved, and its reply does not arrive. */
const LOST = new Unreachable("lost");

/** A server that answers as it is told, and the page around a saver. */
class Page {
  state: State = start(graph(drawing("a b"), 1));
  sent: Operation[][] = [];
  said: string[] = [];
  edits: string[] = [];
  answers: (Error | undefined)[] = [];
  /** What the server has. */
  theirs: Graph = graph(drawing("a b"), 1);
  /** What somebody does while a request is on its way. */
  meanwhile: (() => void)[] = [];
  asked: [url: string, amount: unknown, revision: number][] = [];
  saver = new Saver({
    read: () => this.state,
    dispatch: (action) => { this.state = reduce(this.state, action); },
    save: async (edit, revision, operations) => {
      this.sent.push(operations);
      const { now } = this.state;
      return this.reply(revision, () => graph({ ...now, nodes: now.nodes.map(withoutAnswers) }, revision + 1, edit));
    },
    send: async (edit, url, values, revision): Promise<Reply> => {
      const amount = values.get("amount");
      this.edits.push(edit);
      this.asked.push([url, amount, revision]);
      if (amount === "wrong") return { html: "", whole: true, saved: undefined };
      const now = card(url.split("/")[2]!, { config: { amount }, summary: `Wait ${String(amount)}` });
      const nodes = this.theirs.nodes.map((one) => (one.key === now.key ? { ...now, x: one.x } : one));
      const { revision: saved } = this.reply(revision, () => graph({ nodes, edges: [] }, revision + 1, edit));
      return { html: "", whole: false, saved: { card: now, revision: saved } };
    },
    answered: () => undefined,
    reload: async (): Promise<Graph> => this.theirs,
    status: (status) => this.said.push(status),
    notice: (kind, detail) => this.said.push(`${kind} ${detail}`.trim()),
  });

  private reply(revision: number, saved: () => Graph): Graph {
    const wrong = this.answers.shift();
    if (wrong && wrong !== LOST) throw wrong;
    if (revision !== this.theirs.revision) throw new Stale(this.theirs);
    this.theirs = saved();
    this.meanwhile.shift()?.();
    if (wrong) throw wrong;
    return this.theirs;
  }

  edit(action: Action): void {
    this.state = reduce(this.state, action);
    this.saver.touched();
  }

  type(key: string, amount: string): void {
    const answers = new FormData();
    answers.set("amount", amount);
    this.state = reduce(this.state, { type: "answered", url: `/nodes/${key}/`, answers });
    this.saver.touched(0);
  }

  summary(key: string): string | undefined {
    return this.state.now.nodes.find((one) => one.key === key)?.summary;
  }
}
const move = (x: number): Action => ({ type: "move", spots: [{ key: "a", x, y: 0 }] });
const moved = (x: number): Operation => ({ op: "move_node", key: "a", x, y: 0 });

describe("autosave", () => {
  let page: Page;
  beforeEach(() => { vi.useFakeTimers(); page = new Page(); });
  afterEach(() => vi.useRealTimers());

  it("waits a moment and sends what several edits come to", async () => {
    page.edit(move(1));
    page.edit(move(2));
    await vi.advanceTimersByTimeAsync(399);
    expect(page.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(page.sent).toEqual([[moved(2)]]);
    expect([page.state.revision, page.said.at(-1)]).toEqual([2, "saved"]);
  });

  it("sends nothing for an edit that was taken back", async () => {
    page.edit(move(1));
    page.edit({ type: "undo" });
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.sent, page.said]).toEqual([[], ["saving", "saved"]]);
  });

  it("says that all is saved only when what was drawn meanwhile is too", async () => {
    page.meanwhile = [() => page.edit(move(2))];
    page.edit(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect([page.sent, page.said]).toEqual([[[moved(1)], [moved(2)]], ["saving", "saving", "saved"]]);
  });

  it("tries again, later and later, and loses nothing", async () => {
    page.answers = [new Unreachable("offline"), new Unreachable("offline")];
    page.edit(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect(page.said.at(-1)).toBe("retrying");
    await vi.advanceTimersByTimeAsync(1000);
    page.edit({ type: "remove", keys: ["b"] });
    await vi.advanceTimersByTimeAsync(2000);
    expect(page.sent.at(-1)).toEqual([{ op: "delete_node", key: "b" }, moved(1)]);
    expect(page.said.at(-1)).toBe("saved");
  });

  it("never overwrites: a conflict shows the other's drawing", async () => {
    page.answers = [new Stale(graph(drawing("x"), 9))];
    page.edit(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect(page.state.now.nodes.map((card) => card.key)).toEqual(["x"]);
    expect([page.state.revision, page.said]).toEqual([9, ["saving", "changed", "saved"]]);
  });

  it("goes back to what the server has when an edit is refused", async () => {
    page.theirs = graph(drawing("a b"), 5);
    page.answers = [new Refused("No.")];
    page.edit(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect([page.state.revision, page.said]).toEqual([5, ["saving", "refused No.", "saved"]]);
  });

  it("keeps everything for somebody signed out, and saves it once they are in again", async () => {
    page.answers = [new SignedOut("signed out")];
    page.edit(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect([page.state.now.nodes[0]!.x, page.said, page.saver.atRisk()]).toEqual([1, ["saving", "retrying"], true]);
    page.saver.again();
    await vi.advanceTimersByTimeAsync(0);
    expect([page.sent, page.said.at(-1)]).toEqual([[[moved(1)], [moved(1)]], "saved"]);
  });
});

describe("answers to a form", () => {
  let page: Page;
  beforeEach(() => { vi.useFakeTimers(); page = new Page(); });
  afterEach(() => vi.useRealTimers());

  it("are sent at once, after the drawing", async () => {
    page.edit(move(1));
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.sent, page.asked]).toEqual([[[moved(1)]], [["/nodes/a/", "5", 2]]]);
    expect([page.summary("a"), page.state.revision, page.said.at(-1), page.saver.pending()]).toEqual(["Wait 5", 3, "saved", false]);
  });

  it("are tried again, later and later; the newest of each step counts", async () => {
    page.answers = [new Unreachable("offline"), new Unreachable("answer 502")];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.said.at(-1), page.saver.pending(), page.saver.atRisk()]).toEqual(["retrying", true, true]);
    page.type("b", "7");
    page.type("a", "6");
    await vi.advanceTimersByTimeAsync(1000);
    expect(page.said.at(-1)).toBe("retrying");
    await vi.advanceTimersByTimeAsync(1999);
    expect(page.asked).toEqual([["/nodes/a/", "5", 1], ["/nodes/a/", "6", 1]]);
    await vi.advanceTimersByTimeAsync(1);
    expect(page.asked.slice(2)).toEqual([["/nodes/a/", "6", 1], ["/nodes/b/", "7", 2]]);
    expect([page.summary("a"), page.summary("b"), page.said.at(-1), page.saver.atRisk()]).toEqual(["Wait 6", "Wait 7", "saved", false]);
  });

  it("arrive without the page once they are on their way, and what is drawn waits for its turn", async () => {
    page.type("a", "5");
    expect(page.saver.atRisk()).toBe(true);
    await Promise.resolve();
    await Promise.resolve();
    expect([page.asked.length, page.saver.pending(), page.saver.atRisk()]).toEqual([1, true, false]);
    page.edit(move(2));
    expect(page.saver.atRisk()).toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    expect([page.sent, page.state.revision, page.summary("a")]).toEqual([[[moved(2)]], 3, "Wait 5"]);
  });

  it("are given up where the server says no, where somebody else was first, and where the step is gone", async () => {
    page.type("a", "wrong");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.summary("a"), page.saver.pending(), page.said.at(-1)]).toEqual(["", false, "saved"]);
    page.answers = [new Refused("No.")];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.saver.pending(), page.said.slice(-2), page.state.revision]).toEqual([false, ["refused No.", "saved"], 1]);
    page.answers = [new Stale(graph(drawing("a b"), 9))];
    page.type("a", "6");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.saver.pending(), page.said.slice(-2), page.state.revision]).toEqual([false, ["changed", "saved"], 9]);
    page.answers = [new Unreachable("offline")];
    page.type("b", "7");
    await vi.advanceTimersByTimeAsync(0);
    page.edit({ type: "remove", keys: ["b"] });
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.asked.map(([, amount]) => amount), page.saver.pending()]).toEqual([["wrong", "5", "6", "7"], false]);
  });

  it("are not made on what somebody else has changed meanwhile, where another one is refused", async () => {
    page.answers = [new Refused("The step is not there any more.")];
    page.theirs = graph(drawing("b"), 2);
    page.type("a", "5");
    page.type("b", "6");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.asked.length, page.saver.pending(), page.state.revision]).toEqual([1, false, 2]);
    expect(page.said.slice(2, 5)).toEqual(["refused The step is not there any more.", "changed", "saved"]);
  });

  it("are kept by a page whose reader has been signed out", async () => {
    page.answers = [new SignedOut("signed out")];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.said, page.saver.pending(), page.saver.atRisk()]).toEqual([["saving", "retrying"], true, true]);
    expect([await page.saver.flush(), page.summary("a")]).toEqual([true, "Wait 5"]);
  });

  it("are tried soon again after the connection has come back, however long it was gone", async () => {
    page.answers = Array.from({ length: 6 }, () => new Unreachable("offline"));
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(14_000);
    expect([page.asked.length, page.said.at(-1)]).toEqual([4, "retrying"]);
    page.answers = [new Unreachable("offline")];
    page.saver.again();
    await vi.advanceTimersByTimeAsync(999);
    expect(page.asked.length).toBe(5);
    await vi.advanceTimersByTimeAsync(1);
    expect([page.asked.length, page.summary("a"), page.said.at(-1)]).toEqual([6, "Wait 5", "saved"]);
  });

  it("are given once where only the reply was lost", async () => {
    page.answers = [LOST];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.said.at(-1), page.saver.has("/nodes/a/"), page.saver.has("/nodes/b/")]).toEqual(["retrying", false, true]);
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.summary("a"), page.state.revision, page.asked.length, page.said.at(-1)]).toEqual(["Wait 5", 2, 1, "saved"]);
    expect([page.said.includes("changed"), page.saver.pending(), page.saver.has("/nodes/a/")]).toEqual([false, false, true]);
    page.type("a", "6");
    await vi.advanceTimersByTimeAsync(0);
    expect([page.summary("a"), page.said.slice(-2)]).toEqual(["Wait 6", ["saving", "saved"]]);
  });

  it("go on from those whose reply was lost, unless somebody else has come since", async () => {
    page.answers = [LOST];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    page.type("a", "6");
    page.edit(move(3));
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.asked, page.sent]).toEqual([[["/nodes/a/", "5", 1], ["/nodes/a/", "6", 3]], [[moved(3)]]]);
    expect([page.summary("a"), page.state.revision, page.said.at(-1)]).toEqual(["Wait 6", 4, "saved"]);
    page.answers = [LOST];
    page.type("a", "7");
    await vi.advanceTimersByTimeAsync(0);
    page.theirs = graph(drawing("a b"), 6);
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.asked.length, page.summary("a"), page.state.revision, page.said.slice(-2)]).toEqual([3, "", 6, ["changed", "saved"]]);
  });

  it("that arrive late, while they are sent again, are known as one's own", async () => {
    page.answers = [new Unreachable("answer 504")];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    const late = page.edits.at(-1)!;
    page.answers = [new Stale(graph({ nodes: [card("a", { config: { amount: "5" }, summary: "Wait 5" }), card("b")], edges: [] }, 2, late))];
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.summary("a"), page.state.revision, page.said.at(-1), page.said.includes("changed")]).toEqual(["Wait 5", 2, "saved", false]);
  });

  it("are taken back where they wait: nothing is left of them, or what the server had taken is undone", async () => {
    page.answers = [new Unreachable("offline")];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    page.edit({ type: "undo" });
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.asked.length, page.sent.splice(0), page.said.at(-1)]).toEqual([1, [[]], "saved"]);
    page.answers = [LOST];
    page.type("a", "6");
    await vi.advanceTimersByTimeAsync(0);
    page.edit({ type: "undo" });
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.asked.length, page.sent]).toEqual([2, [[{ op: "configure", key: "a", config: {} }]]]);
    expect([page.said.at(-1), page.summary("a"), page.saver.pending()]).toEqual(["saved", "", false]);
    page.edit({ type: "redo" });
    await vi.advanceTimersByTimeAsync(400);
    expect([page.asked.length, page.sent.at(-1), page.said.at(-1)]).toEqual([2, [{ op: "configure", key: "a", config: { amount: "6" } }], "saved"]);
  });

  it("that arrive after they were taken back are refused by their revision", async () => {
    page.answers = [new Unreachable("answer 504"), new Unreachable("answer 504")];
    page.type("a", "5");
    await vi.advanceTimersByTimeAsync(0);
    page.edit(move(3));
    page.edit({ type: "undo" });
    page.edit({ type: "undo" });
    await vi.advanceTimersByTimeAsync(1000);
    expect([page.sent, page.said.at(-1), page.theirs.revision]).toEqual([[[]], "retrying", 1]);
    await vi.advanceTimersByTimeAsync(2000);
    expect([page.sent, page.said.at(-1), page.theirs.revision, page.state.revision]).toEqual([[[], []], "saved", 2, 2]);
    expect([page.saver.pending(), page.saver.atRisk()]).toEqual([false, false]);
    await page.saver.flush();
    expect([page.sent.length, page.asked]).toEqual([2, [["/nodes/a/", "5", 1]]]);
  });
});
