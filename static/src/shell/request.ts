// fetch as our server wants to be asked: by a script, which could do nothing with the sign-in page, with the CSRF token, and
// for the user whose page it is.
import { csrf } from "./csrf";
import { heard, user } from "./session";

export async function request(url: string, options: RequestInit = {}): Promise<Response> {
  const token: HeadersInit = options.method === "POST" ? { "X-CSRFToken": csrf() } : {};
  const headers = { ...options.headers, ...token, "X-Requested-With": "XMLHttpRequest", "X-User": user };
  const response = await fetch(url, { ...options, headers });
  heard(response.status);
  return response;
}

/** Why the server refuses something, in its words. */
export function refusal(type: string | null, body: string): string | undefined {
  return type?.includes("json") ? (JSON.parse(body) as { error?: string }).error : undefined;
}

/** What is asked by somebody signed out is asked again once they are in, unless it is given up before. */
export async function patientRequest(url: string, options: RequestInit = {}): Promise<Response> {
  const response = await request(url, options);
  if (response.status !== 401) return response;
  await new Promise((go) => addEventListener("signed-in", go, { once: true }));
  return patientRequest(url, options);
}
