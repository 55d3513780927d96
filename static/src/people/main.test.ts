import { beforeEach, expect, test } from "vitest";
import { watch } from "./main";

beforeEach(() => {
  document.body.innerHTML = `<form id="people-bulk"><input name="query"><input name="next">
    <div data-bulk-bar hidden><strong data-bulk-count></strong><button type="button" data-bulk-none></button></div>
    <input type="checkbox" data-bulk-all><input type="checkbox" name="ids" value="1"><input type="checkbox" name="ids" value="2"></form>`;
  watch(document.getElementById("people-bulk")!);
});

const box = (selector: string) => document.querySelector<HTMLInputElement>(selector)!;
const bar = () => document.querySelector<HTMLElement>("[data-bulk-bar]")!;

test("the bar appears while somebody is chosen and says how many", () => {
  expect(bar().hidden).toBe(true);
  box("[value='1']").click();
  expect([bar().hidden, bar().textContent?.trim()]).toEqual([false, "1"]);
  expect(box("[data-bulk-all]").indeterminate).toBe(true);
  document.querySelector<HTMLElement>("[data-bulk-none]")!.click();
  expect(bar().hidden).toBe(true);
});

test("one box chooses everybody on the page", () => {
  box("[data-bulk-all]").click();
  expect(bar().textContent?.trim()).toBe("2");
  box("[data-bulk-all]").click();
  expect(bar().hidden).toBe(true);
});
