import TokenGroup from '@cloudscape-design/components/token-group';
import { useT } from '../../i18n/messages';

interface Props {
  title: string;
  items: { id: string; name: string }[];
  onRemove: (id: string) => void;
}

const LONGEST = 80;

/** What has been chosen of a long list, to be taken out again. */
export function Chosen({ title, items, onRemove }: Props) {
  const t = useT();
  if (items.length === 0) return null;
  return (
    <section aria-label={title}>
      <TokenGroup
        limit={10}
        items={items.map(({ name }) => ({
          label: name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name,
          dismissLabel: t('feeds.remove', { name: name.slice(0, LONGEST) }),
        }))}
        onDismiss={({ detail }) => {
          const item = items[detail.itemIndex];
          if (item) onRemove(item.id);
        }}
      />
    </section>
  );
}
