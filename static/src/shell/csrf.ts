// The token without which Django takes no change. Signing in renews it, in another tab too, and those that stand in open
// pages are void from then on: whatever is sent takes it from the cookie.
const COOKIE = "csrftoken=";
const FIELD = "csrfmiddlewaretoken";

export function csrf(): string {
  return document.cookie.split("; ").find((part) => part.startsWith(COOKIE))?.slice(COOKIE.length) ?? "";
}

// Forms, whoever sends them. Django looks at the field first, and at the header only where there is none.
document.addEventListener("formdata", ({ formData }) => {
  if (formData.has(FIELD)) formData.set(FIELD, csrf());
});
document.addEventListener("htmx:configRequest", (event) => {
  (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers["X-CSRFToken"] = csrf();
});
