import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import { useT } from '../i18n/messages';

interface Props {
  value: string;
  /** What the value is, for the button's label; an id if left out. */
  label?: string;
}

/** An id, or another value that is to be copied whole, with a button that copies it. */
export function CopyId({ value, label }: Props) {
  const t = useT();
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={value}
      copyButtonAriaLabel={t('copy.label', { what: label ?? t('copy.id') })}
      copySuccessText={t('copy.done')}
      copyErrorText={t('copy.failed')}
    />
  );
}
