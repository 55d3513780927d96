import { expect, it } from "vitest";

it("shows what the server says as text, and keeps what went wrong", async () => {
  document.body.innerHTML = '<div id="toasts" data-close="Close" data-failed="Failed." data-offline="Offline."></div>';
  await import("./toasts");
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
