import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Count } from '../../../components/Count';
import { KeyValues } from '../../../components/KeyValues';
import { useT } from '../../../i18n/messages';
import type { Look } from './mapping';
import { Rejects, Warnings } from './results';

interface Props {
  look: Look;
  /** The file that was looked at, where there are others. */
  sample: string | null;
  /** The columns have been mapped otherwise since. */
  isStale: boolean;
  isLooking: boolean;
  onAgain: () => void;
}

/** What an upload would make of the first rows, as they were mapped when they were looked at. */
export function Looked({ look, sample, isStale, isLooking, onAgain }: Props) {
  const t = useT();
  const { wouldReject, error, rows, whole } = look;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={t(whole ? 'segments.look.whole' : 'segments.look.first', { rows })}
            actions={
              <Button formAction="none" loading={isLooking} onClick={onAgain}>
                {t('segments.look.again')}
              </Button>
            }
          >
            {t('segments.look')}
          </Header>
        }
      >
        <SpaceBetween size="m">
          {sample && <Box color="text-body-secondary">{t('segments.look.sample', { file: sample })}</Box>}
          {isStale && <Alert type="info">{t('segments.look.stale')}</Alert>}
          {error && (
            <Alert type="warning" header={t('segments.look.fails')}>
              <span dir="auto">{error.detail}</span>
            </Alert>
          )}
          {wouldReject ? (
            <KeyValues
              columns={3}
              items={(['rows', 'accepted', 'rejected'] as const).map((name) => ({
                label: t(`segments.counts.${name}`),
                value: <Count value={wouldReject[name]} />,
              }))}
            />
          ) : (
            <Box color="text-body-secondary">{t('segments.look.nothing')}</Box>
          )}
        </SpaceBetween>
      </Container>
      {wouldReject && (wouldReject.rejected > 0 || Object.keys(wouldReject.valuesRejected).length > 0) && (
        <Rejects counts={wouldReject} description={t('segments.look.rejects')} />
      )}
      {look.warnings.length > 0 && <Warnings upload={look} />}
    </SpaceBetween>
  );
}
