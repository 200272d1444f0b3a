import { Labels } from '../../components/Labels';
import { useT } from '../../i18n/messages';
import { ALL } from './events';

/** The events that a webhook is sent, as its patterns. */
export function Events({ types }: { types: readonly string[] }) {
  const t = useT();
  return <Labels labels={types.map((type) => (type === ALL ? t('webhooks.types.all') : type))} />;
}
