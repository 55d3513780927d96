// `<form data-guard>` asks before a page with unsaved answers is left; with `data-unsaved` it comes with some.
import { request } from "./request";
import { signIn } from "./session";

const dirty = new Set<HTMLFormElement>();
const underway = new Set<HTMLFormElement>();

function saving(event: Event): HTMLFormElement | null {
  const { elt } = (event as CustomEvent<{ elt: Element }>).detail;
  return elt instanceof HTMLFormElement && elt.matches("[data-guard][hx-post]") ? elt : null;
}

function guarded(event: Event): HTMLFormElement | null {
  // A field may stand outside of its form, such as a name in the head of the page.
  const field = event.target as HTMLInputElement;
  return field.form?.matches("[data-guard]") ? field.form : field.closest<HTMLFormElement>("form[data-guard]");
}

document.addEventListener("input", (event) => {
  const form = guarded(event);
  if (!form) return;
  dirty.add(form);
  form.dispatchEvent(new CustomEvent("guard:changed", { bubbles: true, detail: { dirty: true } }));
});
// Sent by somebody signed out, a form would lead to the sign-in, and what was filled in would be gone.
window.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!signIn() || form.method !== "post" || form.hasAttribute("hx-post")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // Some pages lead scripts too to the sign-in, which must not count as an answer.
  void request(location.href, { redirect: "manual" }).then(({ ok }) => ok, () => false)
    .then((ok) => (ok ? form.requestSubmit(event.submitter ?? undefined) : signIn()?.focus()));
}, true);
document.addEventListener("submit", (event) => {
  const form = guarded(event);
  if (!form || form.hasAttribute("hx-post")) return;
  dirty.delete(form);
  form.removeAttribute("data-unsaved");
});
// A form that is saved in place is clean once the server has it, unless somebody went on typing meanwhile.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = saving(event);
  if (form) dirty.delete(form);
  if (form) underway.add(form);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = saving(event);
  if (!form) return;
  underway.delete(form);
  if (!(event as CustomEvent<{ successful: boolean }>).detail.successful) dirty.add(form);
  form.dispatchEvent(new CustomEvent("guard:changed", { bubbles: true, detail: { dirty: dirty.has(form) } }));
});
window.addEventListener("beforeunload", (event) => {
  const unsaved = document.querySelectorAll<HTMLFormElement>("form[data-guard][data-unsaved]");
  if ([...dirty, ...underway, ...unsaved].some((form) => form.isConnected)) event.preventDefault();
});
