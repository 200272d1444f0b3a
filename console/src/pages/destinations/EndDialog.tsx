import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from 'handfast-client';
import { useState } from 'react';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { useT } from '../../i18n/messages';

type Members = Schemas['Members'];

interface Props {
  title: string;
  confirm: string;
  detail: string;
  /** What has to be typed; nothing if left out. */
  typeName?: string;
  onConfirm: (members: Members) => Promise<unknown>;
  onClose: () => void;
}

/** Asks before a destination or an activation is ended, and what becomes of the members that are there. */
export function EndDialog({ title, confirm, detail, typeName, onConfirm, onClose }: Props) {
  const t = useT();
  const [members, setMembers] = useState<Members>('exit');
  return (
    <ConfirmDialog
      title={title}
      confirm={confirm}
      {...(typeName !== undefined && { typeName })}
      onConfirm={() => onConfirm(members)}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <div>{detail}</div>
        <RadioGroup
          ariaLabel={t('destinations.members')}
          value={members}
          onChange={({ detail: chosen }) => setMembers(chosen.value as Members)}
          items={[
            {
              value: 'exit',
              label: t('destinations.members.exit'),
              description: t('destinations.members.exit.detail'),
            },
            {
              value: 'keep',
              label: t('destinations.members.keep'),
              description: t('destinations.members.keep.detail'),
            },
          ]}
        />
      </SpaceBetween>
    </ConfirmDialog>
  );
}
