// What the data offers: names, types, frequent values, operators. Fetched once per address and shared by all editors.
import { useEffect, useState } from "react";
import type { Arguments, Scalar } from "./tree";

export interface Field {
  name: string;
  type: string;
  count: number;
  values: { value: Scalar; count: number }[];
}
export interface Operator {
  name: string;
  label: string;
  types: string[];
  argument: string;
}
export interface Named {
  name: string;
  label: string;
}
export interface Schema {
  attributes: Field[];
  events: { name: string; count: number }[];
  segments: { id: number; name: string; size: number }[];
  operators: Operator[];
  counts: Named[];
  units: Named[];
}
export const NOTHING: Schema = { attributes: [], events: [], segments: [], operators: [], counts: [], units: [] };

const asked = new Map<string, Promise<unknown>>();

function fetched<T>(url: string): Promise<T> {
  if (!asked.has(url)) {
    const answer = fetch(url, { headers: { Accept: "application/json" } }).then((response) => {
      if (!response.ok) throw new Error(String(response.status));
      return response.json() as Promise<unknown>;
    });
    asked.set(url, answer);
    answer.catch(() => asked.delete(url));
    setTimeout(() => asked.delete(url), 60_000);
  }
  return asked.get(url) as Promise<T>;
}

export function useSchema(url: string): Schema {
  const [schema, setSchema] = useState(NOTHING);
  useEffect(() => {
    let here = true;
    if (url) void fetched<Schema>(url).then((found) => here && setSchema(found), () => undefined);
    return () => void (here = false);
  }, [url]);
  return schema;
}

export function useProperties(url: string, event: string): Field[] {
  const [properties, setProperties] = useState<Field[]>([]);
  useEffect(() => {
    let here = true;
    setProperties([]);
    if (url && event)
      void fetched<{ properties: Field[] }>(`${url}?event=${encodeURIComponent(event)}`).then(
        (found) => here && setProperties(found.properties), () => undefined,
      );
    return () => void (here = false);
  }, [url, event]);
  return properties;
}

export const takes = (schema: Schema): Arguments => Object.fromEntries(schema.operators.map((one) => [one.name, one.argument]));

/** Operators that fit a type; all of them where the type is not known. */
export function fitting(schema: Schema, type: string | undefined): Operator[] {
  return schema.operators.filter((one) => !type || one.types.length === 0 || one.types.includes(type));
}

export function csrf(): string {
  try {
    const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>;
    return headers["x-csrftoken"] ?? "";
  } catch {
    return "";
  }
}

/** How many people match each row, a moment after the last change. Null while not known. */
export function useCounts(url: string, json: string): Record<string, number> {
  const [counts, setCounts] = useState<Record<string, number>>({});
  useEffect(() => {
    if (!url || !json) return setCounts({});
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const body = new URLSearchParams({ condition: json });
      void fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrf() }, signal: stop.signal })
        .then((response) => (response.ok ? (response.json() as Promise<{ rows: Record<string, number> }>) : { rows: {} }))
        .then((found) => setCounts(found.rows), () => undefined);
    }, 250);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [url, json]);
  return counts;
}
