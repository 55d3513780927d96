// Reading and changing parts of a condition's JSON by path ("count.n"). Pure; nothing is changed in place.
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Raw = { [name: string]: Json };

export const isRaw = (json: unknown): json is Raw => typeof json === "object" && json !== null && !Array.isArray(json);

export function get(json: Json | undefined, path: string): Json | undefined {
  if (!path) return json;
  let found = json;
  for (const part of path.split(".")) {
    if (!isRaw(found)) return undefined;
    found = found[part];
  }
  return found;
}

export function set(raw: Raw, path: string, value: Json): Raw {
  const [name, ...rest] = path.split(".") as [string, ...string[]];
  if (rest.length === 0) return { ...raw, [name]: value };
  const inner = raw[name];
  return { ...raw, [name]: set(isRaw(inner) ? inner : {}, rest.join("."), value) };
}

export function drop(raw: Raw, name: string): Raw {
  const { [name]: _gone, ...rest } = raw;
  return rest;
}

/** Deep equality; what is not given is the same as null. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one == null || other == null) return one == null && other == null;
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((item, index) => same(item, other[index]));
  if (isRaw(one)) {
    if (!isRaw(other)) return false;
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => same(one[name], other[name]));
  }
  return one === other;
}
