import Link, { type LinkProps } from '@cloudscape-design/components/link';
import { useFollow } from '../layout/follow';

/** A link within the console. */
export function RouteLink(props: LinkProps) {
  return <Link {...props} onFollow={useFollow()} />;
}
