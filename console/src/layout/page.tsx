import type { AppLayoutProps } from '@cloudscape-design/components/app-layout';
import { createContext, type ReactNode, useContext, useEffect } from 'react';

export interface Crumb {
  text: string;
  /** Left out for the page itself, the last one. */
  href?: string;
}

/** What a page tells the frame around it. */
export interface PageFrame {
  title: string;
  breadcrumbs: Crumb[];
  contentType?: AppLayoutProps.ContentType;
  help?: ReactNode;
}

export const FrameContext = createContext<(frame: PageFrame) => void>(() => undefined);

/**
 * Tell the frame the page's title (of the document too), its breadcrumbs after the sandbox's, the kind of its content
 * and, if it has one, its HelpPanel. A page calls it once, at its top.
 */
export function usePage({ title, breadcrumbs, contentType, help }: PageFrame): void {
  const setFrame = useContext(FrameContext);
  const trail = JSON.stringify(breadcrumbs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: elements are new on each render; a help panel goes with its title
  useEffect(() => {
    setFrame({ title, breadcrumbs: JSON.parse(trail) as Crumb[], contentType, help });
    document.title = title ? `${title} · Handfast` : 'Handfast';
  }, [setFrame, title, trail, contentType, help !== undefined]);
}
