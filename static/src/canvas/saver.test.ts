import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refused, Stale, Unreachable } from "./api";
import type { Graph, Operation } from "./contract";
import { reduce, start, type Action, type State } from "./graph";
import { Saver } from "./saver";
import { drawing, graph } from "./testing";

/** A server that answers as it is told, and the page around a saver. */
class Page {
  state: State = start(graph(drawing("a b"), 1));
  sent: Operation[][] = [];
  said: string[] = [];
  answers: (Error | undefined)[] = [];
  saver = new Saver({
    read: () => this.state,
    dispatch: (action) => { this.state = reduce(this.state, action); },
    save: async (revision, operations) => {
      this.sent.push(operations);
      const wrong = this.answers.shift();
      if (wrong) throw wrong;
      return graph(this.state.now, revision + 1);
    },
    reload: async (): Promise<Graph> => graph(drawing("a b"), 5),
    status: (status) => this.said.push(status),
    notice: (kind, detail) => this.said.push(`${kind} ${detail}`.trim()),
  });

  edit(action: Action): void {
    this.state = reduce(this.state, action);
    this.saver.touched();
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
    expect(page.sent).toEqual([]);
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
    page.answers = [new Refused("No.")];
    page.edit(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect([page.state.revision, page.said]).toEqual([5, ["saving", "refused No.", "saved"]]);
  });

  it("lets a form save in between, one after the other", async () => {
    page.edit(move(1));
    const giveBack = await page.saver.lend();
    expect(page.sent).toEqual([[moved(1)]]);
    page.edit(move(2));
    await vi.advanceTimersByTimeAsync(5000);
    expect(page.sent.length).toBe(1);
    giveBack();
    await vi.advanceTimersByTimeAsync(0);
    expect(page.sent.at(-1)).toEqual([moved(2)]);
  });

  it("keeps everything when one has been signed out", async () => {
    page.answers = [new Refused("signed-out")];
    page.edit(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect([page.state.now.nodes[0]!.x, page.said]).toEqual([1, ["saving", "blocked", "signed-out"]]);
    expect(await page.saver.flush()).toBe(true);
  });
});
