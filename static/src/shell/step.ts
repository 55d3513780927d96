// Walking through a list of hits by keyboard.

/** Up and down walk through the hits; Enter opens the chosen one. */
export function step(links: HTMLElement[], chosen: number, by: number): number {
  if (links.length === 0) return -1;
  const next = (chosen + by + links.length) % links.length;
  links.forEach((link, index) => link.setAttribute("aria-selected", String(index === next)));
  links[next]?.scrollIntoView?.({ block: "nearest" });
  return next;
}
