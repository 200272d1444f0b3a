import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { useT } from '../i18n/messages';
import { CopyId } from './CopyId';

interface Props {
  title: string;
  /** What it is, such as *Secret*. */
  label: string;
  value: string;
  onClose: () => void;
  /** What is done with it. */
  children?: ReactNode;
}

/** A secret that the API tells once. The dialog does not close by a slip beside it. */
export function ShownOnce({ title, label, value, onClose, children }: Props) {
  const t = useT();
  return (
    <Modal
      visible
      header={title}
      onDismiss={({ detail }) => {
        if (detail.reason !== 'overlay') onClose();
      }}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            {t('once.close')}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Alert type="warning">{t('once.warning')}</Alert>
        <Box>
          <Box variant="awsui-key-label">{label}</Box>
          <span className="secret">
            <CopyId value={value} label={label} />
          </span>
        </Box>
        {children && <div>{children}</div>}
      </SpaceBetween>
    </Modal>
  );
}
