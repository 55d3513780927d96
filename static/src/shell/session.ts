// Whoever is signed out (in another tab, or after a long time) is told so by the first answer that says it, until one is in
// again, in whichever tab. What a page asks by itself is asked again then; what somebody presses, they press again.
// Where it is somebody else who is in by then, nothing of this page is theirs to send.
const notice = document.getElementById("signed-out"); // pages for strangers have none
const other = document.getElementById("somebody-else");
const tabs = new BroadcastChannel("signed-in");

interface Asked { verb: HttpVerb; path: string; triggeringEvent?: Event }
type HttpVerb = Parameters<typeof window.htmx.ajax>[0];
const PRESSED = ["click", "submit"];
const unanswered = new Map<Element, Asked>();

/** Whose page this is: the server lets its scripts do nothing for anybody else. */
export const user = notice?.dataset.user ?? "";

/** To be called with the status of every answer to a script. */
export function heard(status: number): void {
  if (status === 401) say(signIn()?.parentElement ?? notice);
  else if (status >= 200 && status < 400) signedIn();
}

/** The link to the sign-in, or to what the page is for somebody else, while its reader is signed out. */
export function signIn(): HTMLElement | null {
  const said = [notice, other].find((one) => one && !one.hidden);
  return said?.querySelector("a") ?? null;
}

function say(what: HTMLElement | null): void {
  for (const one of [notice, other]) if (one) one.hidden = one !== what;
}

function signedIn(): void {
  if (!signIn()) return;
  say(null);
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
document.addEventListener("htmx:configRequest", (event) => {
  (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers["X-User"] = user;
});
tabs.addEventListener("message", ({ data }: MessageEvent<{ user: string; name: string }>) => {
  if (data.user === user) return signedIn();
  const name = other?.querySelector("[data-name]");
  if (name) name.textContent = data.name;
  say(other);
});
if (notice) tabs.postMessage({ ...notice.dataset });
