// What the data offers, fetched once per address and shared by all editors; and the counts while somebody edits.
import { useEffect, useState } from "react";
import { patientRequest } from "../shell/request";
import { learn } from "./icons";
import { get, type Raw } from "./json";
import { type Field, type FieldsFrom, NOTHING, type Schema } from "./sentence";

export interface Context {
  schema: Schema;
  schemaUrl: string;
  /** Offer nothing but what is known about people. */
  attributesOnly: boolean;
  disabled: boolean;
}

const asked = new Map<string, Promise<unknown>>();

function fetched<T>(url: string): Promise<T> {
  if (!asked.has(url)) {
    const answer = patientRequest(url, { headers: { Accept: "application/json" } }).then((response) => {
      if (!response.ok) throw new Error(String(response.status));
      return response.json() as Promise<unknown>;
    });
    asked.set(url, answer);
    answer.catch(() => asked.delete(url));
    setTimeout(() => asked.delete(url), 60_000);
  }
  return asked.get(url) as Promise<T>;
}

export function useSchema(url: string): { schema: Schema; failed: boolean } {
  const [found, setFound] = useState({ schema: NOTHING, failed: false });
  useEffect(() => {
    let here = true;
    const take = (schema: Schema) => {
      learn(schema.icons);
      if (here) setFound({ schema, failed: false });
    };
    if (url) void fetched<Schema>(url).then(take, () => here && setFound({ schema: NOTHING, failed: true }));
    return () => void (here = false);
  }, [url]);
  return found;
}

export function useProperties(url: string, event: string): Field[] {
  const [properties, setProperties] = useState<Field[]>([]);
  useEffect(() => {
    let here = true;
    setProperties([]);
    const address = `${url}?event=${encodeURIComponent(event)}`;
    if (url && event) void fetched<{ properties: Field[] }>(address).then((found) => here && setProperties(found.properties), () => undefined);
    return () => void (here = false);
  }, [url, event]);
  return properties;
}

/** The fields that a token of this row may name. */
export function useFields(from: FieldsFrom, raw: Raw, context: Context): Field[] {
  const event = "event" in from ? String(get(raw, from.event) ?? "") : "";
  const properties = useProperties(context.schemaUrl, event);
  return "source" in from ? (context.schema.fields[from.source] ?? []) : properties;
}

export interface Counts {
  /** The condition that was counted: what is said of another one is stale. */
  json: string;
  rows: Record<string, number>;
  problems: Record<string, string>;
}
const NONE: Counts = { json: "", rows: {}, problems: {} };
const PAUSE_MS = 250;

/** How many people match each row and group, a moment after the last change; a newer change cancels the asking. */
export function useCounts(url: string, json: string): Counts {
  const [counts, setCounts] = useState(NONE);
  useEffect(() => {
    if (!url || !json) return setCounts(NONE);
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const body = new URLSearchParams({ condition: json });
      void patientRequest(url, { method: "POST", body, signal: stop.signal })
        .then((response) => (response.ok ? (response.json() as Promise<Omit<Counts, "json">>) : NONE))
        .then((found) => setCounts({ ...NONE, ...found, json }), () => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [url, json]);
  return counts;
}
