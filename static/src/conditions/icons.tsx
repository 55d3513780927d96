// The icons this editor names.
import at from "@tabler/icons/outline/user.svg?raw";
import bolt from "@tabler/icons/outline/bolt.svg?raw";
import brackets from "@tabler/icons/outline/brackets.svg?raw";
import check from "@tabler/icons/outline/check.svg?raw";
import dots from "@tabler/icons/outline/dots.svg?raw";
import down from "@tabler/icons/outline/chevron-down.svg?raw";
import grip from "@tabler/icons/outline/grip-vertical.svg?raw";
import mail from "@tabler/icons/outline/mail.svg?raw";
import plus from "@tabler/icons/outline/plus.svg?raw";
import question from "@tabler/icons/outline/help.svg?raw";
import segment from "@tabler/icons/outline/users-group.svg?raw";
import warning from "@tabler/icons/outline/alert-triangle.svg?raw";
import x from "@tabler/icons/outline/x.svg?raw";

const OWN = { attribute: at, event: bolt, brackets, check, dots, down, grip, mail, plus, question, segment, warning, x };
export type IconName = keyof typeof OWN;

export function Icon({ name }: { name: IconName }) {
  return <span className="ce-icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: OWN[name] }} />;
}
