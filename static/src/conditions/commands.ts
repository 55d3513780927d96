// What can be done with a row or a group: one list for the menu and for the keys.
import type { Command } from "./keys";
import { negate, type Schema } from "./sentence";
import * as tree from "./tree";
import { t } from "./words";

export interface Action {
  command: Command;
  label: string;
  keys: string;
  /** What is told to those who cannot see it. */
  said: string;
  do: (root: tree.Group, id: string) => tree.Group;
}

/** What can be done with several at once. */
export interface Together {
  command: Command;
  label: string;
  said: string;
  do: (root: tree.Group, ids: ReadonlySet<string>) => tree.Group;
}

export function together(nodes: readonly tree.Node[]): Together[] {
  const on = nodes.some((one) => !one.off);
  return [
    { command: "group", label: t("Group"), said: t("Put into a group."), do: tree.wrapAll },
    { command: "off", label: on ? t("Switch off") : t("Switch on"), said: on ? t("Switched off.") : t("Switched on."), do: tree.toggleAll },
    { command: "duplicate", label: t("Duplicate"), said: t("Duplicated."), do: tree.duplicateAll },
    { command: "remove", label: t("Remove"), said: t("Removed."), do: tree.removeAll },
  ];
}

export function actions(node: tree.Node, schema: Schema): Action[] {
  const isGroup = tree.isGroup(node);
  const all: (Action | false)[] = [
    { command: "negate", label: t("Turn into its opposite"), keys: "!", said: t("Turned into its opposite."), do: (root, id) => negate(root, id, schema) },
    { command: "off", label: node.off ? t("Switch on again") : t("Switch off for now"), keys: "Ctrl /", said: node.off ? t("Switched on.") : t("Switched off."), do: tree.toggle },
    { command: "duplicate", label: t("Duplicate"), keys: "Ctrl D", said: t("Duplicated."), do: tree.duplicate },
    { command: "group", label: isGroup ? t("Put into another group") : t("Turn into a group"), keys: "Ctrl G", said: t("Put into a group."), do: tree.wrap },
    isGroup && { command: "ungroup", label: t("Take the rows out of the group"), keys: "Ctrl ⇧ G", said: t("Taken out of the group."), do: tree.unwrap },
    { command: "up", label: t("Move up"), keys: "Alt ↑", said: t("Moved up."), do: (root, id) => tree.step(root, id, -1) },
    { command: "down", label: t("Move down"), keys: "Alt ↓", said: t("Moved down."), do: (root, id) => tree.step(root, id, 1) },
    { command: "in", label: t("Move into a group"), keys: "Alt →", said: t("Moved into a group."), do: tree.into },
    { command: "out", label: t("Move out of the group"), keys: "Alt ←", said: t("Moved out of the group."), do: tree.out },
    { command: "remove", label: t("Remove"), keys: "Del", said: t("Removed."), do: tree.remove },
  ];
  return all.filter((one) => one !== false);
}
