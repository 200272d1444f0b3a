import Badge from '@cloudscape-design/components/badge';
import { useT } from '../i18n/messages';

/** Labels or other codes, each as a badge. */
export function Labels({ labels }: { labels: readonly string[] | null | undefined }) {
  const t = useT();
  if (!labels?.length) return <>{t('common.none')}</>;
  return (
    <span className="labels">
      {labels.map((label) => (
        <Badge key={label}>
          <span dir="auto">{label}</span>
        </Badge>
      ))}
    </span>
  );
}
