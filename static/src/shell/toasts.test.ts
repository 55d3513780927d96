import { beforeAll, expect, it } from "vitest";

beforeAll(async () => {
  document.body.innerHTML = '<dialog></dialog><div id="toasts" data-close="Close" data-failed="Failed." data-offline="Offline."></div>';
  await import("./toasts");
});

it("shows what the server says as text, and keeps what went wrong", () => {
  const said = { value: [{ text: "<b>Saved</b>", tone: "success" }] };
  document.body.dispatchEvent(new CustomEvent("toast", { detail: said }));
  for (const [status, type, responseText] of [
    [401, "text/html", ""],
    [403, "application/json", '{"error": "Not allowed.", "id": "1"}'],
    [500, "text/html", "<h1>Failed</h1>"],
    [0, null, ""],
  ]) {
    const xhr = { status, responseText, getResponseHeader: () => type };
    document.body.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { xhr } }));
  }
  const shown = [...document.querySelectorAll(".toast-card")].map((card) => [card.className, card.textContent]);
  expect(shown).toEqual([
    ["toast-card toast-success", "<b>Saved</b>"],
    ["toast-card toast-danger", "Not allowed."],
    ["toast-card toast-danger", "Failed."],
    ["toast-card toast-danger", "Offline."],
  ]);
});

it("goes into an open dialog, which lies above all else, and outlives it", () => {
  const dialog = document.querySelector("dialog")!;
  const place = () => document.getElementById("toasts")!.parentElement;
  const turned = (open: boolean) => {
    dialog.open = open;
    dialog.dispatchEvent(new Event("toggle"));
    return place();
  };
  expect([turned(true), turned(false), turned(true)]).toEqual([dialog, document.body, dialog]);
  dialog.remove();
  document.body.dispatchEvent(new Event("htmx:afterSwap", { bubbles: true }));
  expect(place()).toBe(document.body);
});
