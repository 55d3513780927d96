// The cards beside the editor follow what is drawn: the number first, then reach and people, then the overlap.
// A newer change cancels what is still being asked. Addresses stand on `[data-live]`; cards are `[data-card=name]`.
import { patientRequest } from "../shell/request";

const PAUSE_MS = 250;
const CARDS = ["preview", "reach", "overlap"] as const;
type Card = (typeof CARDS)[number];

let running = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;

const side = (): HTMLElement | null => document.querySelector<HTMLElement>("[data-live]");
const place = (card: Card): HTMLElement | null => document.querySelector<HTMLElement>(`[data-card="${card}"]`);

function asked(): URLSearchParams {
  const condition = document.querySelector<HTMLInputElement>("condition-editor input[name=condition]")?.value ?? "";
  const other = document.querySelector<HTMLSelectElement>("[data-overlap-with]")?.value ?? "";
  return new URLSearchParams({ condition, other, segment: side()?.dataset.live ?? "" });
}

async function fill(card: Card, signal: AbortSignal): Promise<void> {
  const target = place(card);
  if (!target?.dataset.url) return;
  const answer = await patientRequest(target.dataset.url, { method: "POST", body: asked(), signal });
  if (!answer.ok) throw new Error(String(answer.status));
  const found = document.createRange().createContextualFragment(await answer.text());
  for (const elsewhere of found.querySelectorAll<HTMLElement>("[data-into]")) document.getElementById(elsewhere.dataset.into!)?.replaceChildren(...elsewhere.childNodes);
  found.querySelectorAll("[data-into]").forEach((one) => one.remove());
  target.replaceChildren(found);
  window.htmx.process(target);
}

/** Ask for these cards, one after another; what was asked before is given up. */
async function refresh(cards: readonly Card[]): Promise<void> {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  side()?.setAttribute("aria-busy", "true");
  try {
    for (const card of cards) await fill(card, signal);
  } catch (error) {
    if (signal.aborted) return;
    side()?.setAttribute("data-failed", String(error));
  }
  side()?.removeAttribute("aria-busy");
}

document.addEventListener("change", (event) => {
  const target = event.target as HTMLElement;
  if (target.matches("condition-editor") && target.closest("#segment-form")) {
    running.abort();
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(CARDS), PAUSE_MS);
  } else if (target.matches("[data-overlap-with]")) void refresh(["overlap"]);
});

if (side()) void customElements.whenDefined("condition-editor").then(() => refresh(CARDS));
