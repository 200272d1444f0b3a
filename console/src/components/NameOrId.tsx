import Link from '@cloudscape-design/components/link';
import { useFollow } from '../layout/follow';

interface TextProps {
  children: string;
}

/** Text that somebody else has written: never markup, in its own direction, cut to the line with the whole as title. */
export function Written({ children }: TextProps) {
  return (
    <span className="written" dir="auto" title={children.length > 40 ? children.slice(0, 1000) : undefined}>
      {children}
    </span>
  );
}

interface Props {
  name?: string | null;
  id: string;
  href?: string;
}

/** A thing's name, or its id where it has none or it is unknown; a link where it has a page. */
export function NameOrId({ name, id, href }: Props) {
  const follow = useFollow();
  const text = <Written>{name?.trim() ? name : id}</Written>;
  return href ? (
    <Link href={href} onFollow={follow}>
      {text}
    </Link>
  ) : (
    text
  );
}
