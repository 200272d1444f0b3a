import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useSandbox } from '../../api/me';
import { CopyId } from '../../components/CopyId';
import { KeyValues } from '../../components/KeyValues';
import { Time } from '../../components/Time';
import { useT } from '../../i18n/messages';
import { Actor } from './Actor';
import { Detail } from './Detail';
import type { ActivityRecord } from './queries';
import { Subject } from './Subject';
import { useWords } from './words';

interface Props {
  record: ActivityRecord;
  onSameSubject: () => void;
  onClose: () => void;
}

/** One record, with all that it says. */
export function RecordDialog({ record, onSameSubject, onClose }: Props) {
  const t = useT();
  const { event } = useWords();
  const sandbox = useSandbox();
  return (
    <Modal
      visible
      size="large"
      header={event(record.type)}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={onSameSubject}>{t('activity.sameSubject')}</Button>
            <Button variant="primary" onClick={onClose}>
              {t('activity.close')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div className="stack">
        <KeyValues
          columns={2}
          items={[
            { label: t('activity.who'), value: <Actor actor={record.actor} /> },
            { label: t('activity.at'), value: <Time at={record.at} exact /> },
            { label: t('activity.subject'), value: <Subject sandbox={sandbox} record={record} /> },
            { label: t('activity.sequence'), value: String(record.sequence) },
            { label: t('activity.code'), value: <Box variant="code">{record.type}</Box> },
          ]}
        />
        <div>
          <Header variant="h3">{t('activity.detail')}</Header>
          <Detail detail={record.detail} />
        </div>
        <KeyValues
          columns={1}
          items={[
            {
              label: t('activity.hash'),
              value: (
                <span className="secret">
                  <CopyId value={record.hash} label={t('activity.hash')} />
                </span>
              ),
            },
            {
              label: t('activity.previousHash'),
              value: (
                <span className="secret">
                  <CopyId value={record.previousHash} label={t('activity.previousHash')} />
                </span>
              ),
            },
          ]}
        />
      </div>
    </Modal>
  );
}
