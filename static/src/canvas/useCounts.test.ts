import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import type { Boot } from "./contract";

it("asks every few seconds, but not while one is signed out", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  document.body.innerHTML = '<div id="signed-out" hidden><a href="/">Sign in</a></div><div id="place"></div>';
  const notice = document.getElementById("signed-out")!;
  const { useCounts } = await import("./useCounts");
  const asked = vi.fn(async () => new Response(null, { status: 401 }));
  vi.stubGlobal("fetch", asked);
  vi.stubGlobal("console", { ...console, warn: vi.fn() });
  const boot = { mode: "report", urls: { counts: "/counts/" } } as Boot;
  const root = createRoot(document.getElementById("place")!);
  await act(async () => root.render(createElement(() => { useCounts(boot); return null; })));
  expect([asked.mock.calls.length, notice.hidden]).toEqual([1, false]);
  await act(() => vi.advanceTimersByTimeAsync(9000));
  expect(asked).toHaveBeenCalledOnce();
  notice.hidden = true;
  await act(() => vi.advanceTimersByTimeAsync(4000));
  expect(asked).toHaveBeenCalledTimes(2);
  act(() => root.unmount());
});
