// Choosing people, or segments, in the list: a bar with what can be done appears while somebody is chosen.

/** Which boxes are ticked decides what the bar says. */
export function refresh(form: HTMLElement): void {
  const bar = form.querySelector<HTMLElement>("[data-bulk-bar]");
  if (!bar) return;
  const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=ids]")];
  const chosen = boxes.filter((box) => box.checked).length;
  bar.hidden = chosen === 0;
  bar.querySelector("[data-bulk-count]")!.textContent = String(chosen);
  const all = form.querySelector<HTMLInputElement>("[data-bulk-all]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

function tick(form: HTMLElement, on: boolean): void {
  for (const box of form.querySelectorAll<HTMLInputElement>("input[name=ids]")) box.checked = on;
  refresh(form);
}

function set(form: HTMLElement, name: string, value: string): void {
  const field = form.querySelector<HTMLInputElement>(`input[name=${name}]`);
  if (field) field.value = value;
}

export function watch(form: HTMLElement): void {
  form.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-bulk-all]")) tick(form, box.checked);
    else if (box.name === "ids") refresh(form);
  });
  form.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-bulk-none]")) tick(form, false);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const address = new URLSearchParams(location.search).toString();
    set(form, "query", address);
    set(form, "next", location.pathname + location.search);
    refresh(form);
  });
  refresh(form);
}

for (const form of document.querySelectorAll<HTMLElement>("#people-bulk, #segments-bulk, #inside-bulk")) watch(form);
