// The panel beside the canvas: shows the form of a step as it is drawn, gives its answers on and draws what comes back.
import { signIn } from "../shell/session";
import { fetchForm, SignedOut, Unreachable, type Reply } from "./api";
import type { Card, Config } from "./contract";
import { fillIn, firstQuestion, focusAgain, placeOfFocus } from "./form";
import { same } from "./graph";
import { t } from "./words";

interface Htmx { swap(target: Element, html: string, how: { swapStyle: "innerHTML" | "none" }): void }
declare const window: Window & { htmx?: Htmx };

/** How a step stood when its form was drawn or last answered. */
interface Stood { config: Config | null; name: string }
/** A form as the server has drawn it, and what has been filled in since. */
interface Form { html: string; answers?: FormData | undefined }

const panel = (): HTMLElement | null => document.getElementById("inspector");

let ears: Ears | undefined;
// Whose form is there; the one that is wanted (data-url) may still be on its way.
let shown: (Stood & { url: string; answers: FormData | undefined }) | undefined;
let asked = 0;
// That the form which is wanted cannot be had yet.
let waits = false;
let again: ReturnType<typeof setTimeout> | undefined;
// By the step's address: its form with what the server has last taken of it; and as it came back for a wrong answer.
const known = new Map<string, Form & Stood>();
const wrong = new Map<string, string>();
const ANEW_MS = 5000;

export async function openInspector(url: string, focusFirst: boolean): Promise<void> {
  const inspector = panel();
  if (!inspector || !window.htmx) return;
  if (shown && shown.url !== url) leaveField();
  const mine = ++asked;
  stopWaiting();
  inspector.dataset.url = url;
  inspector.dataset.open = "";
  // What is pressed from now on is not meant for the canvas.
  if (focusFirst && !inspector.contains(document.activeElement)) inspector.focus();
  if (!isShown(url) || !shown?.answers) {
    const form = await formOf(url);
    if (mine !== asked) return;
    waits = typeof form === "string";
    if (typeof form === "string") say(inspector, form);
    else show(inspector, url, form);
  }
  // Who has gone on elsewhere while the form was on its way stays there.
  const at = document.activeElement;
  if (shown && (at === inspector || (focusFirst && (at === document.body || inspector.contains(at))))) firstQuestion(inspector)?.focus();
}

/** The form of a step as it is drawn, else why there is none. */
async function formOf(url: string): Promise<Form | string> {
  const last = known.get(url);
  const left = wrong.get(url);
  const answers = ears?.card(url)?.answers;
  if (answers && last) return { html: last.html, answers };
  if (left !== undefined && !answers) return { html: left };
  let why = t("This step is not saved yet. Its questions come here as soon as it is.");
  if (await ears?.ready(url)) {
    const asDrawn = ears?.card(url);
    try {
      const html = await fetchForm(url);
      if (!asDrawn || !stands(asDrawn, url)) return await formOf(url); // it has been changed meanwhile
      known.set(url, { html, config: asDrawn.config, name: asDrawn.name });
      return { html, answers: ears?.card(url)?.answers };
    } catch (error) {
      if (!(error instanceof Unreachable)) return t("This step cannot be shown.");
      const out = error instanceof SignedOut;
      why = out
        ? t("This step can be shown once you are signed in again.")
        : t("This step cannot be shown without a connection. It comes as soon as there is one.");
      if (!out) again = setTimeout(reopenInspector, ANEW_MS);
    }
  }
  return last && stands(last, url) ? last : why;
}

function stands(stood: Stood, url: string): boolean {
  const card = ears?.card(url);
  return card !== undefined && same(stood.config, card.config) && stood.name === card.name;
}

const isShown = (url: string): boolean => shown?.url === url && shown.answers === ears?.card(url)?.answers && stands(shown, url);

/** What stands there for a form that cannot be had, rather than the form of another step. */
function say(inspector: HTMLElement, why: string): void {
  const head = document.createElement("div");
  head.className = "ins-head";
  const text = document.createElement("div");
  text.className = "ins-head-text";
  text.role = "status";
  text.textContent = why;
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "btn-close", ariaLabel: t("Close") });
  close.dataset.close = "";
  head.append(text, close);
  inspector.replaceChildren(head);
  shown = undefined;
}

function show(inspector: HTMLElement, url: string, { html, answers }: Form): void {
  const place = shown?.url === url ? placeOfFocus(inspector) : undefined;
  window.htmx?.swap(inspector, html, { swapStyle: "innerHTML" });
  if (answers) fillIn(inspector, answers);
  wrong.delete(url);
  const { config = null, name = "", answers: waiting } = ears?.card(url) ?? {};
  shown = { url, config, name, answers: waiting };
  if (place) focusAgain(inspector, place);
}

/** To be called when the drawing has changed: an undo may change the step whose form is open, or take it away. */
export function followDrawing(): void {
  const url = inspectorUrl();
  if (url === undefined) return;
  if (!ears?.card(url)) closeInspector();
  else if (shown?.url === url && !isShown(url)) void openInspector(url, false);
}

