import { Moment, type MomentValue, momentOf } from '../../components/Moment';
import { useT } from '../../i18n/messages';

const USUAL_DAYS = 90;

/** What the field has at first: the day on which the API would let a token end. */
export function usualExpiry(): MomentValue {
  const end = new Date(Date.now() + USUAL_DAYS * 86_400_000);
  const local = new Date(end.getTime() - end.getTimezoneOffset() * 60_000).toISOString();
  return { day: local.slice(0, 10), time: local.slice(11, 16) };
}

interface Props {
  value: MomentValue;
  error?: string | undefined;
  onChange: (value: MomentValue) => void;
}

/** When a recipient token ends. */
export function ExpiryField({ value, error, onChange }: Props) {
  const t = useT();
  const isHalf = momentOf(value.day, value.time) === null;
  return (
    <Moment
      label={t('access.tokens.expiresAt')}
      description={t('access.tokens.expiresAt.description')}
      constraint={t('access.tokens.expiresAt.constraint')}
      error={isHalf ? t('access.tokens.expiresAt.needed') : error}
      value={value}
      onChange={onChange}
    />
  );
}
