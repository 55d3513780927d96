import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Series } from "./main";

// jsdom has neither; the chart only observes with them.
beforeAll(() => {
  vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });
});

const one: Series = { name: "sent", look: "area", colour: "blue", values: [3, 5, 1] };

describe("split", () => {
  it("dots the way to a day that is not over", async () => {
    const { split } = await import("./main");
    expect(split(one, true).map((part) => [part.look, part.values])).toEqual([
      ["area", [3, 5, null]],
      ["dotted", [null, 5, 1]],
    ]);
  });

  it("leaves days that are over, bars and comparisons alone", async () => {
    const { split } = await import("./main");
    expect(split(one, false)).toEqual([one]);
    expect(split({ ...one, look: "bar" }, true)).toHaveLength(1);
    expect(split({ ...one, look: "dashed" }, true)).toHaveLength(1);
  });
});

describe("options", () => {
  it("draws every series in the page's colours", async () => {
    const { options, palette } = await import("./main");
    const drawn = options({ labels: ["a", "b", "c"], series: [one] }, palette(document.body), new Intl.NumberFormat("en"));
    expect((drawn["series"] as { type: string }[]).map((series) => series.type)).toEqual(["line"]);
  });
});
