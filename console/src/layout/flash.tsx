import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import { ProblemError } from 'handfast-client';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { useProblemText } from '../components/problem-text';
import { useT } from '../i18n/messages';

const MOST_AT_ONCE = 5;

interface Flash {
  items: FlashbarProps.MessageDefinition[];
  add: (item: FlashbarProps.MessageDefinition) => void;
}

const FlashContext = createContext<Flash>({ items: [], add: () => undefined });

export function FlashProvider({ children }: { children: ReactNode }) {
  const t = useT();
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const add = useCallback(
    (item: FlashbarProps.MessageDefinition) => {
      const id = crypto.randomUUID();
      const dismiss = () => setItems((all) => all.filter((other) => other.id !== id));
      const shown = { id, dismissible: true, dismissLabel: t('common.dismiss'), onDismiss: dismiss, ...item };
      setItems((all) => [shown, ...all].slice(0, MOST_AT_ONCE));
    },
    [t],
  );
  const flash = useMemo(() => ({ items, add }), [items, add]);
  return <FlashContext value={flash}>{children}</FlashContext>;
}

export const useFlashItems = () => useContext(FlashContext).items;

/** Tell the person at the page's top what came of an action: `flash.success(t('…'))`, `flash.error(problem)`. */
export function useFlash() {
  const { add } = useContext(FlashContext);
  const describe = useProblemText();
  return useMemo(
    () => ({
      success: (content: ReactNode) => add({ type: 'success', content }),
      info: (content: ReactNode) => add({ type: 'info', content }),
      warning: (content: ReactNode) => add({ type: 'warning', content }),
      error: (cause: unknown) => {
        const { title, detail, requestLine } = describe(cause);
        add({
          type: 'error',
          header: title,
          content: (
            <>
              <span dir="auto">{detail}</span>
              {cause instanceof ProblemError &&
                cause.errors.map((error) => (
                  <div key={error.pointer} dir="auto">
                    {error.pointer}: {error.message}
                  </div>
                ))}
              {requestLine && <div>{requestLine}</div>}
            </>
          ),
        });
      },
    }),
    [add, describe],
  );
}
