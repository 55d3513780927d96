// `<form data-guard>` asks before a page with unsaved answers is left.
const dirty = new Set<HTMLFormElement>();

function guarded(event: Event): HTMLFormElement | null {
  // A field may stand outside of its form, such as a name in the head of the page.
  const field = event.target as HTMLInputElement;
  return field.form?.matches("[data-guard]") ? field.form : field.closest<HTMLFormElement>("form[data-guard]");
}

document.addEventListener("input", (event) => {
  const form = guarded(event);
  if (form) dirty.add(form);
});
document.addEventListener("submit", (event) => {
  const form = guarded(event);
  if (form) dirty.delete(form);
});
window.addEventListener("beforeunload", (event) => {
  if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
});
