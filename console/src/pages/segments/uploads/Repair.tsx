import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useIntl } from 'react-intl';
import { useSandbox } from '../../../api/me';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { useT } from '../../../i18n/messages';
import type { Import } from '../queries';
import { LeftOut, Named } from './ChosenFiles';
import { FileChooser } from './FileChooser';
import type { Picked } from './files';
import { type Part, useParts, useSendAgain } from './imports';
import { match, wanted } from './repairs';
import { bytesOf } from './sizes';

/** Parts that are still to be sent, or once more, and the start after it. */
export function Repair({ of }: { of: Import }) {
  const t = useT();
  const read = useParts(useSandbox(), of, true);
  const hasFailed = of.status === 'failed';
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t(hasFailed ? 'segments.repair.failed.detail' : 'segments.repair.awaiting.detail')}
        >
          {t(hasFailed ? 'segments.repair.failed' : 'segments.repair.awaiting')}
        </Header>
      }
    >
      <ProblemAlert error={read.error} onRetry={() => void read.refetch()} />
      {read.isPending && <StatusIndicator type="loading">{t('common.loading')}</StatusIndicator>}
      {read.data && <Choose of={of} parts={read.data} />}
    </Container>
  );
}

function Choose({ of, parts }: { of: Import; parts: Part[] }) {
  const t = useT();
  const intl = useIntl();
  const [picked, setPicked] = useState<Picked | null>(null);
  const hasFailed = of.status === 'failed';
  const send = useSendAgain(useSandbox(), of);
  const absent = wanted(parts).filter(({ sizeBytes }) => sizeBytes === null);
  const { sending, missing, strangers } = match(parts, picked?.files ?? []);
  const bytes = sending.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <SpaceBetween size="m">
      {absent.length > 0 && (
        <Box>
          {t('segments.repair.absent', { here: parts.length - absent.length, total: parts.length })}{' '}
          <Named names={absent.map(({ name }) => name)} />
        </Box>
      )}
      <FormField stretch label={t('segments.repair.label')} description={t('segments.repair.description')}>
        <FileChooser onPick={setPicked} />
      </FormField>
      {picked && (
        <>
          <StatusIndicator type={missing.length ? 'warning' : 'success'}>
            {t('segments.repair.chosen', { count: sending.length, size: bytesOf(intl, bytes) })}
          </StatusIndicator>
          <LeftOut names={picked.leftOut} />
          {strangers.length > 0 && (
            <Alert type="warning" header={t('segments.repair.strangers', { count: strangers.length })}>
              <Named names={strangers} />
            </Alert>
          )}
        </>
      )}
      {missing.length > 0 && (picked || absent.length < missing.length) && (
        <Box>
          {t('segments.repair.missing', { count: missing.length })} <Named names={missing} />
        </Box>
      )}
      <Button
        variant="primary"
        disabled={missing.length > 0}
        {...(missing.length > 0 && { disabledReason: t('segments.repair.missing', { count: missing.length }) })}
        loading={send.isPending}
        onClick={() => send.mutate(sending)}
      >
        {t(`segments.repair.${sending.length ? 'send' : 'start'}.${hasFailed ? 'again' : 'first'}`)}
      </Button>
    </SpaceBetween>
  );
}
