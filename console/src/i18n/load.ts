import type { I18nProviderProps } from '@cloudscape-design/components/i18n';
import type { Locale, Messages } from './locale';

type Loaders = Record<string, () => Promise<Messages>>;

const shared = import.meta.glob<Messages>('./messages.*.json', { import: 'default' }) as Loaders;
const ofAreas = import.meta.glob<Messages>('../pages/*/messages.*.json', { import: 'default' }) as Loaders;

async function load(loaders: Loaders, path: string): Promise<Messages> {
  const loader = loaders[path];
  if (!loader) throw new Error(`no messages at ${path}`);
  return loader();
}

/** The messages that all pages share. */
export const sharedMessages = (locale: Locale) => load(shared, `./messages.${locale}.json`);

/** The messages of one area's pages. */
export const areaMessages = (area: string, locale: Locale) => load(ofAreas, `../pages/${area}/messages.${locale}.json`);

type ComponentMessages = I18nProviderProps.Messages;

const OF_COMPONENTS: Record<Locale, () => Promise<{ default: ComponentMessages }>> = {
  en: () => import('@cloudscape-design/components/i18n/messages/all.en'),
  de: () => import('@cloudscape-design/components/i18n/messages/all.de'),
  ja: () => import('@cloudscape-design/components/i18n/messages/all.ja'),
};

/** Cloudscape's own messages. */
export const componentMessages = async (locale: Locale) => (await OF_COMPONENTS[locale]()).default;
