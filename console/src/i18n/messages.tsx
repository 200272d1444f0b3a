import { I18nProvider } from '@cloudscape-design/components/i18n';
import { type ReactNode, use, useCallback } from 'react';
import { IntlProvider, useIntl } from 'react-intl';
import { areaMessages, componentMessages, sharedMessages } from './load';
import type { Locale, Messages } from './locale';
import { usePreferences } from './preferences';

const loading = new Map<string, Promise<unknown>>();

/** One promise for each thing to load, as `use` needs; one that failed is tried anew. */
function once<T>(key: string, load: () => Promise<T>): Promise<T> {
  let promise = loading.get(key) as Promise<T> | undefined;
  if (!promise) {
    promise = load();
    promise.catch(() => loading.delete(key));
    loading.set(key, promise);
  }
  return promise;
}

const frame = (locale: Locale) =>
  once(`shared ${locale}`, () => Promise.all([sharedMessages(locale), componentMessages(locale)]));

/** The messages that all pages share, Cloudscape's among them, in the person's language. Suspends. */
export function SharedMessages({ children }: { children: ReactNode }) {
  const { locale } = usePreferences().preferences;
  const [messages, ofComponents] = use(frame(locale));
  return (
    <IntlProvider locale={locale} messages={messages} onError={failLoudly}>
      <I18nProvider locale={locale} messages={[ofComponents]}>
        {children}
      </I18nProvider>
    </IntlProvider>
  );
}

/** The messages of one area beside the shared ones. Suspends. */
export function AreaMessages({ area, children }: { area: string; children: ReactNode }) {
  const intl = useIntl();
  const locale = intl.locale as Locale;
  const own = use(once(`${area} ${locale}`, () => areaMessages(area, locale)));
  const messages = { ...(intl.messages as Messages), ...own };
  return (
    <IntlProvider locale={locale} messages={messages} onError={failLoudly}>
      {children}
    </IntlProvider>
  );
}

/** A missing message fails the test that meets it; people see its key. */
function failLoudly(error: Error): void {
  if (import.meta.env.MODE === 'test') throw error;
}

type Values = Record<string, string | number | Date | boolean | null | undefined>;
export type Translate = (key: string, values?: Values) => string;

/** The function that gives a message by its key: `t('webhooks.title')`. */
export function useT(): Translate {
  const intl = useIntl();
  return useCallback((key, values) => intl.formatMessage({ id: key }, values), [intl]);
}
