import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../conditions/main";
import { closeInspector, connect, drawReply, followDrawing, forgetForms, openInspector, reopenInspector } from "./bridge";
import type { Card } from "./contract";
import { withoutAnswers } from "./graph";
import { card } from "./testing";

const form = (url: string, fields: string): string => `<form data-answers="${url}"><div data-questions>${fields}</div></form>`;
const A = "/nodes/a/", B = "/nodes/b/";
const WHERE = '[{"field":"plan","op":"eq","value":"pro"}]';

/** A server with two forms, or none that can be reached; and what the canvas has been told. */
const server = { forms: { [A]: form(A, '<input name="amount" value="2">'), [B]: form(B, '<input name="amount" value="3">') } as Record<string, string>, there: true };
let cards: Map<string, Card>;
let ready: boolean;
/** What happens while the server answers. */
let meanwhile: (() => void) | undefined;
let stop: () => void;

const inspector = (): HTMLElement => document.getElementById("inspector")!;
const given = (url: string): FormData => cards.get(url)!.answers!;
function save(url: string): boolean {
  const answers = given(url);
  cards.set(url, withoutAnswers(cards.get(url)!));
  return drawReply(url, answers, { html: "", whole: false, saved: { card: cards.get(url)!, revision: 2 } });
}
const amount = (): HTMLInputElement | null => inspector().querySelector("[name=amount]");
function type(value: string): void {
  amount()!.value = value;
  amount()!.dispatchEvent(new Event("change", { bubbles: true }));
}

