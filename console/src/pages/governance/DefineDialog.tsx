import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { useT } from '../../i18n/messages';

export interface Defined {
  code: string;
  name: string;
  description: string | null;
}

interface Props {
  title: string;
  /** The one that is changed; its code stays. A new one where it is left out. */
  initial?: Defined;
  taken: readonly string[];
  onSave: (defined: Defined) => Promise<unknown>;
  onClose: () => void;
}

/** Defines a label or a marketing action of the sandbox's own, or changes its name and meaning. */
export function DefineDialog({ title, initial, taken, onSave, onClose }: Props) {
  const t = useT();
  const [defined, setDefined] = useState<Defined>(initial ?? { code: '', name: '', description: null });
  const code = defined.code.trim();
  const isTaken = !initial && taken.includes(code);
  const codeError = isTaken ? t('governance.define.code.taken') : undefined;
  return (
    <ConfirmDialog
      title={title}
      confirm={t('governance.define.save')}
      isWaiting={!code || isTaken}
      onConfirm={() =>
        onSave({ code, name: defined.name.trim() || code, description: defined.description?.trim() || null })
      }
      onClose={onClose}
    >
      <div className="stack">
        <FormField
          label={t('governance.define.code')}
          constraintText={t('governance.define.code.constraint')}
          errorText={codeError}
        >
          <Input
            value={defined.code}
            disabled={initial !== undefined}
            onChange={({ detail }) => setDefined({ ...defined, code: detail.value })}
          />
        </FormField>
        <FormField label={t('governance.define.name')}>
          <Input value={defined.name} onChange={({ detail }) => setDefined({ ...defined, name: detail.value })} />
        </FormField>
        <FormField label={t('governance.define.description')}>
          <Textarea
            value={defined.description ?? ''}
            rows={3}
            onChange={({ detail }) => setDefined({ ...defined, description: detail.value })}
          />
        </FormField>
      </div>
    </ConfirmDialog>
  );
}
