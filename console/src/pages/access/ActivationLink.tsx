import { useIntl } from 'react-intl';
import { ShownOnce } from '../../components/ShownOnce';
import { useT } from '../../i18n/messages';
import type { RecipientToken } from './recipient-tokens';

interface Props {
  title: string;
  token: RecipientToken;
  onClose: () => void;
}

/** The link by which a token is fetched, which is told once. */
export function ActivationLink({ title, token, onClose }: Props) {
  const t = useT();
  const intl = useIntl();
  const { activationUrl, activationExpiresAt } = token;
  const until = activationExpiresAt
    ? intl.formatDate(activationExpiresAt, { dateStyle: 'medium', timeStyle: 'short' })
    : '';
  return (
    <ShownOnce title={title} label={t('access.tokens.link')} value={activationUrl ?? ''} onClose={onClose}>
      {t('access.tokens.link.detail', { until })}
    </ShownOnce>
  );
}
