import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";

const other = new BroadcastChannel("signed-in"); // another tab
const told: unknown[] = [];
let notice: HTMLElement;
let request: typeof import("./request");

beforeAll(async () => {
  other.addEventListener("message", ({ data }) => void told.push(data));
  document.body.innerHTML = '<div id="signed-out" data-user="7" data-name="Ann" hidden><a href="/">Sign in</a></div>'
    + '<div id="somebody-else" hidden><b data-name></b><a href="">Load again</a></div><form method="post"></form>';
  notice = document.getElementById("signed-out")!;
  request = await import("./request");
  await import("./guard");
});

/** What the server answers, one after another. */
let statuses: number[];
const asked = vi.fn(async (_url: string, _options: RequestInit) => new Response(null, { status: statuses.shift()! }));

beforeEach(() => {
  asked.mockClear();
  vi.stubGlobal("fetch", asked);
  notice.hidden = true;
  document.cookie = "csrftoken=first";
});

afterEach(() => void vi.unstubAllGlobals());

function answered(elt: Element, status: number, type = "change"): void {
  const requestConfig = { verb: "post", path: "/name/", triggeringEvent: new Event(type) };
  elt.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail: { elt, xhr: { status }, requestConfig } }));
}

it("tells other tabs that one is signed in", async () => {
  await vi.waitFor(() => expect(told).toEqual([{ user: "7", name: "Ann" }]));
});

it("is asked about by a script, and with the token where something changes", async () => {
  statuses = [200, 200];
  await request.request("/a/", { headers: { Accept: "text/html" } });
  await request.request("/a/", { method: "POST" });
  expect(asked.mock.calls.map(([, { headers }]) => headers)).toEqual([
    { Accept: "text/html", "X-Requested-With": "XMLHttpRequest", "X-User": "7" },
    { "X-CSRFToken": "first", "X-Requested-With": "XMLHttpRequest", "X-User": "7" },
  ]);
});

it("is over until the server or another tab says otherwise", async () => {
  const shown = () => !notice.hidden;
  statuses = [401, 500, 200];
  const seen = [];
  for (let n = 0; n < 3; n++) {
    await request.request("/a/");
    seen.push(shown());
  }
  answered(document.body, 401, "click");
  answered(document.body, 0, "click"); // no connection
  expect([...seen, shown()]).toEqual([true, true, false, true]);
  other.postMessage({ user: "7", name: "Ann" });
  await vi.waitFor(() => expect(shown()).toBe(false));
});

it("is not begun by somebody else, whose name is told", async () => {
  const letGo = vi.fn();
  window.addEventListener("signed-in", letGo);
  const another = document.getElementById("somebody-else")!;
  const shown = () => [notice, another].map((one) => !one.hidden);
  answered(document.body, 401, "click");
  other.postMessage({ user: "8", name: "Bob" });
  await vi.waitFor(() => expect(shown()).toEqual([false, true]));
  expect(another.querySelector("b")!.textContent).toBe("Bob");
  answered(document.body, 401, "click");
  expect([shown(), letGo.mock.calls.length]).toEqual([[false, true], 0]);
  other.postMessage({ user: "7", name: "Ann" });
  await vi.waitFor(() => expect([shown(), letGo.mock.calls.length]).toEqual([[false, false], 1]));
});

it("lets go what waits for it: what a page asks by itself, once, and requests that were not given up", async () => {
  const form = document.querySelector("form")!;
  const again = vi.fn();
  vi.stubGlobal("htmx", { ajax: again });
  answered(form, 401);
  answered(notice, 401, "click");
  const stop = new AbortController();
  asked.mockImplementation(async (_url, { signal }) => {
    signal?.throwIfAborted();
    return new Response(null, { status: statuses.shift()! });
  });
  statuses = [401, 401, 200];
  const kept = request.patientRequest("/kept/");
  const left = request.patientRequest("/left/", { signal: stop.signal });
  await vi.waitFor(() => expect(statuses.length).toBe(1));
  await new Promise((go) => setTimeout(go)); // both have seen their answer
  stop.abort();
  answered(document.body, 200);
  await expect(left).rejects.toThrow("aborted");
  expect((await kept).status).toBe(200);
  answered(document.body, 401, "submit");
  answered(document.body, 200);
  const event = expect.objectContaining({ type: "change" });
  expect(again.mock.calls).toEqual([["post", "/name/", { source: form, event }]]);
});

it("stops what a page asks by itself while it is over, until one is in again", () => {
  const again = vi.fn();
  vi.stubGlobal("htmx", { ajax: again });
  /** Whether htmx goes on to ask. */
  const asks = (triggeringEvent?: Event) => {
    const detail = { elt: notice, requestConfig: { verb: "get", path: "/bell/", triggeringEvent } };
    return notice.dispatchEvent(new CustomEvent("htmx:beforeRequest", { bubbles: true, cancelable: true, detail }));
  };
  expect(asks()).toBe(true);
  answered(document.body, 401, "click");
  expect([asks(), asks(new Event("click")), asks(new Event("change")), asks()]).toEqual([false, true, true, false]);
  answered(document.body, 200);
  expect(again.mock.calls).toEqual([["get", "/bell/", { source: notice, event: undefined }]]);
  expect(asks()).toBe(true);
});

it("is made sure of before a form is sent, since the sign-in would come instead of its answer", async () => {
  const form = document.querySelector("form")!;
  const sent = vi.fn((event: Event) => event.preventDefault());
  form.addEventListener("submit", sent);
  answered(form, 401, "click");
  asked.mockImplementation(async () => new Response(null, { status: statuses.shift()! }));
  statuses = [401, 200];
  const link = notice.querySelector("a")!;
  form.requestSubmit();
  await vi.waitFor(() => expect(document.activeElement).toBe(link));
  link.blur();
  asked.mockRejectedValueOnce(new TypeError("offline"));
  form.requestSubmit();
  await vi.waitFor(() => expect(document.activeElement).toBe(link));
  expect([sent.mock.calls, asked.mock.calls.map(([, options]) => options.redirect)]).toEqual([[], ["manual", "manual"]]);
  form.requestSubmit();
  await vi.waitFor(() => expect(sent).toHaveBeenCalledOnce());
  expect(notice.hidden).toBe(true);
});