describe("the panel", () => {
  beforeEach(() => {
    document.body.innerHTML = '<aside id="inspector" tabindex="-1"></aside>';
    cards = new Map([A, B].map((url) => [url, card(url, { url, config: {} })]));
    [server.there, ready] = [true, true];
    // htmx itself wants more of a browser than there is here.
    vi.stubGlobal("htmx", { swap: (target: Element, html: string, { swapStyle }: { swapStyle: string }) => { if (swapStyle === "innerHTML") target.innerHTML = html; } });
    vi.stubGlobal("fetch", async (url: string) => {
      if (!server.there) throw new TypeError("offline");
      const html = server.forms[url];
      meanwhile?.();
      meanwhile = undefined;
      return new Response(html, { headers: { "Content-Type": "text/html" } });
    });
    stop = connect({
      flush: async () => true,
      card: (url) => cards.get(url),
      ready: async () => ready,
      answer: (url, answers) => void cards.set(url, { ...cards.get(url)!, answers }),
      closed: closeInspector,
    });
  });
  afterEach(() => { closeInspector(); stop(); vi.unstubAllGlobals(); });

  it("gives nothing of a form whose drawing somebody else has changed", async () => {
    await openInspector(A, true);
    amount()!.value = "5";
    amount()!.addEventListener("blur", () => amount()!.dispatchEvent(new Event("change", { bubbles: true })));
    forgetForms();
    closeInspector();
    expect([cards.get(A)!.answers, document.activeElement]).toEqual([undefined, document.body]);
  });

  it("takes the focus from nobody who has gone on elsewhere while a form was on its way", async () => {
    const elsewhere = document.body.appendChild(document.createElement("input"));
    meanwhile = () => elsewhere.focus();
    await openInspector(A, true);
    expect([amount()!.value, document.activeElement]).toEqual(["2", elsewhere]);
  });

  it("gives answers as they were when they were given, and shows them again until they are saved", async () => {
    await openInspector(A, true);
    expect([amount()!.value, document.activeElement]).toEqual(["2", amount()]);
    type("5");
    amount()!.value = "50";
    expect(given(A).get("amount")).toBe("5");
    await openInspector(B, false);
    expect(amount()!.value).toBe("3");
    ready = false;
    await openInspector(A, false);
    expect(amount()!.value).toBe("5");
    closeInspector();
    expect(inspector().children.length).toBe(0);
    await openInspector(A, false);
    expect(amount()!.value).toBe("5");
    await openInspector(B, false);
    expect(save(A)).toBe(true);
    // Without a connection it is still known what the server has taken.
    await openInspector(A, false);
    expect(amount()!.value).toBe("5");
    ready = true;
    await openInspector(A, false);
    expect(amount()!.value).toBe("2");
  });

  it("shows the step as it is drawn: after an undo, and while the server does not have it yet", async () => {
    const two = cards.get(A)!;
    await openInspector(A, false);
    type("5");
    const five = cards.get(A)!;
    type("6");
    [ready, server.there] = [false, false];
    const shows = async (drawn: Card): Promise<unknown> => {
      cards.set(A, drawn);
      followDrawing();
      await vi.waitFor(() => expect(inspector().dataset.url).toBe(A));
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      return amount()?.value ?? inspector().textContent;
    };
    expect(await shows(five)).toBe("5");
    expect(await shows(two)).toBe("2");
    expect(await shows(five)).toBe("5");
    expect(await shows({ ...two, config: { amount: 9 } })).toBe("This step is not saved yet. Its questions come here as soon as it is.");
    inspector().focus();
    [ready, server.there] = [true, true];
    reopenInspector();
    await vi.waitFor(() => expect([amount()?.value, document.activeElement]).toEqual(["2", amount()]));
    cards.delete(A);
    followDrawing();
    expect(inspector().dataset.url).toBeUndefined();
  });

  it("asks again for a form of which the step was changed meanwhile", async () => {
    const before = server.forms[A]!;
    meanwhile = () => {
      server.forms[A] = form(A, '<input name="amount" value="7">');
      cards.set(A, { ...cards.get(A)!, config: { amount: 7 } });
    };
    await openInspector(A, false);
    expect(amount()!.value).toBe("7");
    server.forms[A] = before;
  });

  it("says that a step cannot be shown rather than show another one, and shows it once it can", async () => {
    vi.useFakeTimers();
    await openInspector(A, false);
    server.there = false;
    await openInspector(B, false);
    expect([amount(), inspector().textContent]).toEqual([null, "This step cannot be shown without a connection. It comes as soon as there is one."]);
    server.there = true;
    await vi.advanceTimersByTimeAsync(5000);
    expect(amount()!.value).toBe("3");
    vi.useRealTimers();
  });

  it("leaves it to the sign-in when somebody signed out asks for a form again", async () => {
    vi.useFakeTimers();
    const asked = vi.fn(async () => new Response(null, { status: 401 }));
    vi.stubGlobal("fetch", asked);
    await openInspector(A, false);
    expect(inspector().textContent).toBe("This step can be shown once you are signed in again.");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledOnce();
    reopenInspector();
    expect(asked).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
    vi.useRealTimers();
  });

  it("keeps an answer that is wrong for when its step is opened again", async () => {
    await openInspector(A, false);
    type("x");
    await openInspector(B, false);
    const html = form(A, '<input name="amount" value="x"><b>Enter a number.</b>');
    const answers = given(A);
    cards.set(A, withoutAnswers(cards.get(A)!));
    expect([drawReply(A, answers, { html, whole: true, saved: undefined }), amount()!.value]).toEqual([false, "3"]);
    await openInspector(A, false);
    expect([amount()!.value, inspector().querySelector("b")!.textContent]).toEqual(["x", "Enter a number."]);
  });

  it("draws nothing over a newer answer", async () => {
    await openInspector(A, false);
    type("5");
    expect(drawReply(A, new FormData(), { html: form(A, '<input name="amount" value="4">'), whole: true, saved: undefined })).toBe(true);
    expect(amount()!.value).toBe("5");
  });

  it("puts conditions back as they were left", async () => {
    server.forms[A] = form(A, '<condition-editor mode="where" name="where" value="[]"></condition-editor>');
    await openInspector(A, false);
    const where = (): HTMLInputElement => inspector().querySelector("input[name=where]")!;
    where().value = WHERE;
    inspector().querySelector("condition-editor")!.dispatchEvent(new Event("change", { bubbles: true }));
    await openInspector(B, false);
    await openInspector(A, false);
    expect(where().value).toBe(WHERE);
  });
});
