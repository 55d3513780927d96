// Icons of the editor itself; those of the kinds of conditions come with the server's description.
import back from "@tabler/icons/outline/arrow-back-up.svg?raw";
import brackets from "@tabler/icons/outline/brackets.svg?raw";
import check from "@tabler/icons/outline/check.svg?raw";
import clipboard from "@tabler/icons/outline/clipboard-text.svg?raw";
import dots from "@tabler/icons/outline/dots.svg?raw";
import down from "@tabler/icons/outline/chevron-down.svg?raw";
import forward from "@tabler/icons/outline/arrow-forward-up.svg?raw";
import grip from "@tabler/icons/outline/grip-vertical.svg?raw";
import keyboard from "@tabler/icons/outline/keyboard.svg?raw";
import plus from "@tabler/icons/outline/plus.svg?raw";
import question from "@tabler/icons/outline/help.svg?raw";
import warning from "@tabler/icons/outline/alert-triangle.svg?raw";
import x from "@tabler/icons/outline/x.svg?raw";

const known: Record<string, string> = { back, brackets, check, clipboard, dots, down, forward, grip, keyboard, plus, question, warning, x };

/** Whole SVG elements by name, as the server's templates draw them. */
export function learn(icons: Record<string, string>): void {
  Object.assign(known, icons);
}

export function Icon({ name }: { name: string }) {
  return <span className="ce-icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: known[name] ?? "" }} />;
}
