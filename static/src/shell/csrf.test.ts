import { beforeEach, expect, it } from "vitest";
import { csrf } from "./csrf";

beforeEach(() => {
  document.cookie = "other=csrftoken=no";
  document.cookie = "csrftoken=first";
  document.cookie = "csrftoken=second"; // another tab
});

/** What a form of these fields comes to; jsdom does not tell of it. */
function sent(fields: Record<string, string>): Record<string, FormDataEntryValue> {
  const formData = new FormData();
  for (const [name, value] of Object.entries(fields)) formData.set(name, value);
  document.body.dispatchEvent(Object.assign(new Event("formdata", { bubbles: true }), { formData }));
  return Object.fromEntries(formData);
}

it("is what the cookie says now", () => {
  expect(csrf()).toBe("second");
});

it("goes with forms that ask for it", () => {
  expect(sent({ csrfmiddlewaretoken: "first", name: "Ada" })).toEqual({ csrfmiddlewaretoken: "second", name: "Ada" });
  expect(sent({ q: "Ada" })).toEqual({ q: "Ada" });
});

it("goes with what htmx sends", () => {
  const headers: Record<string, string> = {};
  document.body.dispatchEvent(new CustomEvent("htmx:configRequest", { bubbles: true, detail: { headers } }));
  expect(headers).toEqual({ "X-CSRFToken": "second" });
});
