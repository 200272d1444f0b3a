import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../api/me';
import { useT } from '../../i18n/messages';
import { isOpen } from './board';
import { type DayCalendar, leftUntil, UTC } from './deadlines';
import { type PrivacyRequest, useSandboxSettings } from './queries';

const SOON_DAYS = 7;

/** The days of the sandbox, by which its deadlines are counted; of UTC until they are read. */
export function useCalendar(): DayCalendar {
  return useSandboxSettings(useSandbox()).data?.value.settings ?? UTC;
}

interface Props {
  request: Pick<PrivacyRequest, 'dueAt' | 'status'>;
  calendar: DayCalendar;
}

/** The day that a request is due, and how long that is, in calendar days and in working days. */
export function Deadline({ request, calendar }: Props) {
  const t = useT();
  const intl = useIntl();
  const { timeZone } = calendar;
  const due = new Date(request.dueAt);
  const title = intl.formatDate(due, { dateStyle: 'full', timeStyle: 'long', timeZone });
  const day = (
    <time dateTime={request.dueAt} title={title} className="time">
      {intl.formatDate(due, { dateStyle: 'medium', timeZone })}
    </time>
  );
  if (!isOpen(request)) return day;
  const { days, workingDays, isOverdue } = leftUntil(request.dueAt, Date.now(), calendar);
  const left = isOverdue
    ? t('privacy.due.overdue', { days: -days, workingDays })
    : t('privacy.due.left', { days, workingDays });
  return (
    <>
      {day}
      <Box fontSize="body-s" color="text-body-secondary">
        {isOverdue || days <= SOON_DAYS ? (
          <StatusIndicator type={isOverdue ? 'error' : 'warning'}>{left}</StatusIndicator>
        ) : (
          left
        )}
      </Box>
    </>
  );
}
