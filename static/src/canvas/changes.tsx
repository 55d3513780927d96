// What has become of a card or a line since another version: in a word and a colour.
import type { Change } from "./contract";
import { t } from "./words";

export const CHANGED: Record<Change, string> = { "": "", added: "new", changed: "changed", removed: "gone" };

export function ChangeChip({ change }: { change: Change }) {
  return <span className={`cv-change cv-change-${change}`}>{t(CHANGED[change])}</span>;
}
