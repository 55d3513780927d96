import { beforeEach, describe, expect, it } from "vitest";
import { ask } from "./confirm";

function dialog(): HTMLDialogElement {
  return document.getElementById("confirm") as HTMLDialogElement;
}

beforeEach(() => {
  document.body.innerHTML = `<dialog id="confirm"><form method="dialog"><p data-question></p>
    <div data-typed hidden><strong data-name></strong><input></div>
    <button value="no"></button><button value="yes" data-default="Go on"></button></form></dialog>`;
  dialog().showModal = () => undefined;
});

function answer(value: string): void {
  dialog().returnValue = value;
  dialog().dispatchEvent(new Event("close"));
}

describe("ask", () => {
  it("asks in words and goes on after a yes only", async () => {
    const first = ask({ text: "Delete this?", yes: "Delete" });
    expect(dialog().querySelector("[data-question]")!.textContent).toBe("Delete this?");
    expect(dialog().querySelector("[value=yes]")!.textContent).toBe("Delete");
    answer("yes");
    expect(await first).toBe(true);
    const second = ask({ text: "And this?" });
    expect(dialog().querySelector("[value=yes]")!.textContent).toBe("Go on");
    answer("");
    expect(await second).toBe(false);
  });

  it("waits until the name is typed", () => {
    void ask({ text: "Delete?", type: "Win back" });
    const yes = dialog().querySelector<HTMLButtonElement>("[value=yes]")!;
    const input = dialog().querySelector("input")!;
    expect([yes.disabled, dialog().querySelector<HTMLElement>("[data-typed]")!.hidden]).toEqual([true, false]);
    input.value = "Win bac";
    input.dispatchEvent(new Event("input"));
    expect(yes.disabled).toBe(true);
    input.value = " Win back ";
    input.dispatchEvent(new Event("input"));
    expect(yes.disabled).toBe(false);
  });
});
