// The only file that knows htmx: opens the inspector, hears what it has saved, keeps both writers in turn.
import { readCard, type Card } from "./contract";

interface Htmx {
  ajax(verb: string, url: string, target: { target: string; swap: string }): Promise<void>;
}
declare const window: Window & { htmx?: Htmx };

interface HtmxEvent { elt: HTMLElement; path?: string; parameters?: FormData | Record<string, unknown>; issueRequest?: (skip?: boolean) => void; xhr?: XMLHttpRequest; target?: HTMLElement }

export interface Saved { card: Card; revision: number }

const panel = (): HTMLElement | null => document.getElementById("inspector");

let opening: Promise<unknown> = Promise.resolve();
// Answers of the form that the server has not taken yet; and whether the form is to go once it has.
let unsaved = 0;
let closing = false;
let settled: (() => void)[] = [];
const PATIENCE_MS = 3000;
const DRAWN_TRIES = 20;

export async function openInspector(url: string, focusFirst: boolean): Promise<void> {
  const inspector = panel();
  if (!inspector || !window.htmx) return;
  closing = false;
  inspector.dataset.url = url;
  inspector.dataset.open = "";
  const { ajax } = window.htmx;
  // One after the other: htmx puts a second request off and calls it done, and the focus would go to the old form.
  // And not before the form that is there is saved: one that is gone cannot be.
  const mine = opening.then(saving).then(() => (inspector.dataset.url === url ? ajax("GET", url, { target: "#inspector", swap: "innerHTML" }) : undefined));
  opening = mine.catch(() => undefined);
  await mine;
  if (focusFirst && inspector.dataset.url === url) firstQuestion(inspector)?.focus();
}

export function inspectorUrl(): string | undefined {
  return panel()?.dataset.url;
}

export function closeInspector(): void {
  const inspector = panel();
  if (!inspector) return;
  // What is being typed is said when the field is left; a form that is hidden can still be saved, one that is gone not.
  if (inspector.contains(document.activeElement)) (document.activeElement as HTMLElement).blur();
  delete inspector.dataset.url;
  delete inspector.dataset.open;
  closing = unsaved > 0;
  if (!closing) inspector.replaceChildren();
}

function saving(): Promise<void> {
  if (!unsaved) return Promise.resolve();
  return new Promise((done) => {
    settled.push(done);
    setTimeout(done, PATIENCE_MS);
  });
}

function taken(): void {
  unsaved -= 1;
  if (unsaved) return;
  settled.splice(0).forEach((done) => done());
  if (!closing) return;
  closing = false;
  panel()?.replaceChildren();
}

export function focusInspector(): void {
  const inspector = panel();
  if (inspector) firstQuestion(inspector)?.focus();
}

function firstQuestion(inspector: HTMLElement): HTMLElement | null {
  const fields = "input:not([type=hidden], .btn-check), select, textarea, condition-editor button";
  return inspector.querySelector<HTMLElement>(`[data-questions] :is(${fields})`) ?? inspector.querySelector("[data-close]");
}

/** `then`: what stands for a button that moved its row, the first of these that is there; `said`: what is told aloud. */
interface Place { name: string; behind: number; typed?: string; then?: string[]; said?: string }

const isTyped = (one: Element | null): one is HTMLInputElement | HTMLTextAreaElement =>
  one instanceof HTMLTextAreaElement || (one instanceof HTMLInputElement && !["checkbox", "radio"].includes(one.type));

const stops = (inspector: HTMLElement): HTMLElement[] =>
  [...inspector.querySelectorAll<HTMLElement>("input:not([type=hidden], .btn-check), select, textarea, condition-editor button")];

/**
 * Where the focus is, so that it is found again in a form drawn anew: so many stops behind a field that has a name;
 * and what is being typed there, which the server cannot know yet.
 */
function placeOfFocus(inspector: HTMLElement): Place | undefined {
  const moved = inspector.querySelector<HTMLInputElement>("[data-then]:checked");
  if (moved) return { name: moved.name, behind: 0, then: moved.dataset.then?.split(" "), said: moved.dataset.said };
  const all = stops(inspector);
  const at = all.indexOf(document.activeElement as HTMLElement);
  for (let behind = 0; behind <= at; behind++) {
    const name = all[at - behind]?.getAttribute("name");
    const here = document.activeElement;
    if (name) return { name, behind, typed: !behind && isTyped(here) && here.value !== here.defaultValue ? here.value : undefined };
  }
  return undefined;
}

function focusMoved(inspector: HTMLElement, pressed: string, then: string[], said = ""): void {
  const there = then.map((id) => inspector.querySelector<HTMLElement>(`[id="${id}"]`)).find(Boolean);
  // htmx gives the focus to the button of the same name, which is another row's now.
  const at = document.activeElement;
  if (at === document.body || at?.id === pressed) (there ?? firstQuestion(inspector))?.focus();
  const aloud = document.getElementById("inspector-said");
  if (aloud) aloud.textContent = said;
}

