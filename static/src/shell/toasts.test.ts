import { expect, it } from "vitest";

it("shows what the server says as text, and keeps what went wrong", async () => {
  document.body.innerHTML = '<div id="toasts" data-close="Close" data-forbidden="Not allowed."></div>';
  await import("./toasts");
  const said = { value: [{ text: "<b>Saved</b>", tone: "success" }] };
  document.body.dispatchEvent(new CustomEvent("toast", { detail: said }));
  document.body.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { xhr: { status: 403 } } }));
  const shown = [...document.querySelectorAll(".toast-card")].map((card) => [card.className, card.textContent]);
  expect(shown).toEqual([
    ["toast-card toast-success", "<b>Saved</b>"],
    ["toast-card toast-danger", "Not allowed."],
  ]);
});