/** Try at once to get a form that could not be had. */
export function reopenInspector(): void {
  const url = inspectorUrl();
  if (waits && url) void openInspector(url, false);
}

function stopWaiting(): void {
  waits = false;
  clearTimeout(again);
}

export function inspectorUrl(): string | undefined {
  return panel()?.dataset.url;
}

/** What is being typed is said when the field is left. */
export function leaveField(): void {
  const field = document.activeElement;
  if (field !== panel() && panel()?.contains(field)) (field as HTMLElement).blur();
}

/** Somebody else has changed the drawing: what was typed or kept is about one that is no more. */
export function forgetForms(): void {
  panel()?.querySelector("[data-answers]")?.removeAttribute("data-answers");
  known.clear();
  wrong.clear();
}

export function closeInspector(): void {
  const inspector = panel();
  if (!inspector) return;
  leaveField();
  asked += 1;
  stopWaiting();
  shown = undefined;
  delete inspector.dataset.url;
  delete inspector.dataset.open;
  inspector.replaceChildren();
}

/** Draw what came back for a form; no to an answer that is wrong in a form that is not shown: it is kept for later. */
export function drawReply(url: string, answers: FormData, { html, whole, saved }: Reply): boolean {
  const inspector = panel();
  const last = known.get(url);
  const stood = saved && { config: saved.card.config, name: saved.card.name };
  if (stood && whole) known.set(url, { html, ...stood });
  else if (stood && last) known.set(url, { html: last.html, answers, ...stood });
  const here = shown?.url === url ? shown : undefined;
  if (here && stood) Object.assign(here, stood);
  // A newer answer of the same form waits for its turn: what comes back for that one is drawn.
  if (!inspector || ears?.card(url)?.answers) return true;
  wrong.delete(url);
  if (!here) {
    if (!saved) wrong.set(url, html);
    return Boolean(saved);
  }
  here.answers = undefined;
  const title = inspector.querySelector<HTMLInputElement>(".ins-name");
  if (title && saved) title.placeholder = saved.card.title;
  if (!whole) window.htmx?.swap(inspector, html, { swapStyle: "none" });
  // Nor while an answer is being given in an open menu of a condition that was not complete.
  else if (saved || !inspector.querySelector("condition-editor .ce-panel")) show(inspector, url, { html });
  return true;
}

export interface Ears {
  /** Resolves to whether the server has every edit and answer. */
  flush(): Promise<boolean>;
  /** The step as it is drawn at this moment. */
  card(url: string): Card | undefined;
  /** Resolves to whether the server has the step as it is drawn, and what there was to save has been tried. */
  ready(url: string): Promise<boolean>;
  answer(url: string, answers: FormData): void;
  closed(): void;
}

/** Listen to the panel, and to what may only be done once everything is saved; the answer stops listening. */
export function connect(listening: Ears): () => void {
  ears = listening;
  const confirm = (event: Event): void => {
    const { elt, question, issueRequest } = (event as CustomEvent<{ elt: HTMLElement; question?: string; issueRequest(skip: boolean): void }>).detail;
    if (question || event.defaultPrevented || !elt.closest("[data-needs-saved]")) return;
    event.preventDefault();
    void listening.flush().then((all) => {
      const link = signIn();
      if (all) issueRequest(true);
      else if (link) link.focus();
      else toast(t("Not everything is saved yet. Try again in a moment."), "warning");
    });
  };
  const give = (event: Event): void => {
    const form = (event.target as Element).closest<HTMLFormElement>("#inspector form[data-answers]");
    if (!form) return;
    if (event.type === "submit") event.preventDefault();
    const answers = new FormData(form);
    if (shown?.url === form.dataset.answers) shown!.answers = answers;
    listening.answer(form.dataset.answers!, answers);
  };
  const click = (event: Event): void => {
    if ((event.target as Element).closest("#inspector [data-close]")) listening.closed();
  };
  const keys = (event: KeyboardEvent): void => {
    const pressed = event.target as HTMLElement;
    if (event.key === "Enter" && pressed.matches?.("#inspector [data-then]")) {
      event.preventDefault();
      return pressed.click();
    }
    if (event.key === "Escape" && !event.defaultPrevented && (event.target as Element).closest?.("#inspector")) listening.closed();
  };
  document.addEventListener("keydown", keys);
  document.addEventListener("click", click);
  document.addEventListener("change", give);
  document.addEventListener("submit", give);
  document.body.addEventListener("htmx:confirm", confirm);
  return () => {
    known.clear();
    wrong.clear();
    document.removeEventListener("keydown", keys);
    document.removeEventListener("click", click);
    document.removeEventListener("change", give);
    document.removeEventListener("submit", give);
    document.body.removeEventListener("htmx:confirm", confirm);
  };
}

export function toast(text: string, tone: "info" | "warning" | "danger" = "info"): void {
  document.body.dispatchEvent(new CustomEvent("toast", { detail: { text, tone } }));
}
