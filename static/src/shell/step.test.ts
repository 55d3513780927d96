import { expect, it } from "vitest";
import { step } from "./step";

it("walks through the hits and around the ends", () => {
  const links = ["a", "b", "c"].map(() => document.createElement("a"));
  const chosen = () => links.map((link) => link.getAttribute("aria-selected"));
  expect(step(links, -1, 1)).toBe(0);
  expect(step(links, 2, 1)).toBe(0);
  expect(step(links, 0, -1)).toBe(2);
  expect(chosen()).toEqual(["false", "false", "true"]);
  expect(step([], -1, 1)).toBe(-1);
});
