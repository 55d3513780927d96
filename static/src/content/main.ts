// The content editor: put a variable where the cursor is, open a dialog, save with Ctrl-S, say what is not saved.
import "./content.css";

type Field = HTMLInputElement | HTMLTextAreaElement;

let last: Field | null = null;

document.addEventListener("focusin", (event) => {
  const field = (event.target as Element).closest<Field>("[data-liquid]");
  if (field) last = field;
});

/** Put `text` over the selection and leave the cursor behind it. */
export function insert(field: Field, text: string): void {
  const start = field.selectionStart ?? field.value.length;
  field.setRangeText(text, start, field.selectionEnd ?? start, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const variable = target.closest<HTMLElement>("[data-insert]");
  if (variable) {
    const field = last?.isConnected ? last : document.querySelector<Field>("textarea[data-liquid]");
    if (field) insert(field, variable.dataset.insert ?? "");
  }
  const opener = target.closest<HTMLElement>("[data-open-dialog]");
  if (opener) document.querySelector<HTMLDialogElement>(opener.dataset.openDialog ?? "")?.showModal();
});

document.addEventListener("keydown", (event) => {
  const save = document.querySelector<HTMLButtonElement>("[data-save]");
  if (save && (event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save.click();
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const detail = (event as CustomEvent<{ successful: boolean; elt: Element }>).detail;
  const form = detail.elt.closest("[data-close-on-done]");
  if (form && detail.successful) form.closest("dialog")?.close();
});

document.addEventListener("guard:changed", (event) => {
  const place = document.getElementById("content-saved");
  const { dirty } = (event as CustomEvent<{ dirty: boolean }>).detail;
  place?.classList.toggle("text-tone-yellow", dirty);
  if (place && dirty && place.textContent !== place.dataset.unsaved) place.textContent = place.dataset.unsaved ?? "";
});
