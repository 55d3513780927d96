// Whoever is signed out (in another tab, or after a long time) is told so by the first answer that says it, until one is in
// again, in whichever tab. What a page asks by itself is asked again then; what somebody presses, they press again.
const notice = document.getElementById("signed-out"); // pages for strangers have none
const tabs = new BroadcastChannel("signed-in");

interface Asked { verb: HttpVerb; path: string; triggeringEvent?: Event }
type HttpVerb = Parameters<typeof window.htmx.ajax>[0];
const PRESSED = ["click", "submit"];
const unanswered = new Map<Element, Asked>();

/** To be called with the status of every answer to a script. */
export function heard(status: number): void {
  if (status === 401) notice?.removeAttribute("hidden");
  else if (status >= 200 && status < 400) signedIn();
}

/** The link to the sign-in, while one is signed out. */
export function signIn(): HTMLElement | null {
  return notice && !notice.hidden ? notice.querySelector("a") : null;
}

function signedIn(): void {
  if (!notice || notice.hidden) return;
  notice.hidden = true;
  const waiting = [...unanswered];
  unanswered.clear();
  for (const [source, { verb, path, triggeringEvent: event }] of waiting) void window.htmx.ajax(verb, path, { source, event });
  window.dispatchEvent(new Event("signed-in"));
}

// Nobody's doing: what is asked every few seconds, or once it is there.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = (event as CustomEvent<{ elt: Element; requestConfig: Asked }>).detail;
  if (!signIn() || requestConfig.triggeringEvent) return;
  unanswered.set(elt, requestConfig);
  event.preventDefault();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, xhr, requestConfig } = (event as CustomEvent<{ elt: Element; xhr: XMLHttpRequest; requestConfig: Asked }>).detail;
  if (xhr.status === 401 && !PRESSED.includes(requestConfig.triggeringEvent?.type ?? "")) unanswered.set(elt, requestConfig);
  heard(xhr.status);
});
tabs.addEventListener("message", signedIn);
if (notice) tabs.postMessage("");
