import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useT } from '../i18n/messages';
import { ProblemAlert } from './ProblemAlert';

export interface ConfirmProps {
  title: string;
  /** What happens, in the words of the person it happens to. */
  children: ReactNode;
  /** The verb on the button, such as *Delete*. */
  confirm: string;
  /** Does it. Its problem stands in the dialog; afterwards `onClose` is called. */
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  /** What cannot be undone asks for this to be typed. */
  typeName?: string;
  /** The button waits, as for a dry run. */
  isWaiting?: boolean;
}

/** Asks before something is done. Mount it to open it: `{asking && <ConfirmDialog … />}`. */
export function ConfirmDialog(props: ConfirmProps) {
  const { title, children, confirm, onConfirm, onClose, typeName, isWaiting = false } = props;
  const t = useT();
  const [typed, setTyped] = useState('');
  const action = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  const isNamed = typeName === undefined || typed.trim() === typeName.trim();
  return (
    <Modal
      visible
      header={<span dir="auto">{title}</span>}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {t('common.cancel')}
            </Button>
            <Button
              variant="primary"
              disabled={!isNamed || isWaiting}
              loading={action.isPending}
              onClick={() => action.mutate()}
            >
              {confirm}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <div>{children}</div>
        {typeName !== undefined && (
          <FormField
            label={t('confirm.type')}
            constraintText={
              <span dir="auto" className="breaks">
                {typeName.trim()}
              </span>
            }
          >
            <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} autoComplete={false} />
          </FormField>
        )}
        <ProblemAlert error={action.error} />
      </SpaceBetween>
    </Modal>
  );
}
