// What the canvas asks the server: JSON and forms, and what each refusal means.
import { refusal, request } from "../shell/request";
import { readCard, readCounts, readGraph, type Card, type CountsAnswer, type Graph, type Operation } from "./contract";
import { t } from "./words";

export class Stale extends Error {
  constructor(readonly graph: Graph) {
    super("stale");
  }
}
/** The server understood and said no: trying again will not help. */
export class Refused extends Error {}
/** No answer, or none that makes sense: worth another try. */
export class Unreachable extends Error {}
/** The page says so; once one is in again, what waits is sent. */
export class SignedOut extends Unreachable {}

/** Bytes that a page that is left may still send. */
const PARTING = 60_000;

async function reach(url: string, accept: string, type?: string, body?: string): Promise<Response> {
  let response: Response;
  try {
    response = await request(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { Accept: accept, ...(type ? { "Content-Type": type } : {}) },
      ...(body === undefined ? {} : { body, keepalive: new TextEncoder().encode(body).length < PARTING }),
    });
  } catch {
    throw new Unreachable("offline");
  }
  if (response.status === 401) throw new SignedOut("signed out");
  if (response.status >= 500 || response.status === 429) throw new Unreachable(`answer ${response.status}`);
  return response;
}

async function ask(url: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const response = await reach(url, "application/json", ...(body === undefined ? [] : ["application/json", JSON.stringify(body)]));
  if (!response.headers.get("Content-Type")?.includes("json")) throw new Unreachable("not from our server");
  return { status: response.status, json: await response.json() };
}

export async function save(url: string, edit: string, revision: number, operations: Operation[]): Promise<Graph> {
  const { status, json } = await ask(url, { edit, revision, operations });
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

/** What the server says to the answers of a step's form. */
export interface Reply {
  /** The form anew, or where `whole` is false only the parts of it that follow from the answers. */
  html: string;
  whole: boolean;
  /** The step as it is now; none where an answer is missing or wrong, and the form says which. */
  saved: { card: Card; revision: number } | undefined;
}

async function form(url: string, type?: string, body?: string): Promise<Response> {
  const response = await reach(url, "text/html", type, body);
  if (response.ok || response.status === 422) return response;
  if (response.status === 404) throw new Refused(t("The step is not there any more."));
  throw new Refused(refusal(response.headers.get("Content-Type"), await response.text()) ?? String(response.status));
}

export async function fetchForm(url: string): Promise<string> {
  return (await form(url)).text();
}

/** "stale": somebody else has changed the drawing. */
export async function answer(url: string, edit: string, values: FormData, revision: number): Promise<Reply | "stale"> {
  const body = new URLSearchParams([...values].map(([name, value]) => [name, String(value)]));
  body.set("edit", edit);
  body.set("revision", String(revision));
  const response = await form(url, "application/x-www-form-urlencoded", body.toString());
  const told = JSON.parse(response.headers.get("HX-Trigger") ?? "{}") as Record<string, { card: unknown; revision: unknown }>;
  if (told["graph:stale"]) return "stale";
  const now = told["node:saved"];
  return {
    html: await response.text(),
    whole: response.headers.get("HX-Reswap") !== "none",
    saved: now && { card: readCard(now.card), revision: Number(now.revision) },
  };
}
