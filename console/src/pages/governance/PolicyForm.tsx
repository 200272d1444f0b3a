import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import type { Schemas } from 'handfast-client';
import { useState } from 'react';
import { useAction } from '../../api/queries';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { FormPage } from '../../components/FormPage';
import { errorAt } from '../../components/field-errors';
import { useT } from '../../i18n/messages';
import { ActionChoice } from './choices';
import { ExpressionFields } from './ExpressionFields';
import { type Expression, expressionOf, type Group } from './expression';
import type { Effects } from './queries';
import { RulesEffects } from './RulesEffects';

export type PolicyBody = Schemas['PutPolicy'];

export interface PolicyDraft {
  name: string;
  description: string;
  status: Schemas['PolicyStatus'];
  actions: string[];
  deny: Group;
}

interface Props {
  title: string;
  submit: string;
  /** The verb in the dialog that shows the dry run. */
  confirm: string;
  initial: PolicyDraft;
  dryRun: (body: PolicyBody) => Promise<Effects>;
  save: (body: PolicyBody) => Promise<unknown>;
  back: string;
}

const STATUSES = ['DRAFT', 'ENABLED', 'DISABLED'] as const;
const FIELDS = ['/name', '/description', '/marketingActions', '/deny', '/status'];

const bodyOfDraft = ({ name, description, status, actions }: PolicyDraft, deny: Expression): PolicyBody => ({
  name: name.trim(),
  description: description.trim() || null,
  status,
  marketingActions: actions,
  deny,
});

/** The form that makes or changes a policy; what it would stop is shown before it is done. */
export function PolicyForm({ title, submit, confirm, initial, dryRun, save, back }: Props) {
  const t = useT();
  const [draft, setDraft] = useState(initial);
  const [isTried, setTried] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const preview = useAction(dryRun);
  const deny = expressionOf(draft.deny);
  const change = (members: Partial<PolicyDraft>) => setDraft({ ...draft, ...members });
  const submitForm = () => {
    setTried(true);
    if (deny) preview.mutate(bodyOfDraft(draft, deny), { onSuccess: () => setAsking(true) });
  };
  const { error } = preview;
  return (
    <>
      <FormPage
        title={title}
        submit={submit}
        error={error}
        fields={FIELDS}
        isPending={preview.isPending}
        onSubmit={submitForm}
        back={back}
      >
        <Container header={<Header variant="h2">{t('governance.policy.form.about')}</Header>}>
          <SpaceBetween size="l">
            <FormField label={t('governance.policy.name')} errorText={errorAt(error, '/name')}>
              <Input value={draft.name} onChange={({ detail }) => change({ name: detail.value })} />
            </FormField>
            <FormField
              label={t('governance.policy.description')}
              constraintText={t('governance.policy.form.description.constraint')}
              errorText={errorAt(error, '/description')}
            >
              <Textarea
                value={draft.description}
                rows={2}
                onChange={({ detail }) => change({ description: detail.value })}
              />
            </FormField>
          </SpaceBetween>
        </Container>
        <Container
          header={
            <Header variant="h2" description={t('governance.policy.form.actions.detail')}>
              {t('governance.policy.form.actions')}
            </Header>
          }
        >
          <FormField label={t('governance.policy.actions')} errorText={errorAt(error, '/marketingActions')}>
            <ActionChoice chosen={draft.actions} onChange={(actions) => change({ actions })} />
          </FormField>
        </Container>
        <Container
          header={
            <Header variant="h2" description={t('governance.policy.form.deny.detail')}>
              {t('governance.policy.form.deny')}
            </Header>
          }
        >
          <FormField
            stretch
            errorText={isTried && !deny ? t('governance.expression.missing') : errorAt(error, '/deny')}
          >
            <ExpressionFields group={draft.deny} onChange={(group) => change({ deny: group })} />
          </FormField>
        </Container>
        <Container header={<Header variant="h2">{t('governance.policy.form.status')}</Header>}>
          <FormField label={t('governance.policy.status')} errorText={errorAt(error, '/status')}>
            <RadioGroup
              value={draft.status}
              items={STATUSES.map((value) => ({ value, label: t(`governance.policy.form.status.${value}`) }))}
              onChange={({ detail }) => change({ status: detail.value as PolicyDraft['status'] })}
            />
          </FormField>
        </Container>
      </FormPage>
      {isAsking && preview.data && deny && (
        <ConfirmDialog
          title={t('governance.policy.form.review.title')}
          confirm={confirm}
          onConfirm={() => save(bodyOfDraft(draft, deny))}
          onClose={() => setAsking(false)}
        >
          <RulesEffects found={preview.data} />
        </ConfirmDialog>
      )}
    </>
  );
}