function focusAgain(inspector: HTMLElement, { name, behind, typed, then, said }: Place): void {
  if (then) return focusMoved(inspector, name, then, said);
  const all = stops(inspector);
  const at = all.findIndex((one) => one.getAttribute("name") === name);
  const field = all[at] ?? null;
  if (typed !== undefined && isTyped(field) && field.value === field.defaultValue) {
    field.value = typed;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  // Only where it was lost: somebody may have gone on elsewhere.
  if (at >= 0 && document.activeElement === document.body) all[Math.min(at + behind, all.length - 1)]?.focus();
}

/** The conditions in it draw themselves a moment later, and the place may lie in one of them. */
function focusOnceDrawn(inspector: HTMLElement, place: Place, tries: number): void {
  const bare = [...inspector.querySelectorAll("condition-editor")].some((one) => !one.querySelector("button"));
  if (place.behind && bare && tries) setTimeout(() => focusOnceDrawn(inspector, place, tries - 1), 50);
  else focusAgain(inspector, place);
}

export interface Ears {
  revision(): number;
  /** Resolves when the server has every edit of the drawing. */
  flush(): Promise<boolean>;
  /** The same, and nothing else is saved until the answer is called. */
  lend(): Promise<() => void>;
  saved(saved: Saved): void;
  stale(): void;
  closed(): void;
}

/** Listen to the inspector; the answer stops listening. */
export function connect(ears: Ears): () => void {
  const returns = new Map<EventTarget, () => void>();
  const confirm = (event: Event): void => {
    const { elt, question, issueRequest } = (event as CustomEvent<HtmxEvent & { question?: string }>).detail;
    if (question || event.defaultPrevented) return;
    if (elt.closest("[data-needs-saved]")) {
      event.preventDefault();
      void ears.flush().then(() => issueRequest?.(true));
    } else if (elt.closest("#inspector")) {
      event.preventDefault();
      unsaved += 1;
      void ears.lend().then((giveBack) => {
        if (!elt.isConnected) {
          taken();
          return giveBack();
        }
        returns.set(elt, giveBack);
        issueRequest?.(true);
      });
    }
  };
  const after = (event: Event): void => {
    const detail = (event as CustomEvent<{ requestConfig?: { elt?: HTMLElement }; elt: HTMLElement }>).detail;
    const source = detail.requestConfig?.elt ?? detail.elt;
    returns.get(source)?.();
    if (returns.delete(source)) taken();
  };
  const configure = (event: Event): void => {
    const { elt, parameters } = (event as CustomEvent<HtmxEvent>).detail;
    if (!elt.closest("#inspector") || !parameters) return;
    if (parameters instanceof FormData) parameters.set("revision", String(ears.revision()));
    else parameters.revision = String(ears.revision());
  };
  let place: Place | undefined;
  const leaving = (event: Event): void => {
    const detail = (event as CustomEvent<HtmxEvent & { shouldSwap: boolean; requestConfig?: { elt?: HTMLElement } }>).detail;
    const { target } = detail;
    // A newer answer of the same form waits for its turn, or is being given in an open menu of a condition that was not
    // complete: what comes back for that one is drawn.
    const open = detail.xhr?.status === 422 && target?.querySelector("condition-editor .ce-panel");
    if ((unsaved > 1 || open) && detail.requestConfig?.elt?.closest("#inspector")) detail.shouldSwap = false;
    place = target?.id === "inspector" ? placeOfFocus(target) : undefined;
  };
  const drawnAnew = (): void => {
    const inspector = panel();
    const was = place;
    place = undefined;
    if (inspector && was) setTimeout(() => focusOnceDrawn(inspector, was, DRAWN_TRIES), 50);
  };
  const saved = (event: Event): void => {
    const detail = (event as CustomEvent<{ card: unknown; revision: unknown }>).detail;
    const card = readCard(detail.card);
    const name = panel()?.querySelector<HTMLInputElement>(".ins-name");
    if (name && inspectorUrl() === card.url) name.placeholder = card.title;
    ears.saved({ card, revision: Number(detail.revision) });
  };
  const stale = (): void => ears.stale();
  const click = (event: Event): void => {
    if ((event.target as Element).closest("#inspector [data-close]")) ears.closed();
  };
  const keys = (event: KeyboardEvent): void => {
    const pressed = event.target as HTMLElement;
    if (event.key === "Enter" && pressed.matches?.("#inspector [data-then]")) {
      event.preventDefault();
      return pressed.click();
    }
    if (event.key === "Escape" && !event.defaultPrevented && (event.target as Element).closest?.("#inspector")) ears.closed();
  };
  const body = document.body;
  document.addEventListener("keydown", keys);
  body.addEventListener("htmx:confirm", confirm);
  body.addEventListener("htmx:afterRequest", after);
  body.addEventListener("htmx:configRequest", configure);
  body.addEventListener("htmx:beforeSwap", leaving);
  body.addEventListener("htmx:afterSettle", drawnAnew);
  body.addEventListener("node:saved", saved);
  body.addEventListener("graph:stale", stale);
  document.addEventListener("click", click);
  return () => {
    body.removeEventListener("htmx:confirm", confirm);
    body.removeEventListener("htmx:afterRequest", after);
    body.removeEventListener("htmx:configRequest", configure);
    body.removeEventListener("htmx:beforeSwap", leaving);
    body.removeEventListener("htmx:afterSettle", drawnAnew);
    body.removeEventListener("node:saved", saved);
    body.removeEventListener("graph:stale", stale);
    document.removeEventListener("click", click);
    document.removeEventListener("keydown", keys);
  };
}

export function toast(text: string, tone: "info" | "warning" | "danger" = "info"): void {
  document.body.dispatchEvent(new CustomEvent("toast", { detail: { text, tone } }));
}
