import { afterEach, describe, expect, it, vi } from "vitest";
import { relative } from "./elements";

describe("relative", () => {
  it.each([
    [0, "now"],
    [-44, "now"],
    [-60, "1 minute ago"],
    [-3 * 60, "3 minutes ago"],
    [14 * 60, "in 14 minutes"],
    [-3600, "1 hour ago"],
    [2 * 86_400, "in 2 days"],
    [-86_400, "yesterday"],
    [-90 * 86_400, "3 months ago"],
  ])("%i seconds is %s", (seconds, text) => {
    expect(relative(seconds, "en")).toBe(text);
  });
});

describe("time-ago", () => {
  afterEach(() => {
    vi.useRealTimers();
    delete document.documentElement.dataset.clockOffset;
    document.body.replaceChildren();
  });

  it("stays true while the page is open, on the product's clock", () => {
    vi.useFakeTimers({ now: new Date("2026-03-02T10:00:00Z") });
    document.documentElement.dataset.clockOffset = "3600";
    document.body.innerHTML = '<time-ago datetime="2026-03-02T11:00:00+00:00"></time-ago>';
    const element = document.querySelector("time-ago")!;
    expect(element.textContent).toBe("now");
    vi.advanceTimersByTime(120_000);
    expect(element.textContent).toBe("2 minutes ago");
  });
});

describe("meter-bar", () => {
  it("is as wide as its numbers say, and says them", () => {
    document.body.innerHTML = '<meter-bar value="44" max="176" label="Opened"></meter-bar>';
    const bar = document.querySelector("meter-bar")!;
    expect((bar.firstElementChild as HTMLElement).style.width).toBe("25%");
    expect(bar.getAttribute("aria-valuenow")).toBe("44");
    bar.setAttribute("value", "999");
    expect((bar.firstElementChild as HTMLElement).style.width).toBe("100%");
  });

  it("does not divide by nothing", () => {
    document.body.innerHTML = '<meter-bar value="3" max="0"></meter-bar>';
    expect((document.querySelector("meter-bar")!.firstElementChild as HTMLElement).style.width).toBe("0%");
  });
});
