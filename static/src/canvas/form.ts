// The form in the panel: its answers put back into it, and the focus kept where it is when it is drawn anew.

/** Fill in a form that has just been drawn as it was left. */
export function fillIn(inspector: HTMLElement, answers: FormData): void {
  inspector.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(":is(input, select, textarea)[name]").forEach((field) => {
    const given = answers.getAll(field.name).map(String);
    if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) field.checked = given.includes(field.value);
    else if (field instanceof HTMLSelectElement) [...field.options].forEach((option) => { option.selected = given.includes(option.value); });
    else if (given[0] !== undefined) field.value = given[0];
  });
  // These draw themselves from their attribute when they are put into a page.
  inspector.querySelectorAll("condition-editor").forEach((one) => {
    const drawn = one.cloneNode() as Element;
    drawn.setAttribute("value", String(answers.get(one.getAttribute("name") ?? "") ?? ""));
    one.replaceWith(drawn);
  });
}

export function firstQuestion(inspector: HTMLElement): HTMLElement | null {
  const fields = "input:not([type=hidden], .btn-check), select, textarea, condition-editor button";
  return inspector.querySelector<HTMLElement>(`[data-questions] :is(${fields})`) ?? inspector.querySelector("[data-close]");
}

/** `then`: what stands for a button that moved its row, the first of these that is there; `said`: what is told aloud. */
export interface Place { name: string; behind: number; typed?: string; then?: string[]; said?: string }

const isTyped = (one: Element | null): one is HTMLInputElement | HTMLTextAreaElement =>
  one instanceof HTMLTextAreaElement || (one instanceof HTMLInputElement && !["checkbox", "radio"].includes(one.type));

const stops = (inspector: HTMLElement): HTMLElement[] =>
  [...inspector.querySelectorAll<HTMLElement>("input:not([type=hidden], .btn-check), select, textarea, condition-editor button")];

/**
 * Where the focus is, so that it is found again in a form drawn anew: so many stops behind a field that has a name;
 * and what is being typed there, which the server cannot know yet.
 */
export function placeOfFocus(inspector: HTMLElement): Place | undefined {
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

export function focusAgain(inspector: HTMLElement, { name, behind, typed, then, said }: Place): void {
  if (then) return focusMoved(inspector, name, then, said);
  const all = stops(inspector);
  const at = all.findIndex((one) => one.getAttribute("name") === name);
  const field = all[at] ?? null;
  if (typed !== undefined && isTyped(field) && field.value !== typed && field.value === field.defaultValue) {
    field.value = typed;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  // Only where it was lost: somebody may have gone on elsewhere.
  if (at >= 0 && document.activeElement === document.body) all[Math.min(at + behind, all.length - 1)]?.focus();
}
