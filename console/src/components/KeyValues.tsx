import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';

interface Props {
  items: KeyValuePairsProps.Item[];
  columns?: number;
}

/** What is known of one thing, by label. */
export function KeyValues({ items, columns = 3 }: Props) {
  return <KeyValuePairs columns={columns} items={items} minColumnWidth={180} />;
}
