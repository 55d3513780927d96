// One fetch wrapper: CSRF, JSON, and what each refusal means.
import { readCounts, readGraph, type CountsAnswer, type Graph, type Operation } from "./contract";

export class Stale extends Error {
  constructor(readonly graph: Graph) {
    super("stale");
  }
}
/** The server understood and said no: trying again will not help. */
export class Refused extends Error {}
/** No answer, or none that makes sense: worth another try. */
export class Unreachable extends Error {}

function csrf(): string {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  const meta = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content;
  return document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? meta ?? cookie?.slice(10) ?? "";
}

async function ask(url: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json", "X-CSRFToken": csrf() }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body), keepalive: JSON.stringify(body).length < 60_000 }),
    });
  } catch {
    throw new Unreachable("offline");
  }
  if (response.status >= 500 || response.status === 429) throw new Unreachable(`answer ${response.status}`);
  if (!response.headers.get("Content-Type")?.includes("json")) throw new Refused("signed-out");
  return { status: response.status, json: await response.json() };
}

export async function save(url: string, revision: number, operations: Operation[]): Promise<Graph> {
  const { status, json } = await ask(url, { revision, operations });
  if (status === 409) throw new Stale(readGraph((json as { graph: unknown }).graph));
  if (status >= 400) throw new Refused(String((json as { error?: unknown }).error ?? status));
  return readGraph(json);
}

export async function fetchGraph(url: string): Promise<Graph> {
  return readGraph((await ask(url)).json);
}

export async function fetchCounts(url: string): Promise<CountsAnswer> {
  return readCounts((await ask(url)).json);
}
