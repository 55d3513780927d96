// "Wait **2 days**" with its bold parts.
export function Text({ children }: { children: string }) {
  const parts = children.split("**");
  return <>{parts.map((part, index) => (index % 2 ? <strong key={index}>{part}</strong> : part))}</>;
}
